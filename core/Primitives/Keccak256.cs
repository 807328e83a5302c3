using System.Buffers.Binary;
using static System.Numerics.BitOperations;

namespace KmsCloud.Primitives;

/// <summary>
/// Keccak-f[1600] with 256-bit output: the original Keccak padding (Ethereum) and SHA3-256 (FIPS 202).
/// </summary>
public static class Keccak256
{
    private const int Rate = 136; // 1600 - 2·256 bits, in bytes
    private const byte KeccakPadding = 0x01;
    private const byte Sha3Padding = 0x06;

    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>Keccak-256 as Ethereum uses it (padding 0x01): 32 bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> data) => Absorb(data, KeccakPadding);

    /// <summary>SHA3-256 (FIPS 202, padding 0x06): 32 bytes.</summary>
    public static byte[] Sha3(ReadOnlySpan<byte> data) => Absorb(data, Sha3Padding);

    private static byte[] Absorb(ReadOnlySpan<byte> data, byte padding)
    {
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        while (data.Length >= Rate)
        {
            XorBlock(state, data[..Rate]);
            data = data[Rate..];
        }

        Span<byte> last = stackalloc byte[Rate];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] = padding;
        last[Rate - 1] |= 0x80;
        XorBlock(state, last);

        var output = new byte[32];
        for (var i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(output.AsSpan(i * 8), state[i]);
        }

        return output;
    }

    private static void XorBlock(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (var i = 0; i < Rate / 8; i++)
        {
            state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(i * 8)..]);
        }

        Permute(state);
    }

    /// <summary>
    /// The 24 rounds (FIPS 202, 3.2), lane x + 5y of the standard being a[x + 5y]: written out, as indexing costs four
    /// times as much.
    /// </summary>
    private static void Permute(Span<ulong> a)
    {
        var (a0, a1, a2, a3, a4) = (a[0], a[1], a[2], a[3], a[4]);
        var (a5, a6, a7, a8, a9) = (a[5], a[6], a[7], a[8], a[9]);
        var (a10, a11, a12, a13, a14) = (a[10], a[11], a[12], a[13], a[14]);
        var (a15, a16, a17, a18, a19) = (a[15], a[16], a[17], a[18], a[19]);
        var (a20, a21, a22, a23, a24) = (a[20], a[21], a[22], a[23], a[24]);
        foreach (var roundConstant in RoundConstants)
        {
            var c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20; // theta
            var c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
            var c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
            var c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
            var c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
            var d0 = c4 ^ RotateLeft(c1, 1);
            var d1 = c0 ^ RotateLeft(c2, 1);
            var d2 = c1 ^ RotateLeft(c3, 1);
            var d3 = c2 ^ RotateLeft(c4, 1);
            var d4 = c3 ^ RotateLeft(c0, 1);

            var b0 = a0 ^ d0; // rho and pi, and chi of each plane
            var b1 = RotateLeft(a6 ^ d1, 44);
            var b2 = RotateLeft(a12 ^ d2, 43);
            var b3 = RotateLeft(a18 ^ d3, 21);
            var b4 = RotateLeft(a24 ^ d4, 14);
            var b5 = RotateLeft(a3 ^ d3, 28);
            var b6 = RotateLeft(a9 ^ d4, 20);
            var b7 = RotateLeft(a10 ^ d0, 3);
            var b8 = RotateLeft(a16 ^ d1, 45);
            var b9 = RotateLeft(a22 ^ d2, 61);
            var b10 = RotateLeft(a1 ^ d1, 1);
            var b11 = RotateLeft(a7 ^ d2, 6);
            var b12 = RotateLeft(a13 ^ d3, 25);
            var b13 = RotateLeft(a19 ^ d4, 8);
            var b14 = RotateLeft(a20 ^ d0, 18);
            var b15 = RotateLeft(a4 ^ d4, 27);
            var b16 = RotateLeft(a5 ^ d0, 36);
            var b17 = RotateLeft(a11 ^ d1, 10);
            var b18 = RotateLeft(a17 ^ d2, 15);
            var b19 = RotateLeft(a23 ^ d3, 56);
            var b20 = RotateLeft(a2 ^ d2, 62);
            var b21 = RotateLeft(a8 ^ d3, 55);
            var b22 = RotateLeft(a14 ^ d4, 39);
            var b23 = RotateLeft(a15 ^ d0, 41);
            var b24 = RotateLeft(a21 ^ d1, 2);

            (a0, a1, a2, a3, a4) = (b0 ^ (~b1 & b2) ^ roundConstant, b1 ^ (~b2 & b3), b2 ^ (~b3 & b4), b3 ^ (~b4 & b0), b4 ^ (~b0 & b1)); // iota in the first
            (a5, a6, a7, a8, a9) = (b5 ^ (~b6 & b7), b6 ^ (~b7 & b8), b7 ^ (~b8 & b9), b8 ^ (~b9 & b5), b9 ^ (~b5 & b6));
            (a10, a11, a12, a13, a14) = (b10 ^ (~b11 & b12), b11 ^ (~b12 & b13), b12 ^ (~b13 & b14), b13 ^ (~b14 & b10), b14 ^ (~b10 & b11));
            (a15, a16, a17, a18, a19) = (b15 ^ (~b16 & b17), b16 ^ (~b17 & b18), b17 ^ (~b18 & b19), b18 ^ (~b19 & b15), b19 ^ (~b15 & b16));
            (a20, a21, a22, a23, a24) = (b20 ^ (~b21 & b22), b21 ^ (~b22 & b23), b22 ^ (~b23 & b24), b23 ^ (~b24 & b20), b24 ^ (~b20 & b21));
        }

        (a[0], a[1], a[2], a[3], a[4]) = (a0, a1, a2, a3, a4);
        (a[5], a[6], a[7], a[8], a[9]) = (a5, a6, a7, a8, a9);
        (a[10], a[11], a[12], a[13], a[14]) = (a10, a11, a12, a13, a14);
        (a[15], a[16], a[17], a[18], a[19]) = (a15, a16, a17, a18, a19);
        (a[20], a[21], a[22], a[23], a[24]) = (a20, a21, a22, a23, a24);
    }
}

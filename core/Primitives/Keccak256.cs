using System.Buffers.Binary;
using System.Numerics;

namespace KmsCloud.Primitives;

/// <summary>Keccak-f[1600] with 256-bit output: the original Keccak padding (Ethereum) and SHA3-256 (FIPS 202).</summary>
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

    private static ReadOnlySpan<byte> Rotations => [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];

    private static ReadOnlySpan<byte> Lanes => [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

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

    private static void Permute(Span<ulong> a)
    {
        Span<ulong> c = stackalloc ulong[5];
        foreach (var roundConstant in RoundConstants)
        {
            for (var x = 0; x < 5; x++) // theta
            {
                c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
            }

            for (var x = 0; x < 5; x++)
            {
                var d = c[(x + 4) % 5] ^ BitOperations.RotateLeft(c[(x + 1) % 5], 1);
                for (var y = 0; y < 25; y += 5)
                {
                    a[y + x] ^= d;
                }
            }

            var moved = a[1]; // rho and pi
            for (var i = 0; i < 24; i++)
            {
                (a[Lanes[i]], moved) = (BitOperations.RotateLeft(moved, Rotations[i]), a[Lanes[i]]);
            }

            for (var y = 0; y < 25; y += 5) // chi
            {
                var (a0, a1) = (a[y], a[y + 1]);
                a[y] = a0 ^ (~a1 & a[y + 2]);
                a[y + 1] = a1 ^ (~a[y + 2] & a[y + 3]);
                a[y + 2] ^= ~a[y + 3] & a[y + 4];
                a[y + 3] ^= ~a[y + 4] & a0;
                a[y + 4] ^= ~a0 & a1;
            }

            a[0] ^= roundConstant; // iota
        }
    }
}

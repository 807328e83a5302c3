using System.Buffers.Binary;
using System.Numerics;

namespace KmsCloud.Primitives;

/// <summary>
/// RIPEMD-160 (Dobbertin, Bosselaers, Preneel 1996): 20 bytes. Hashes public keys only, so it holds no secrets.
/// </summary>
internal static class Ripemd160
{
    private static ReadOnlySpan<byte> LeftWords =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8,
        3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12, 1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2,
        4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13,
    ];

    private static ReadOnlySpan<byte> RightWords =>
    [
        5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12, 6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2,
        15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13, 8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14,
        12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11,
    ];

    private static ReadOnlySpan<byte> LeftShifts =>
    [
        11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8, 7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12,
        11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5, 11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12,
        9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6,
    ];

    private static ReadOnlySpan<byte> RightShifts =>
    [
        8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6, 9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11,
        9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5, 15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8,
        8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11,
    ];

    private static ReadOnlySpan<uint> LeftConstants => [0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e];

    private static ReadOnlySpan<uint> RightConstants => [0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0];

    /// <summary>The 20-byte hash.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> data)
    {
        Span<uint> state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        var bits = checked((ulong)data.Length * 8);
        while (data.Length >= 64)
        {
            Compress(state, data[..64]);
            data = data[64..];
        }

        Span<byte> tail = stackalloc byte[128];
        tail.Clear();
        data.CopyTo(tail);
        tail[data.Length] = 0x80;
        var end = data.Length < 56 ? 64 : 128;
        BinaryPrimitives.WriteUInt64LittleEndian(tail[(end - 8)..], bits);
        for (var i = 0; i < end; i += 64)
        {
            Compress(state, tail.Slice(i, 64));
        }

        var output = new byte[20];
        for (var i = 0; i < 5; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(output.AsSpan(i * 4), state[i]);
        }

        return output;
    }

    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> x = stackalloc uint[16];
        for (var i = 0; i < 16; i++)
        {
            x[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(i * 4)..]);
        }

        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4]);
        var (f, g, h, k, l) = (a, b, c, d, e);
        unchecked // arithmetic mod 2^32
        {
            for (var j = 0; j < 80; j++)
            {
                var round = j / 16;
                var left = BitOperations.RotateLeft(a + Mix(round, b, c, d) + x[LeftWords[j]] + LeftConstants[round], LeftShifts[j]) + e;
                (a, e, d, c, b) = (e, d, BitOperations.RotateLeft(c, 10), b, left);
                var right = BitOperations.RotateLeft(f + Mix(4 - round, g, h, k) + x[RightWords[j]] + RightConstants[round], RightShifts[j]) + l;
                (f, l, k, h, g) = (l, k, BitOperations.RotateLeft(h, 10), g, right);
            }

            var first = state[1] + c + k;
            state[1] = state[2] + d + l;
            state[2] = state[3] + e + f;
            state[3] = state[4] + a + g;
            state[4] = state[0] + b + h;
            state[0] = first;
        }
    }

    private static uint Mix(int round, uint x, uint y, uint z) => round switch
    {
        0 => x ^ y ^ z,
        1 => (x & y) | (~x & z),
        2 => (x | ~y) ^ z,
        3 => (x & z) | (y & ~z),
        _ => x ^ (y | ~z),
    };
}

using KmsCloud.Primitives.Native;

namespace KmsCloud.Primitives;

/// <summary>BLAKE2b (RFC 7693) by libsodium, outputs of 16 to 64 bytes.</summary>
public static class Blake2b
{
    /// <summary>
    /// The hash of <paramref name="data"/>, <paramref name="size"/> bytes long (224 bits = 28, 256 bits = 32).
    /// </summary>
    public static byte[] Hash(ReadOnlySpan<byte> data, int size) => Hash(data, size, []);

    /// <summary>The keyed hash; the key has at most 64 bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> data, int size, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, 64);
        var output = new byte[size];
        return Sodium.crypto_generichash_blake2b(output, (nuint)size, data, (ulong)data.Length, key, (nuint)key.Length) == 0
            ? output
            : throw new PlatformNotSupportedException("BLAKE2b failed");
    }
}

using System.Security.Cryptography;

namespace KmsCloud.Primitives;

/// <summary>The compound hashes of the Bitcoin family.</summary>
public static class Digests
{
    /// <summary>SHA-256 of SHA-256: 32 bytes.</summary>
    public static byte[] Sha256d(ReadOnlySpan<byte> data)
    {
        Span<byte> once = stackalloc byte[32];
        SHA256.HashData(data, once);
        return SHA256.HashData(once);
    }

    /// <summary>RIPEMD-160 of SHA-256: 20 bytes.</summary>
    public static byte[] Hash160(ReadOnlySpan<byte> data)
    {
        Span<byte> once = stackalloc byte[32];
        SHA256.HashData(data, once);
        return Ripemd160.Hash(once);
    }

    /// <summary>SHA-256 under a tag (BIP-340): 32 bytes.</summary>
    public static byte[] Tagged(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> data)
    {
        Span<byte> once = stackalloc byte[32];
        SHA256.HashData(tag, once);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(once);
        hash.AppendData(once);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }
}

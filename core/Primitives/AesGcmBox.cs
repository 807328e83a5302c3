using System.Security.Cryptography;
using KmsCloud.Secrets;

namespace KmsCloud.Primitives;

/// <summary>AES-256-GCM (NIST SP 800-38D) in one piece: 12-byte nonce ‖ ciphertext ‖ 16-byte tag.</summary>
internal static class AesGcmBox
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 32;

    /// <summary>Bytes of the nonce in front.</summary>
    public const int NonceSize = 12;

    /// <summary>Bytes of the tag behind.</summary>
    public const int TagSize = 16;

    /// <summary>Encrypts under a fresh random nonce.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        var box = new byte[NonceSize + plaintext.Length + TagSize];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(
            box.AsSpan(0, NonceSize),
            plaintext,
            box.AsSpan(NonceSize, plaintext.Length),
            box.AsSpan(^TagSize..),
            associatedData);
        return box;
    }

    /// <summary>
    /// Decrypts in the memory that holds the box, behind its associated data; null when they and the key do not belong
    /// together. Takes ownership of it.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="memory">Associated data ‖ box.</param>
    /// <param name="start">Where the box begins.</param>
    public static SecretBytes? OpenInPlace(ReadOnlySpan<byte> key, SecretBytes memory, int start)
    {
        var box = memory.Span[start..];
        if (box.Length >= NonceSize + TagSize && TryDecrypt(key, box, box[NonceSize..^TagSize], memory.Span[..start]))
        {
            return memory.TakePart(start + NonceSize, box.Length - NonceSize - TagSize);
        }

        memory.Dispose();
        return null;
    }

    /// <summary>Decrypts, or returns null when key, box or associated data do not belong together.</summary>
    public static SecretBytes? Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> associatedData)
    {
        if (box.Length < NonceSize + TagSize)
        {
            return null;
        }

        var plaintext = new SecretBytes(box.Length - NonceSize - TagSize);
        if (TryDecrypt(key, box, plaintext.Span, associatedData))
        {
            return plaintext;
        }

        plaintext.Dispose();
        return null;
    }

    private static bool TryDecrypt(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, Span<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        try
        {
            using var aes = new AesGcm(key, TagSize);
            aes.Decrypt(box[..NonceSize], box[NonceSize..^TagSize], box[^TagSize..], plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}

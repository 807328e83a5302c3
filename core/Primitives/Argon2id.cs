using KmsCloud.Errors;
using KmsCloud.Primitives.Native;
using KmsCloud.Secrets;

namespace KmsCloud.Primitives;

/// <summary>
/// Argon2id version 1.3 (RFC 9106) as libsodium's <c>crypto_pwhash</c> computes it: one lane, 16-byte salt.
/// </summary>
internal static class Argon2id
{
    /// <summary>Bytes of a salt.</summary>
    public const int SaltSize = 16;

    private const int Argon2id13 = 2; // crypto_pwhash_ALG_ARGON2ID13

    /// <summary>A key of <paramref name="size"/> bytes from a password.</summary>
    /// <param name="password">UTF-8 bytes of the password.</param>
    /// <param name="salt">16 bytes.</param>
    /// <param name="opslimit">Passes over the memory, at least 1.</param>
    /// <param name="memlimit">Memory in bytes, at least 8192.</param>
    /// <param name="size">Bytes wanted, at least 16.</param>
    /// <exception cref="KmsException">The machine does not have that much memory.</exception>
    public static SecretBytes DeriveKey(
        ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, ulong opslimit, ulong memlimit, int size = 32)
    {
        Secp256k1.Require(salt, SaltSize, "password salt");
        var key = new SecretBytes(size);
        if (Sodium.crypto_pwhash(key.Span, (ulong)size, password, (ulong)password.Length, salt, opslimit, (nuint)memlimit, Argon2id13) == 0)
        {
            return key;
        }

        key.Dispose();
        throw new KmsException(
            Failure.WalletFile,
            $"the password could not be stretched with {memlimit / (1024 * 1024)} MiB of memory",
            "free some memory, or check the opslimit and memlimit in the file's header");
    }
}

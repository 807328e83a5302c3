using System.Security.Cryptography;
using System.Text;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>
/// The wallet.dat of tatum-kms, read only: Base64 of "Salted__" ‖ 8-byte salt ‖ AES-256-CBC ciphertext, key and
/// IV by OpenSSL's EVP_BytesToKey with MD5 and one round. It carries no authentication: a wrong password shows only as
/// bad padding or as contents that are no wallets.
/// </summary>
public static class LegacyWalletFile
{
    private static ReadOnlySpan<byte> Magic => "Salted__"u8;

    /// <summary>Whether bytes look like such a file.</summary>
    public static bool Is(ReadOnlySpan<byte> file) => file.StartsWith("U2FsdGVkX1"u8); // Base64 of the magic

    /// <summary>Reads the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="password">UTF-8.</param>
    /// <param name="skipped">
    /// Takes entries that are no wallets, by id and reason; null makes one of them a failure.
    /// </param>
    /// <exception cref="KmsException">
    /// <see cref="Failure.WrongPassword"/>, or <see cref="Failure.WalletFile"/> when it is not such a file.
    /// </exception>
    public static WalletContents Open(
        ReadOnlySpan<byte> file, ReadOnlySpan<byte> password, ICollection<(string Id, string Reason)>? skipped = null)
    {
        var plaintext = TryDecrypt(Decode(file), password) ?? throw WalletFile.WrongPassword(password, null);
        return WalletContents.TryRead(plaintext, skipped) ?? throw WalletFile.WrongPassword(password, null);
    }

    private static byte[] Decode(ReadOnlySpan<byte> file)
    {
        var text = Encoding.ASCII.GetString(file).Trim();
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length < 32 || length % 16 != 0 || !bytes.AsSpan().StartsWith(Magic))
        {
            throw new KmsException(
                Failure.WalletFile,
                "the wallet file is damaged: it is not a whole tatum-kms file",
                "restore your backup of it");
        }

        return bytes[..length];
    }

    private static SecretBytes? TryDecrypt(ReadOnlySpan<byte> salted, ReadOnlySpan<byte> password)
    {
        using var keyAndIv = DeriveKeyAndIv(password, salted[8..16]);
        using var aes = Aes.Create();
        using var plaintext = new SecretBytes(salted.Length - 16);
        aes.SetKey(keyAndIv.Span[..32]);
        aes.TryDecryptCbc(salted[16..], keyAndIv.Span[32..48], plaintext.Span, out _, PaddingMode.None);
        var padding = plaintext.Span[^1]; // PKCS #7, checked here: a wrong password is no exception
        return padding is 0 or > 16 || plaintext.Span[^padding..].ContainsAnyExcept(padding)
            ? null
            : SecretBytes.Copy(plaintext.Span[..^padding]);
    }

    private static SecretBytes DeriveKeyAndIv(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt)
    {
        var keyAndIv = new SecretBytes(48);
        using var input = new SecretBytes(16 + password.Length + salt.Length);
        password.CopyTo(input.Span[16..]);
        salt.CopyTo(input.Span[(16 + password.Length)..]);
        for (var i = 0; i < 48; i += 16)
        {
            MD5.HashData(i == 0 ? input.Span[16..] : input.Span, keyAndIv.Span[i..]);
            keyAndIv.Span.Slice(i, 16).CopyTo(input.Span);
        }

        return keyAndIv;
    }
}

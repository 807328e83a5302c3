using System.Security.Cryptography;
using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>
/// wallet.dat, version 1, as bytes (docs/wallet-format.md): a JSON header line, then nonce ‖ AES-256-GCM ciphertext ‖
/// tag of the contents with the header line as associated data. The open file keeps the data key, so that it can be
/// read and written again without the password. Owns the key.
/// </summary>
public sealed class WalletFile : IDisposable
{
    /// <summary>Largest file accepted: 256 MiB.</summary>
    public const long LargestFile = 256L * 1024 * 1024;

    private SecretBytes dataKey;
    private WalletHeader header;

    private WalletFile(SecretBytes dataKey, WalletHeader header) => (this.dataKey, this.header) = (dataKey, header);

    /// <summary>Counts the writes; it grows by one with each.</summary>
    public long Generation => header.Generation;

    /// <summary>A file that does not exist yet, under a new random data key.</summary>
    public static WalletFile New(ReadOnlySpan<byte> password, PasswordCost? cost = null)
    {
        var key = SecretBytes.Random(AesGcmBox.KeySize);
        return new(key, new(0, [], [WalletSlot.Wrap("password-1", cost ?? PasswordCost.Standard, password, key.Span)]));
    }

    /// <summary>
    /// Takes the secret for other purposes over from another file. Takes effect with the next <see cref="Write"/>.
    /// </summary>
    public void TakePurpose(LegacyPurpose purpose) =>
        header = header with { Purpose = Wrap(dataKey.Span, purpose.Secret.Span) };

    /// <summary>
    /// Whether the secret for other purposes is that of another file: what that one sealed, this one opens.
    /// </summary>
    public bool Has(LegacyPurpose purpose)
    {
        using var own = PurposeSecret();
        return CryptographicOperations.FixedTimeEquals(own.Span, purpose.Secret.Span);
    }

    /// <summary>
    /// Opens a file with a password. Takes ownership of its bytes, which are decrypted where they are.
    /// </summary>
    /// <exception cref="KmsException">
    /// <see cref="Failure.WrongPassword"/>, or <see cref="Failure.WalletFile"/> when it is damaged or newer.
    /// </exception>
    public static (WalletFile File, WalletContents Contents) Open(SecretBytes bytes, ReadOnlySpan<byte> password)
    {
        WalletFile? file = null;
        try
        {
            var (header, length) = WalletHeader.Read(bytes.Span);
            file = new(Unwrap(header, password), header);
            return (file, file.Decrypt(bytes, header, length));
        }
        catch
        {
            file?.Dispose();
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads a newer state of the same file under the data key already known. Takes ownership of its bytes.
    /// </summary>
    /// <exception cref="KmsException">Damaged, or no longer under this data key.</exception>
    public WalletContents Read(SecretBytes bytes)
    {
        try
        {
            var (newer, length) = WalletHeader.Read(bytes.Span);
            var contents = Decrypt(bytes, newer, length);
            if (newer.Generation < header.Generation)
            {
                contents.Dispose();
                throw new KmsException(
                    Failure.WalletFile, $"the wallet file is generation {newer.Generation} and generation {header.Generation} is open: an older file was put in its place", "put the newer one back");
            }

            header = newer;
            return contents;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of the next generation: a fresh content salt, so that no content key is used twice.</summary>
    public byte[] Write(WalletContents contents)
    {
        header = header with { Generation = header.Generation + 1, ContentSalt = RandomNumberGenerator.GetBytes(WalletHeader.ContentSaltSize) };
        var line = header.ToLine();
        using var key = ContentKey(header.ContentSalt);
        using var plaintext = contents.ToJson();
        return [.. line, .. AesGcmBox.Seal(key.Span, plaintext.Span, line)];
    }

    /// <summary>
    /// A new data key under a new password: neither an old password nor an old copy's data key opens what is written
    /// from here on. Keys for other purposes stay as they are. Takes effect with the next <see cref="Write"/>.
    /// </summary>
    public void ChangePassword(ReadOnlySpan<byte> password, PasswordCost? cost = null)
    {
        var fresh = SecretBytes.Random(AesGcmBox.KeySize);
        using (var secret = PurposeSecret())
        {
            header = header with
            {
                Purpose = Wrap(fresh.Span, secret.Span),
                Slots = [WalletSlot.Wrap("password-1", cost ?? PasswordCost.Standard, password, fresh.Span)],
            };
        }

        dataKey.Dispose();
        dataKey = fresh;
    }

    /// <summary>
    /// A key for another purpose that this file alone gives, HKDF-SHA256 (RFC 5869) of a secret that outlives the data
    /// key.
    /// </summary>
    public SecretBytes PurposeKey(ReadOnlySpan<byte> purpose)
    {
        using var secret = PurposeSecret();
        return Derive(secret.Span, purpose);
    }

    /// <inheritdoc/>
    public void Dispose() => dataKey.Dispose();

    /// <summary>The failure, which names the one cause that cannot be seen on a screen.</summary>
    /// <param name="password">What was tried.</param>
    /// <param name="otherwise">What else it may be, or null.</param>
    internal static KmsException WrongPassword(ReadOnlySpan<byte> password, string? otherwise) => new(
        Failure.WrongPassword,
        "Wrong password.",
        password.EndsWith("\n"u8) || password.EndsWith("\r"u8)
            ? "the password that was given ends with a line break, and that counts: a vault's secret made by echo or from a file has one; store it without (printf, or az keyvault secret set --value)"
            : otherwise);

    private static SecretBytes Unwrap(WalletHeader header, ReadOnlySpan<byte> password)
    {
        foreach (var slot in header.Slots)
        {
            if (slot.TryUnwrap(password) is { } key)
            {
                return key;
            }
        }

        throw WrongPassword(password, otherwise: null);
    }

    private static ReadOnlySpan<byte> PurposeWrap => "kmscloud wallet purpose v1"u8;

    /// <summary>The first data key, or where it was changed what is kept of it under the new one.</summary>
    private SecretBytes PurposeSecret()
    {
        if (header.Purpose is not { } box)
        {
            return SecretBytes.Copy(dataKey.Span);
        }

        using var wrap = Derive(dataKey.Span, PurposeWrap);
        return AesGcmBox.Open(wrap.Span, box, PurposeWrap)
            ?? throw WalletHeader.Damaged("its secret for other purposes does not belong to it");
    }

    private static byte[] Wrap(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> secret)
    {
        using var wrap = Derive(dataKey, PurposeWrap);
        return AesGcmBox.Seal(wrap.Span, secret, PurposeWrap);
    }

    /// <summary>HKDF-SHA256 (RFC 5869) without salt; the purpose is the info. The caller owns the key.</summary>
    internal static SecretBytes Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> purpose)
    {
        var key = new SecretBytes(AesGcmBox.KeySize);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key.Span, salt: [], info: purpose);
        return key;
    }

    private WalletContents Decrypt(SecretBytes bytes, WalletHeader of, int length)
    {
        using var key = ContentKey(of.ContentSalt);
        var plaintext = AesGcmBox.OpenInPlace(key.Span, bytes, length)
            ?? throw WalletHeader.Damaged("its contents do not belong to its header");
        return WalletContents.TryRead(plaintext) ?? throw WalletHeader.Damaged("its contents are not wallets");
    }

    private SecretBytes ContentKey(ReadOnlySpan<byte> salt)
    {
        var key = new SecretBytes(AesGcmBox.KeySize);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, dataKey.Span, key.Span, salt, "kmscloud wallet content v1"u8);
        return key;
    }
}

using System.Buffers.Text;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Passwords;

/// <summary>A place outside the machine that keeps the wallet file's password.</summary>
public interface IPasswordVault
{
    /// <summary>Its name in tatum-kms's reports: AZURE, AWS or VGS.</summary>
    string StoreType { get; }

    /// <summary>The password, or null when the vault has no such secret.</summary>
    /// <exception cref="KmsException">The vault cannot be reached, or does not let us in.</exception>
    Task<SecretBytes?> ReadAsync(CancellationToken cancel);

    /// <summary>Stores a new password where there was none.</summary>
    /// <exception cref="KmsException">It could not be stored.</exception>
    Task CreateAsync(SecretBytes password, CancellationToken cancel);
}

/// <summary>What every vault does alike.</summary>
public static class PasswordVault
{
    private const int PasswordBytes = 32;

    /// <summary>The password of a wallet file that is there.</summary>
    /// <exception cref="KmsException">The vault has no such secret, or cannot be asked.</exception>
    public static async Task<SecretBytes> RequireAsync(this IPasswordVault vault, CancellationToken cancel) =>
        await vault.ReadAsync(cancel)
        ?? throw new KmsException(Failure.Gateway, $"the {vault.StoreType} vault has no such secret", "check its name; it is made by the command that makes the wallet file, or by the operator");

    /// <summary>
    /// The password for a new wallet file: the vault's, or a random one of 256 bits that the vault has taken first.
    /// </summary>
    /// <exception cref="KmsException">The vault cannot be asked, or does not take it.</exception>
    public static async Task<SecretBytes> ReadOrCreateAsync(this IPasswordVault vault, CancellationToken cancel)
    {
        if (await vault.ReadAsync(cancel) is { } known)
        {
            return known;
        }

        var password = Random();
        try
        {
            await vault.CreateAsync(password, cancel);
            return password;
        }
        catch
        {
            password.Dispose();
            throw;
        }
    }

    private static SecretBytes Random()
    {
        using var bytes = SecretBytes.Random(PasswordBytes);
        var text = new SecretBytes(Base64Url.GetEncodedLength(PasswordBytes));
        Base64Url.EncodeToUtf8(bytes.Span, text.Span);
        return text;
    }
}

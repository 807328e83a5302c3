using System.Security.Cryptography;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>
/// The secret for other purposes (seals of journal, policy log and audit log) of a wallet.dat of tatum-kms, which holds
/// none: Argon2id of its password at the cost of a new file's. Made when it is first asked for; until then the password
/// is kept in locked memory. A file that its wallets are migrated into takes the secret over, so that the state of
/// before still opens.
/// </summary>
public sealed class LegacyPurpose : IDisposable
{
    private readonly Lock gate = new();
    private SecretBytes? password;
    private SecretBytes? secret;

    /// <summary>Copies the password.</summary>
    /// <param name="password">UTF-8.</param>
    public LegacyPurpose(ReadOnlySpan<byte> password) => this.password = SecretBytes.Copy(password);

    /// <summary>The 32-byte secret. This object owns it.</summary>
    public SecretBytes Secret
    {
        get
        {
            lock (gate)
            {
                if (secret is null)
                {
                    ObjectDisposedException.ThrowIf(password is null, this);
                    secret = Argon2id.DeriveKey(
                        password.Span, Salt, PasswordCost.Standard.Opslimit, PasswordCost.Standard.Memlimit);
                    password.Dispose();
                    password = null;
                }

                return secret;
            }
        }
    }

    /// <summary>
    /// One for all files: the file's own salt changes with each of tatum-kms's writes, and the secret must not.
    /// </summary>
    private static byte[] Salt => SHA256.HashData("kmscloud tatum-kms purpose v1"u8)[..Argon2id.SaltSize];

    /// <inheritdoc/>
    public void Dispose()
    {
        password?.Dispose();
        secret?.Dispose();
        password = secret = null;
    }
}

using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>A change of the wallet file: the lock is held from reading to writing, so no change of another process is lost.</summary>
public sealed class WalletEdit : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string path;
    private readonly FileLock held;
    private readonly WalletFile file;

    private WalletEdit(string path, FileLock held, WalletFile file, WalletContents contents) =>
        (this.path, this.held, this.file, Contents) = (path, held, file, contents);

    /// <summary>The wallets, to be changed.</summary>
    public WalletContents Contents { get; }

    /// <summary>The file's generation.</summary>
    public long Generation => file.Generation;

    /// <summary>Locks and opens a file, or starts a new one when there is none.</summary>
    /// <param name="path">The wallet file.</param>
    /// <param name="password">UTF-8; the new file's password when there is none.</param>
    /// <param name="cost">What stretching the password of a new file costs.</param>
    /// <exception cref="KmsException">Wrong password, damaged, locked, or a tatum-kms file, which is never written.</exception>
    public static WalletEdit OpenOrCreate(string path, SecretBytes password, PasswordCost? cost = null)
    {
        var held = FileLock.Take(path + ".lock", Patience, $"the wallet file '{path}'");
        try
        {
            if (!File.Exists(path))
            {
                return new(path, held, WalletFile.New(password.Span, cost), new());
            }

            var (bytes, _) = WalletStore.ReadFile(path);
            if (LegacyWalletFile.Is(bytes))
            {
                throw new KmsException(
                    Failure.WalletFile, "the wallet file is one of tatum-kms, which is only read", "take its wallets into a new file with: kms migrate OLD-FILE --path NEW-FILE");
            }

            var (file, contents) = WalletFile.Open(bytes, password.Span);
            return new(path, held, file, contents);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Adds a wallet under a new signature id (a random UUID) and returns the id. Takes ownership of the entry.</summary>
    public string Add(WalletEntry entry)
    {
        var id = Guid.NewGuid().ToString();
        Contents.Add(id, entry);
        return id;
    }

    /// <summary>Wraps the data key under a new password with the next <see cref="Save"/>.</summary>
    public void ChangePassword(SecretBytes password) => file.ChangePassword(password.Span);

    /// <summary>Makes the changes durable.</summary>
    /// <exception cref="KmsException">Full disk, read-only folder …: the old file is untouched.</exception>
    public void Save() => AtomicFile.Replace(path, file.Write(Contents));

    /// <inheritdoc/>
    public void Dispose()
    {
        Contents.Dispose();
        file.Dispose();
        held.Dispose();
    }
}

using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>
/// A change of the wallet file: the lock is held from reading to writing, so no change of another process is lost.
/// </summary>
public sealed class WalletEdit : IDisposable
{
    private readonly IWalletStorage storage;
    private readonly IDisposable held;
    private readonly WalletFile file;
    private string? version; // null until there is a file

    private WalletEdit(IWalletStorage storage, IDisposable held, WalletFile file, WalletContents contents, string? version) =>
        (this.storage, this.held, this.file, Contents, this.version) = (storage, held, file, contents, version);

    /// <summary>The wallets, to be changed.</summary>
    public WalletContents Contents { get; }

    /// <summary>The file's generation.</summary>
    public long Generation => file.Generation;

    /// <summary>Locks and opens a file, or starts a new one when there is none.</summary>
    /// <param name="path">The wallet file.</param>
    /// <param name="password">UTF-8; the new file's password when there is none.</param>
    /// <param name="cost">What stretching the password of a new file costs.</param>
    /// <exception cref="KmsException">
    /// Wrong password, damaged, locked, or a tatum-kms file, which is never written.
    /// </exception>
    public static WalletEdit OpenOrCreate(string path, SecretBytes password, PasswordCost? cost = null) =>
        OpenOrCreate(new LocalWallet(path), password, cost);

    /// <summary>The same, wherever the file is.</summary>
    /// <exception cref="KmsException">
    /// Wrong password, damaged, locked, or a tatum-kms file, which is never written.
    /// </exception>
    public static WalletEdit OpenOrCreate(IWalletStorage storage, SecretBytes password, PasswordCost? cost = null)
    {
        var held = storage.Lock();
        try
        {
            if (!storage.Exists())
            {
                return new(storage, held, WalletFile.New(password.Span, cost), new(), null);
            }

            var (bytes, version) = storage.Read();
            if (LegacyWalletFile.Is(bytes.Span))
            {
                bytes.Dispose();
                throw new KmsException(
                    Failure.WalletFile, "the wallet file is one of tatum-kms, which is only read", "take its wallets into a new file with: kms migrate OLD-FILE --path NEW-FILE");
            }

            var (file, contents) = WalletFile.Open(bytes, password.Span);
            return new(storage, held, file, contents, version);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Adds a wallet under a new signature id (a random UUID) and returns the id. Takes ownership of the entry.
    /// </summary>
    public string Add(WalletEntry entry)
    {
        var id = Guid.NewGuid().ToString();
        Contents.Add(id, entry);
        return id;
    }

    /// <summary>
    /// Makes the changes durable, and the copy of the file before with them: what was taken away is in none of the two.
    /// </summary>
    /// <exception cref="KmsException">
    /// Full disk, read-only folder …: what was stored before is untouched, or the first of two equal files is stored.
    /// </exception>
    public void SaveWithoutOld()
    {
        Save();
        Save(); // what the first one kept as the old file is now the one without it
    }

    /// <summary>Takes a new data key under a new password with the next <see cref="Save"/>.</summary>
    public void ChangePassword(SecretBytes password) => file.ChangePassword(password.Span);

    /// <summary>Whether the file is a new one, not stored yet.</summary>
    public bool IsNew => version is null;

    /// <summary>Whether it opens the state of a tatum-kms file.</summary>
    public bool Has(LegacyPurpose purpose) => file.Has(purpose);

    /// <summary>Lets a new file open the state of a tatum-kms file with the next <see cref="Save"/>.</summary>
    /// <exception cref="InvalidOperationException">It is not new: it may have sealed a state already.</exception>
    public void TakePurpose(LegacyPurpose purpose)
    {
        if (!IsNew)
        {
            throw new InvalidOperationException("the wallet file is not new");
        }

        file.TakePurpose(purpose);
    }

    /// <summary>Makes the changes durable.</summary>
    /// <exception cref="KmsException">Full disk, read-only folder …: the old file is untouched.</exception>
    public void Save() => version = storage.Replace(file.Write(Contents), version);

    /// <summary>The file as it is stored now, read and decrypted again. The caller owns it.</summary>
    /// <exception cref="KmsException">It cannot be read, or is damaged.</exception>
    public WalletContents ReadBack() => file.Read(storage.Read().Bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        Contents.Dispose();
        file.Dispose();
        held.Dispose();
    }
}

using KmsCloud.Errors;
using KmsCloud.State;
using KmsCloud.Wallets;

namespace KmsCloud.Cli;

/// <summary>
/// The place of a tatum-kms file as that of a new one: until the first write there is none, and that write keeps the
/// old file under another name first, so that at no time nothing is there.
/// </summary>
/// <param name="path">The wallet file.</param>
/// <param name="old">The tatum-kms file's bytes, which are encrypted.</param>
internal sealed class InPlaceWallet(string path, byte[] old) : IWalletStorage
{
    private readonly LocalWallet file = new(path);
    private bool isWritten;

    /// <summary>Where the old file is kept.</summary>
    internal string Kept { get; } = path + ".tatum-kms";

    public string Name => file.Name;

    public bool Exists() => isWritten;

    public WalletBytes Read() => file.Read();

    public bool IsCurrent(string version) => file.IsCurrent(version);

    public IDisposable Lock() => file.Lock();

    public string Replace(ReadOnlySpan<byte> bytes, string? version)
    {
        Keep();
        var now = file.Replace(bytes, version);
        isWritten = true;
        DropBackup();
        return now;
    }

    /// <summary>
    /// The old file once more: it is kept under its own name. What was stored stays stored when it cannot be removed.
    /// </summary>
    private void DropBackup()
    {
        try
        {
            File.Delete(path + ".bak");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Terminal.Warn($"'{path}.bak', a copy of the old file, cannot be removed: {error.Message}; remove it");
        }
    }

    private void Keep()
    {
        try
        {
            if (File.Exists(Kept))
            {
                RequireSame();
                return;
            }

            using var copy = AtomicFile.CreateNew(Kept);
            copy.Write(old);
            AtomicFile.Flush(copy);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"the old file cannot be kept as '{Kept}'",
                "check its folder; nothing was changed",
                error);
        }
    }

    /// <summary>What an earlier, interrupted run kept is the same file.</summary>
    private void RequireSame()
    {
        if (!File.ReadAllBytes(Kept).AsSpan().SequenceEqual(old))
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{Kept}' is another file than the one to keep there",
                "move it away; nothing was changed");
        }
    }
}

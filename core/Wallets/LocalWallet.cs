using System.Globalization;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.State;

namespace KmsCloud.Wallets;

/// <summary>A wallet file on disk or on a mounted share.</summary>
public sealed class LocalWallet(string path) : IWalletStorage
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public string Name => path;

    /// <inheritdoc/>
    public bool Exists() => File.Exists(path);

    /// <inheritdoc/>
    public WalletBytes Read()
    {
        try
        {
            var version = Version();
            // a pipe in its place would hold up a running daemon
            using var stream = new FileStream(SmallFile.Open(path), FileAccess.Read);
            if (stream.Length is 0 or > WalletFile.LargestFile)
            {
                throw WalletHeader.Damaged("it is empty or larger than 256 MiB");
            }

            var bytes = new SecretBytes((int)stream.Length);
            try
            {
                stream.ReadExactly(bytes.Span);
                return new(bytes, version);
            }
            catch
            {
                bytes.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"No such wallet file. Nothing is at '{path}'",
                "check --path, or make one with: kms generatemanagedwallet");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"the wallet file '{path}' cannot be read: {AtomicFile.Why(error)}",
                "check its permissions",
                error);
        }
    }

    /// <inheritdoc/>
    public bool IsCurrent(string version) => Version() == version;

    /// <inheritdoc/>
    public IDisposable Lock() => FileLock.Take(path + ".lock", Patience, $"the wallet file '{path}'");

    /// <inheritdoc/>
    public string Replace(ReadOnlySpan<byte> bytes, string? version)
    {
        AtomicFile.Replace(path, bytes); // whoever writes holds the lock, so the version needs no second look
        return Version();
    }

    private string Version() => File.GetLastWriteTimeUtc(path).Ticks.ToString(CultureInfo.InvariantCulture);
}

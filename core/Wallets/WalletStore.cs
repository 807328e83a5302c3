using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>
/// An open wallet file: every wallet in memory, by id and by chain and network. Owns wallets and keys. For changes see
/// <see cref="WalletEdit"/>.
/// </summary>
public sealed class WalletStore : IDisposable
{
    private readonly string path;
    private readonly WalletFile? file; // null for a tatum-kms file
    private WalletContents contents;
    private Dictionary<string, Wallet> wallets;
    private Dictionary<(string Chain, Network Network), IReadOnlyList<string>> byChain;
    private DateTime read;

    private WalletStore(string path, WalletFile? file, WalletContents contents, DateTime read)
    {
        (this.path, this.file, this.contents, this.read) = (path, file, contents, read);
        (wallets, byChain) = Index(contents);
    }

    /// <summary>Every wallet by signature id.</summary>
    public IReadOnlyDictionary<string, Wallet> Wallets => wallets;

    /// <summary>The file's generation; 0 for a tatum-kms file.</summary>
    public long Generation => file?.Generation ?? 0;

    /// <summary>Whether the file is one of tatum-kms, which is only read.</summary>
    public bool IsLegacy => file is null;

    /// <summary>Opens a wallet file of ours or of tatum-kms.</summary>
    /// <exception cref="KmsException">No such file, wrong password, damaged, newer.</exception>
    public static WalletStore Open(string path, SecretBytes password)
    {
        var (bytes, modified) = ReadFile(path);
        if (LegacyWalletFile.Is(bytes))
        {
            return new(path, null, LegacyWalletFile.Open(bytes, password.Span), modified);
        }

        var (file, contents) = WalletFile.Open(bytes, password.Span);
        return new(path, file, contents, modified);
    }

    /// <summary>The wallet of an id, or null.</summary>
    public Wallet? Find(string signatureId) => wallets.GetValueOrDefault(signatureId);

    /// <summary>The wallet of an id.</summary>
    /// <exception cref="KmsException">There is none.</exception>
    public Wallet Get(string signatureId) => Find(signatureId)
        ?? throw new KmsException(Failure.UnknownWallet, $"No such wallet for signatureId '{signatureId}'.");

    /// <summary>Entries of chains this version does not know, which are kept and not used.</summary>
    public IEnumerable<(string Id, string Chain)> UnknownChains =>
        from entry in contents.Entries
        where !wallets.ContainsKey(entry.Key)
        select (entry.Key, entry.Value.Chain);

    /// <summary>Writes every entry as <c>{ID: entry, …}</c>, secrets included.</summary>
    public void WriteTo(System.Text.Json.Utf8JsonWriter json) => contents.WriteTo(json);

    /// <summary>The same as compact JSON in locked memory.</summary>
    public SecretBytes ToJson() => contents.ToJson();

    /// <summary>Signature ids of the wallets of a chain and network.</summary>
    public IReadOnlyList<string> Ids(string chain, Network network) => byChain.TryGetValue((chain, network), out var ids) ? ids : [];

    /// <summary>
    /// A key for another purpose that this file alone gives, or null for a tatum-kms file, which has no key of its own.
    /// </summary>
    public SecretBytes? PurposeKey(ReadOnlySpan<byte> purpose) => file?.PurposeKey(purpose);

    /// <summary>Reads the file again when it was replaced since. Must not run while wallets of this store are in use.</summary>
    /// <returns>Whether the wallets changed.</returns>
    /// <exception cref="KmsException">The new file is damaged or under another data key; the old wallets stay open.</exception>
    public bool ReloadIfReplaced()
    {
        if (file is null || File.GetLastWriteTimeUtc(path) == read)
        {
            return false;
        }

        var (bytes, modified) = ReadFile(path);
        var (old, oldWallets) = (contents, wallets);
        contents = file.Read(bytes);
        (wallets, byChain) = Index(contents);
        read = modified;
        Close(oldWallets.Values, old);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close(wallets.Values, contents);
        file?.Dispose();
    }

    /// <summary>The bytes of a wallet file of any format.</summary>
    /// <exception cref="KmsException">No such file, empty, too large or not readable.</exception>
    public static byte[] ReadBytes(string path) => ReadFile(path).Bytes;

    internal static (byte[] Bytes, DateTime Modified) ReadFile(string path)
    {
        try
        {
            var modified = File.GetLastWriteTimeUtc(path);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length is 0 or > WalletFile.LargestFile)
            {
                throw WalletHeader.Damaged("it is empty or larger than 256 MiB");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return (bytes, modified);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KmsException(Failure.WalletFile, $"No such wallet file. Nothing is at '{path}'", "check --path, or make one with: kms generatemanagedwallet");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.WalletFile, $"the wallet file '{path}' cannot be read: {AtomicFile.Why(error)}", "check its permissions", error);
        }
    }

    private static (Dictionary<string, Wallet>, Dictionary<(string, Network), IReadOnlyList<string>>) Index(WalletContents contents)
    {
        var wallets = new Dictionary<string, Wallet>(contents.Entries.Count, StringComparer.Ordinal);
        var byChain = new Dictionary<(string, Network), IReadOnlyList<string>>();
        foreach (var (id, entry) in contents.Entries)
        {
            if (!ChainCatalog.All.TryGetValue(entry.Chain, out var chain))
            {
                continue;
            }

            wallets[id] = new(id, entry, chain.Wallets);
            if (!byChain.TryGetValue((entry.Chain, entry.Network), out var ids))
            {
                byChain[(entry.Chain, entry.Network)] = ids = new List<string>();
            }

            ((List<string>)ids).Add(id);
        }

        return (wallets, byChain);
    }

    private static void Close(IEnumerable<Wallet> wallets, WalletContents contents)
    {
        foreach (var wallet in wallets)
        {
            wallet.Dispose();
        }

        contents.Dispose();
    }
}

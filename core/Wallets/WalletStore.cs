using System.Collections.Concurrent;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>
/// An open wallet file: every wallet in memory, by id and by chain and network. Owns wallets and keys. For changes see
/// <see cref="WalletEdit"/>.
/// </summary>
public sealed class WalletStore : ISigningKeys, IDisposable
{
    private const int LongestShownId = 24; // shorter than any private key

    private readonly IWalletStorage storage;
    private readonly Func<string, IWalletScheme?> schemes;
    private readonly WalletFile? file; // null for a tatum-kms file
    private readonly LegacyPurpose? legacy; // of a tatum-kms file
    private WalletContents contents;
    private ConcurrentDictionary<string, Wallet> wallets = new(StringComparer.Ordinal); // made when they are asked for
    private string version;
    private Network? signing; // whose public keys are read ahead

    private WalletStore(
        IWalletStorage storage,
        WalletFile file,
        WalletContents contents,
        string version,
        Func<string, IWalletScheme?> schemes)
        : this(storage, contents, version, schemes)
    {
        this.file = file;
    }

    private WalletStore(
        IWalletStorage storage,
        LegacyPurpose legacy,
        WalletContents contents,
        string version,
        Func<string, IWalletScheme?> schemes)
        : this(storage, contents, version, schemes)
    {
        this.legacy = legacy;
    }

    private WalletStore(
        IWalletStorage storage, WalletContents contents, string version, Func<string, IWalletScheme?> schemes)
    {
        this.storage = storage;
        this.contents = contents;
        this.version = version;
        this.schemes = schemes;
    }

    /// <summary>Every wallet of a chain this version knows.</summary>
    public IEnumerable<Wallet> Wallets => Known.SelectMany(ids => ids).Select(Get);

    /// <summary>How many there are.</summary>
    public int Count => Known.Sum(ids => ids.Count);

    /// <summary>The file's generation; 0 for a tatum-kms file.</summary>
    public long Generation => file?.Generation ?? 0;

    /// <summary>Whether the file is one of tatum-kms, which is only read.</summary>
    public bool IsLegacy => file is null;

    private IEnumerable<List<string>> Known =>
        contents.IdsByChain.Where(branch => schemes(branch.Key.Chain) is not null).Select(branch => branch.Value);

    /// <summary>Opens a wallet file of ours or of tatum-kms.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="password">UTF-8.</param>
    /// <param name="schemes">The wallets of a chain by its code; null for a chain that is not known.</param>
    /// <exception cref="KmsException">No such file, wrong password, damaged, newer.</exception>
    public static WalletStore Open(string path, SecretBytes password, Func<string, IWalletScheme?> schemes) =>
        Open(new LocalWallet(path), password, schemes);

    /// <summary>Opens a wallet file wherever it is.</summary>
    /// <param name="storage">Where it is.</param>
    /// <param name="password">UTF-8.</param>
    /// <param name="schemes">The wallets of a chain by its code; null for a chain that is not known.</param>
    /// <exception cref="KmsException">No such file, wrong password, damaged, newer.</exception>
    public static WalletStore Open(IWalletStorage storage, SecretBytes password, Func<string, IWalletScheme?> schemes)
    {
        var (bytes, version) = storage.Read();
        if (LegacyWalletFile.Is(bytes.Span))
        {
            using (bytes)
            {
                var legacy = LegacyWalletFile.Open(bytes.Span, password.Span);
                return new(storage, new LegacyPurpose(password.Span), legacy, version, schemes);
            }
        }

        var (file, contents) = WalletFile.Open(bytes, password.Span);
        return new(storage, file, contents, version, schemes);
    }

    /// <summary>The wallet of an id, or null.</summary>
    public Wallet? Find(string signatureId) =>
        wallets.TryGetValue(signatureId, out var opened) ? opened
        : contents.Entries.TryGetValue(signatureId, out var entry) && schemes(entry.Chain) is { } scheme
            ? wallets.GetOrAdd(signatureId, new Wallet(signatureId, entry, scheme, isAuthentic: file is not null))
            : null;

    /// <summary>The wallet of an id.</summary>
    /// <exception cref="KmsException">There is none.</exception>
    public Wallet Get(string signatureId) => Find(signatureId)
        ?? throw Unknown(signatureId);

    /// <inheritdoc/>
    public ISigningKey Open(PublicKey key) => key.Place is { } place
        ? Get(place.SignatureId).Open(key)
        : throw new ArgumentException("the key is in no wallet", nameof(key));

    /// <summary>The error of an id that is not there.</summary>
    public static KmsException Unknown(string signatureId) =>
        new(Failure.UnknownWallet, $"No such wallet for signatureId '{Shown(signatureId)}'.");

    /// <summary>
    /// An id for a message: whole when it is a UUID or short, else its length, as it may be a key in the wrong place.
    /// </summary>
    public static string Shown(string signatureId) =>
        signatureId.Length <= LongestShownId || Guid.TryParse(signatureId, out _)
            ? signatureId
            : $"({signatureId.Length} characters)";

    /// <summary>Entries of chains this version does not know, which are kept and not used.</summary>
    public IEnumerable<(string Id, string Chain)> UnknownChains =>
        from entry in contents.Entries
        where schemes(entry.Value.Chain) is null
        select (entry.Key, entry.Value.Chain);

    /// <summary>Writes every entry as <c>{ID: entry, …}</c>, secrets included.</summary>
    public void WriteTo(System.Text.Json.Utf8JsonWriter json) => contents.WriteTo(json);

    /// <summary>The same as compact JSON in locked memory.</summary>
    public SecretBytes ToJson() => contents.ToJson();

    /// <summary>Signature ids of the wallets of a chain and network.</summary>
    public IReadOnlyList<string> Ids(string chain, Network network) =>
        schemes(chain) is not null && contents.IdsByChain.TryGetValue((chain, network), out var ids) ? ids : [];

    /// <summary>
    /// A key for another purpose that this file alone gives, or for a tatum-kms file its password. The caller owns it.
    /// </summary>
    public SecretBytes PurposeKey(ReadOnlySpan<byte> purpose) =>
        file is null ? WalletFile.Derive(legacy!.Secret.Span, purpose) : file.PurposeKey(purpose);

    /// <summary>Whether the file was replaced since it was read.</summary>
    public bool IsReplaced => file is not null && !storage.IsCurrent(version);

    /// <summary>
    /// Reads the file again when it was replaced since. Must not run while wallets of this store are in use.
    /// </summary>
    /// <returns>Whether the wallets changed.</returns>
    /// <exception cref="KmsException">
    /// The new file is damaged or under another data key; the old wallets stay open.
    /// </exception>
    public bool ReloadIfReplaced()
    {
        if (file is null || storage.IsCurrent(version))
        {
            return false;
        }

        var (bytes, newer) = storage.Read();
        var (old, oldWallets) = (contents, wallets);
        contents = file.Read(bytes);
        wallets = new(StringComparer.Ordinal);
        version = newer;
        Close(oldWallets.Values, old);
        if (signing is { } network)
        {
            ReadPublicKeys(network);
        }

        return true;
    }

    /// <summary>
    /// Reads the public key of every wallet with one key, so that no request opens a private key before it is let
    /// through; again after each reload. The public keys of mnemonics come from their extended public keys, or where
    /// the chain has none (SLIP-0010, Cardano) from the private key, once for each index.
    /// </summary>
    public void ReadPublicKeys(Network network)
    {
        signing = network;
        Parallel.ForEach(Known.SelectMany(ids => ids), id =>
        {
            var entry = contents.Entries[id];
            if (entry.Network != network || entry.IsMnemonic || entry.KeyText is null)
            {
                return;
            }

            try
            {
                Get(id).Key();
            }
            catch (KmsException)
            {
                // no key of its chain: whoever asks for it is told
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close(wallets.Values, contents);
        file?.Dispose();
        legacy?.Dispose();
    }

    /// <summary>The bytes of a wallet file of any format. The caller owns them.</summary>
    /// <exception cref="KmsException">No such file, empty, too large or not readable.</exception>
    public static SecretBytes ReadBytes(string path) => new LocalWallet(path).Read().Bytes;

    private static void Close(IEnumerable<Wallet> wallets, WalletContents contents)
    {
        foreach (var wallet in wallets)
        {
            wallet.Dispose();
        }

        contents.Dispose();
    }
}

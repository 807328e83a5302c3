using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>An address of a public key.</summary>
internal delegate string AddressOf(ReadOnlySpan<byte> publicKey, Network network);

/// <summary>The text form of a private key: how a chain writes and reads one.</summary>
internal interface IKeyText
{
    /// <summary>The key a text stands for.</summary>
    SoftwareKey Parse(ReadOnlySpan<byte> text, Network network);

    /// <summary>The text of a key.</summary>
    SecretBytes Format(SoftwareKey key, Network network);
}

/// <summary>Where a chain's keys lie in the BIP-32 tree of one network.</summary>
/// <param name="Path">Parent path; key i is its child i, not hardened.</param>
/// <param name="XpubVersion">The four version bytes of the extended public key.</param>
internal sealed record Bip32Branch(string Path, uint XpubVersion);

/// <summary>Parent paths of further keys, which no extended public key is kept of.</summary>
/// <param name="Mainnet">On mainnet.</param>
/// <param name="Testnet">On testnet.</param>
internal sealed record Bip32Paths(string Mainnet, string Testnet);

/// <summary>Wallets of the chains with secp256k1 keys under a BIP-39 mnemonic: <c>{mnemonic, xpub}</c>, and single keys: <c>{privateKey}</c>.</summary>
/// <param name="chain">Chain code.</param>
/// <param name="mainnet">Branch on mainnet.</param>
/// <param name="testnet">Branch on testnet.</param>
/// <param name="keyText">Form of single keys.</param>
/// <param name="address">Form of addresses.</param>
internal sealed class Bip32Wallets(string chain, Bip32Branch mainnet, Bip32Branch testnet, IKeyText keyText, AddressOf address) : IWalletScheme
{
    /// <summary>Where the keys of variant 1 lie, or null when the chain has none.</summary>
    public Bip32Paths? FurtherKeys { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<AddressType> AddressTypes { get; init; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<int> Variants => FurtherKeys is null ? [0] : [0, 1];

    /// <inheritdoc/>
    public bool HasMnemonic => true;

    /// <inheritdoc/>
    public WalletEntry Generate(Network network) => Entry(Mnemonic.Generate(), network);

    /// <inheritdoc/>
    public WalletEntry FromMnemonic(SecretBytes mnemonic, Network network) => Entry(Mnemonic.Checked(mnemonic), network);

    /// <inheritdoc/>
    public WalletEntry FromKey(SecretBytes key, Network network) => SingleKeyEntry.Checked(this, chain, key, network);

    /// <inheritdoc/>
    public WalletEntry GenerateKey(Network network) => SingleKeyEntry.Generate(this, chain, Secp256k1Keys.Generate, network);

    /// <inheritdoc/>
    public IKeyDeriver OpenMnemonic(WalletEntry entry) => new Deriver(entry, Branch(entry.Network).Path, FurtherPath(entry.Network));

    /// <inheritdoc/>
    public IPublicKeyDeriver? OpenXpub(WalletEntry entry) =>
        entry.Xpub is { } xpub && Bip32Public.TryRead(xpub, Branch(entry.Network).XpubVersion) is { } node ? new PublicDeriver(node) : null;

    /// <inheritdoc/>
    public string? Xpub(WalletEntry entry)
    {
        using var node = Bip32.AtPath(entry.Mnemonic!.Span, Branch(entry.Network).Path);
        return node.Xpub(Branch(entry.Network).XpubVersion);
    }

    /// <inheritdoc/>
    public SoftwareKey ParseKey(ReadOnlySpan<byte> text, Network network) => keyText.Parse(text, network);

    /// <inheritdoc/>
    public SecretBytes FormatKey(SoftwareKey key, Network network) => keyText.Format(key, network);

    /// <inheritdoc/>
    public string Address(ReadOnlySpan<byte> publicKey, Network network) => address(publicKey, network);

    private Bip32Branch Branch(Network network) => network is Network.Mainnet ? mainnet : testnet;

    private string? FurtherPath(Network network) => network is Network.Mainnet ? FurtherKeys?.Mainnet : FurtherKeys?.Testnet;

    private WalletEntry Entry(SecretBytes mnemonic, Network network)
    {
        using var node = Bip32.AtPath(mnemonic.Span, Branch(network).Path);
        return new() { Chain = chain, Network = network, Mnemonic = mnemonic, Xpub = node.Xpub(Branch(network).XpubVersion) };
    }

    private sealed class PublicDeriver(Bip32Public parent) : IPublicKeyDeriver
    {
        public byte[]? Derive(uint index, int variant) => variant == 0 ? parent.Child(index) : null;
    }

    /// <summary>Each parent is derived when the first of its keys is asked for.</summary>
    private sealed class Deriver(WalletEntry entry, string usual, string? further) : IKeyDeriver
    {
        private Bip32? parent;
        private Bip32? furtherParent;

        public SoftwareKey Derive(uint index, int variant) => Parent(variant).ChildKey(index);

        public void Dispose()
        {
            parent?.Dispose();
            furtherParent?.Dispose();
        }

        private Bip32 Parent(int variant) => variant switch
        {
            0 => parent ??= Bip32.AtPath(entry.Mnemonic!.Span, usual),
            1 when further is not null => furtherParent ??= Bip32.AtPath(entry.Mnemonic!.Span, further),
            _ => throw new ArgumentOutOfRangeException(nameof(variant)),
        };
    }
}

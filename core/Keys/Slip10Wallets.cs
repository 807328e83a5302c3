using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>
/// Wallets of the chains with Ed25519 keys under a BIP-39 mnemonic (SLIP-0010): <c>{mnemonic}</c>, and single keys:
/// <c>{privateKey}</c>.
/// </summary>
/// <param name="chain">Chain code.</param>
/// <param name="mainnetPath">Parent path on mainnet; key i is its hardened child i.</param>
/// <param name="testnetPath">The same on testnet.</param>
/// <param name="keyText">Form of single keys.</param>
/// <param name="address">Form of addresses.</param>
internal sealed class Slip10Wallets(string chain, string mainnetPath, string testnetPath, IKeyText keyText, AddressOf address) : IWalletScheme
{
    /// <summary>Whether an entry also holds address and private key of index 0 (Solana).</summary>
    public bool KeepsFirstKey { get; init; }

    /// <inheritdoc/>
    public bool HasMnemonic => true;

    /// <inheritdoc/>
    public WalletEntry Generate(Network network) => Entry(Mnemonic.Generate(), network);

    /// <inheritdoc/>
    public WalletEntry FromMnemonic(SecretBytes mnemonic, Network network) =>
        Entry(Mnemonic.Checked(mnemonic), network);

    /// <inheritdoc/>
    public WalletEntry FromKey(SecretBytes key, Network network) => SingleKeyEntry.Checked(this, chain, key, network);

    /// <inheritdoc/>
    public WalletEntry GenerateKey(Network network) =>
        SingleKeyEntry.Generate(this, chain, Ed25519Keys.Generate, network);

    /// <inheritdoc/>
    public IKeyDeriver OpenMnemonic(WalletEntry entry) => new Deriver(Parent(entry.Mnemonic!, entry.Network));

    /// <inheritdoc/>
    public SoftwareKey ParseKey(ReadOnlySpan<byte> text, Network network) => keyText.Parse(text, network);

    /// <inheritdoc/>
    public SecretBytes FormatKey(SoftwareKey key, Network network) => keyText.Format(key, network);

    /// <inheritdoc/>
    public string Address(ReadOnlySpan<byte> publicKey, Network network) => address(publicKey, network);

    private Slip10 Parent(SecretBytes mnemonic, Network network) =>
        Slip10.AtPath(mnemonic.Span, network is Network.Mainnet ? mainnetPath : testnetPath);

    private WalletEntry Entry(SecretBytes mnemonic, Network network)
    {
        if (!KeepsFirstKey)
        {
            return new() { Chain = chain, Network = network, Mnemonic = mnemonic };
        }

        using var deriver = new Deriver(Parent(mnemonic, network));
        using var first = deriver.Derive(0, 0);
        return new()
        {
            Chain = chain,
            Network = network,
            Mnemonic = mnemonic,
            Address = address(first.PublicKey.Bytes, network),
            PrivateKey = keyText.Format(first, network),
        };
    }

    private sealed class Deriver(Slip10 parent) : IKeyDeriver
    {
        public SoftwareKey Derive(uint index, int variant)
        {
            using var child = parent.Child(index);
            return child.Key();
        }

        public void Dispose() => parent.Dispose();
    }
}

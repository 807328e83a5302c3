using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>
/// Wallets of the chains without derivation: one key. A generated one is kept as <c>{address, secret}</c> (or
/// <c>{address, privateKey}</c>), an imported one as <c>{privateKey}</c>.
/// </summary>
/// <param name="chain">Chain code.</param>
/// <param name="keyText">Form of the key.</param>
/// <param name="generate">A random key.</param>
/// <param name="address">Form of the address.</param>
internal sealed class SingleKeyWallets(string chain, IKeyText keyText, Func<SoftwareKey> generate, AddressOf address) : IWalletScheme
{
    /// <summary>Whether a generated wallet keeps its key under "secret" instead of "privateKey".</summary>
    public bool KeepsSecret { get; init; } = true;

    /// <summary>Reads the chain's own words for one key (Algorand); null where there are none.</summary>
    public Func<SecretBytes, SoftwareKey>? ReadWords { get; init; }

    /// <inheritdoc/>
    public bool HasMnemonic => false;

    /// <inheritdoc/>
    public WalletEntry Generate(Network network)
    {
        using var key = generate();
        return Entry(key, network);
    }

    /// <inheritdoc/>
    public WalletEntry FromMnemonic(SecretBytes mnemonic, Network network)
    {
        using (mnemonic)
        {
            using var key = ReadWords?.Invoke(mnemonic) ?? throw KmsException.Refused(
                $"{chain} wallets are not made from a mnemonic",
                $"store the wallet's secret with: kms storemanagedprivatekey {chain}");
            return Entry(key, network);
        }
    }

    /// <inheritdoc/>
    public WalletEntry FromKey(SecretBytes key, Network network) => SingleKeyEntry.Checked(this, chain, key, network);

    /// <inheritdoc/>
    public WalletEntry GenerateKey(Network network) => SingleKeyEntry.Generate(this, chain, generate, network);

    /// <inheritdoc/>
    public IKeyDeriver OpenMnemonic(WalletEntry entry) =>
        throw KmsException.Refused($"{chain} wallets are not made from a mnemonic");

    /// <inheritdoc/>
    public SoftwareKey ParseKey(ReadOnlySpan<byte> text, Network network) => keyText.Parse(text, network);

    /// <inheritdoc/>
    public SecretBytes FormatKey(SoftwareKey key, Network network) => keyText.Format(key, network);

    /// <inheritdoc/>
    public string Address(ReadOnlySpan<byte> publicKey, Network network) => address(publicKey, network);

    private WalletEntry Entry(SoftwareKey key, Network network)
    {
        var text = keyText.Format(key, network);
        return new()
        {
            Chain = chain,
            Network = network,
            Address = address(key.PublicKey.Bytes, network),
            Secret = KeepsSecret ? text : null,
            PrivateKey = KeepsSecret ? null : text,
        };
    }
}

using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Chains.Cardano;

/// <summary>
/// Cardano's wallets: keys at m/1852'/1815'/0'/0'/{i} with enterprise addresses, as tatum-kms makes them. Variant 1 of a key
/// is CIP-1852's m/1852'/1815'/0'/0/{i}, which its older releases made and base addresses still pay to.
/// </summary>
internal sealed class CardanoWallets : IWalletScheme
{
    /// <summary>Variant of <see cref="IKeyDeriver.Derive"/> for the older path.</summary>
    public const int Legacy = 1;

    /// <summary>Variant of <see cref="IKeyDeriver.Derive"/> for the older releases' staking keys, of which there is the one at index 0.</summary>
    public const int Staking = 2;

    private const string Chain = "ADA";
    private const string Path = "m/1852'/1815'/0'/0'";
    private const string LegacyPath = "m/1852'/1815'/0'/0";
    private const string LegacyStakingPath = "m/1852'/1815'/0'/2";
    private const int LegacyXpubLength = 256;
    private const int LegacyKeySize = 128; // kL ‖ kR ‖ public key ‖ chain code

    /// <inheritdoc/>
    public IReadOnlyList<int> Variants => [0, 1];

    /// <inheritdoc/>
    public bool HasMnemonic => true;

    /// <summary>The extended public keys of the older releases: spending and staking key.</summary>
    public static string LegacyXpub(ReadOnlySpan<byte> mnemonic)
    {
        using var spending = Icarus.AtPath(mnemonic, LegacyPath);
        using var staking = Icarus.AtPath(mnemonic, LegacyStakingPath + "/0");
        return spending.Xpub() + staking.Xpub();
    }

    /// <inheritdoc/>
    public WalletEntry Generate(Network network) => Entry(Mnemonic.Generate(), network);

    /// <inheritdoc/>
    public WalletEntry FromMnemonic(SecretBytes mnemonic, Network network)
    {
        var words = Mnemonic.Normalize(mnemonic);
        try
        {
            return Entry(words, network);
        }
        catch
        {
            words.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public WalletEntry FromKey(SecretBytes key, Network network) => SingleKeyEntry.Checked(this, Chain, key, network);

    /// <inheritdoc/>
    public WalletEntry GenerateKey(Network network) => SingleKeyEntry.Generate(this, Chain, RandomKey, network);

    /// <inheritdoc/>
    public IKeyDeriver OpenMnemonic(WalletEntry entry) => new Deriver(entry.Mnemonic!);

    /// <inheritdoc/>
    public string? Xpub(WalletEntry entry)
    {
        if (entry.Xpub is { Length: LegacyXpubLength })
        {
            return LegacyXpub(entry.Mnemonic!.Span); // an old file shows the CIP-1852 keys
        }

        using var node = Icarus.AtPath(entry.Mnemonic!.Span, Path);
        return node.Xpub();
    }

    /// <inheritdoc/>
    public SoftwareKey ParseKey(ReadOnlySpan<byte> text, Network network)
    {
        if (text.Length is not (2 * Ed25519Extended.SecretSize or 2 * LegacyKeySize))
        {
            throw KmsException.Refused("the private key is not 128 hexadecimal digits");
        }

        using var data = SecretHex.Read(text, text.Length / 2, "the private key");
        if (!Ed25519Extended.IsSecretKey(data.Span[..64]))
        {
            throw KmsException.Refused("the private key is no extended Ed25519 key: its number is not a multiple of eight below 2^255");
        }

        var key = new SoftwareKey(SecretBytes.Copy(data.Span[..64]), Ed25519Extended.PublicKey(data.Span[..64]));
        if (data.Length == Ed25519Extended.SecretSize || key.PublicKey.Bytes.SequenceEqual(data.Span[64..96]))
        {
            return key;
        }

        key.Dispose();
        throw KmsException.Refused("the public part of the private key does not belong to it");
    }

    /// <inheritdoc/>
    public SecretBytes FormatKey(SoftwareKey key, Network network) => SecretHex.Write("", key.Export.Span);

    /// <inheritdoc/>
    public string Address(ReadOnlySpan<byte> publicKey, Network network) => CardanoAddress.Enterprise(publicKey, network);

    private static WalletEntry Entry(SecretBytes mnemonic, Network network)
    {
        using var node = Icarus.AtPath(mnemonic.Span, Path);
        return new() { Chain = Chain, Network = network, Mnemonic = mnemonic, Xpub = node.Xpub() };
    }

    private static SoftwareKey RandomKey()
    {
        using var entropy = SecretBytes.Random(32);
        using var root = Icarus.Root(entropy.Span);
        return root.Key();
    }

    private sealed class Deriver(SecretBytes mnemonic) : IKeyDeriver
    {
        private readonly Lazy<Icarus>[] parents =
        [
            new(() => Icarus.AtPath(mnemonic.Span, Path)),
            new(() => Icarus.AtPath(mnemonic.Span, LegacyPath)),
            new(() => Icarus.AtPath(mnemonic.Span, LegacyStakingPath)),
        ];

        public SoftwareKey Derive(uint index, int variant)
        {
            using var child = parents[variant].Value.Child(index);
            return child.Key();
        }

        public void Dispose()
        {
            foreach (var node in parents)
            {
                if (node.IsValueCreated)
                {
                    node.Value.Dispose();
                }
            }
        }
    }
}

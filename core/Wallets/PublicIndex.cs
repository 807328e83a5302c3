using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Wallets;

/// <summary>
/// The public side of a wallet file (<c>kms export --public</c>): ids, chains, networks, extended public keys, public
/// keys and addresses. Whoever has
/// it decodes what the daemon decodes, sees what every wallet holds on its chain, and can sign nothing.
/// </summary>
public sealed class PublicIndex
{
    private const int MostWallets = 1_000_000;
    private readonly Dictionary<string, PublicWallet> wallets;

    private PublicIndex(Dictionary<string, PublicWallet> wallets) => this.wallets = wallets;

    /// <summary>Wallets in it.</summary>
    public int Count => wallets.Count;

    /// <summary>A wallet, or null.</summary>
    public PublicWallet? Find(string signatureId) => wallets.GetValueOrDefault(signatureId);

    /// <summary>Reads one strictly.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="schemes">Wallet schemes by chain code.</param>
    /// <exception cref="KmsException">It is none, or a key in it is not its extended public key's.</exception>
    public static PublicIndex Read(ReadOnlyMemory<byte> utf8, Func<string, IWalletScheme?> schemes)
    {
        var json = new StrictObject(StrictJson.Parse(utf8, "the index of public keys"), "the index of public keys");
        json.Integer("version", 1, 1);
        var items = json.Array("wallets");
        json.Done();
        if (items.Count > MostWallets)
        {
            throw json.Bad("wallets", $"has more than {MostWallets} entries");
        }

        var wallets = new Dictionary<string, PublicWallet>(items.Count, StringComparer.Ordinal);
        foreach (var item in items)
        {
            var wallet = ReadWallet(new(item, "a wallet"), schemes);
            if (!wallets.TryAdd(wallet.SignatureId, wallet))
            {
                throw KmsException.Refused("two wallets of the index of public keys have one signature id");
            }
        }

        return new(wallets);
    }

    /// <summary>Writes a wallet.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="wallet">The wallet.</param>
    /// <param name="scheme">The scheme of its chain.</param>
    /// <param name="isAuthentic">Whether nobody without the password can have changed its extended public key.</param>
    /// <param name="indexes">How many keys of a mnemonic without extended public key are written.</param>
    /// <exception cref="KmsException">A key of it cannot be read; nothing of it was written.</exception>
    public static void Write(Utf8JsonWriter json, Wallet wallet, IWalletScheme scheme, bool isAuthentic, int indexes)
    {
        var xpub = UsableXpub(wallet, scheme, isAuthentic);
        var keys = Keys(wallet, scheme, xpub, indexes).ToList();
        json.WriteStartObject();
        json.WriteString("signatureId", wallet.SignatureId);
        json.WriteString("chain", wallet.Chain);
        json.WriteString("network", wallet.Network.ToString().ToLowerInvariant());
        json.WriteString("kind", wallet.IsMnemonic ? Mnemonic : SingleKey);
        if (xpub is not null)
        {
            json.WriteString("xpub", xpub);
        }

        json.WriteStartArray("keys");
        foreach (var key in keys)
        {
            WriteKey(json, key, scheme, wallet.Network);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private const string Mnemonic = "mnemonic";
    private const string SingleKey = "key";

    /// <summary>The extended public key that public keys follow from: Cardano's is none of these.</summary>
    private static string? UsableXpub(Wallet wallet, IWalletScheme scheme, bool isAuthentic)
    {
        if (!wallet.IsMnemonic)
        {
            return null;
        }

        var xpub = isAuthentic ? wallet.Xpub : scheme.Xpub(wallet.Entry);
        return scheme.OpenXpub(Public(wallet.Chain, wallet.Network, xpub)) is null ? null : xpub;
    }

    private static WalletEntry Public(string chain, Network network, string? xpub) =>
        new() { Chain = chain, Network = network, Xpub = xpub };

    private static IEnumerable<PublicKey> Keys(Wallet wallet, IWalletScheme scheme, string? xpub, int indexes)
    {
        if (wallet.Entry.KeyText is not null)
        {
            yield return wallet.Key(); // of a mnemonic beside it, too: Solana keeps the first key
        }

        foreach (var variant in wallet.IsMnemonic ? scheme.Variants : [])
        {
            var count = variant == 0 && xpub is not null ? 1 : indexes; // the rest follows from it
            for (var index = 0u; index < count; index++)
            {
                yield return wallet.Key(index, variant);
            }
        }
    }

    private static void WriteKey(Utf8JsonWriter json, PublicKey key, IWalletScheme scheme, Network network)
    {
        var place = key.Place!.Value;
        json.WriteStartObject();
        if (place.Index is { } index)
        {
            json.WriteNumber("index", index);
        }

        if (place.Variant != 0)
        {
            json.WriteNumber("variant", place.Variant);
        }

        json.WriteString("publicKey", Hex.Lower(key.Bytes));
        if (place.Variant == 0)
        {
            json.WriteString("address", scheme.Address(key.Bytes, network));
        }
        else if (scheme.AddressTypes.FirstOrDefault(type => type.Variant == place.Variant) is { } type)
        {
            json.WriteString("address", type.Address(key, network));
        }

        json.WriteEndObject();
    }

    private static PublicWallet ReadWallet(StrictObject json, Func<string, IWalletScheme?> schemes)
    {
        var (id, chain) = (json.String("signatureId"), json.String("chain"));
        var scheme = schemes(chain) ?? throw json.Bad("chain", "is none that this version knows");
        var network = json.String("network") switch
        {
            "mainnet" => Network.Mainnet,
            "testnet" => Network.Testnet,
            _ => throw json.Bad("network", "is neither mainnet nor testnet"),
        };
        var isMnemonic = json.String("kind") switch
        {
            Mnemonic => true,
            SingleKey => false,
            _ => throw json.Bad("kind", "is neither mnemonic nor key"),
        };
        var xpub = json.OptionalString("xpub");
        var listed = json.Array("keys");
        json.Done();
        var deriver = xpub is null ? null : Deriver(json, scheme, Public(chain, network, xpub));
        var keys = new Dictionary<(uint?, int), PublicKey>();
        foreach (var item in listed)
        {
            var key = ReadKey(new(item, "a key"), id, scheme, network);
            var place = key.Place!.Value;
            var isWrong = (place.Index is not null && !isMnemonic)
                || (place.Index is { } at
                    && deriver?.Derive(at, place.Variant) is { } derived
                    && !key.Bytes.SequenceEqual(derived));
            if (isWrong || !keys.TryAdd((place.Index, place.Variant), key))
            {
                throw json.Bad("keys", "has a key twice, of another kind of wallet, or one that is not the xpub's");
            }
        }

        return new(id, isMnemonic, xpub, deriver, keys) { Chain = chain, Network = network };
    }

    private static IPublicKeyDeriver Deriver(StrictObject json, IWalletScheme scheme, WalletEntry entry) =>
        scheme.OpenXpub(entry) ?? throw json.Bad("xpub", "is no extended public key of its chain and network");

    /// <summary>The address is for people: one that is not the key's would lead them astray.</summary>
    private static PublicKey ReadKey(StrictObject json, string id, IWalletScheme scheme, Network network)
    {
        var index = (uint?)json.OptionalInteger("index", 0, IWalletKeys.LargestIndex);
        var variant = (int)(json.OptionalInteger("variant", 0, 16) ?? 0);
        var key = new PublicKey(Hex.Read(json.String("publicKey"), "a public key"), new(id, index, variant));
        var address = json.OptionalString("address");
        json.Done();
        if (variant == 0 && address != scheme.Address(key.Bytes, network))
        {
            throw json.Bad("address", "is not the public key's");
        }

        return key;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Bitcoin;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Support;

/// <summary>The kinds of input that can be signed.</summary>
public enum InputKind
{
    KeyHash,
    UncompressedKeyHash,
    PublicKey,
    Witness,
    NestedWitness,
    Taproot,
    ScriptHashMultisig,
    WitnessMultisig,
    NestedMultisig,
}

/// <summary>An output to be spent, and the keys that unlock it.</summary>
internal sealed record OwnedCoin(InputKind Kind, byte[] Script, IReadOnlyList<byte[]> Secrets)
{
    public const int Threshold = 2;

    /// <summary>Kinds that a chain can spend.</summary>
    public static IEnumerable<InputKind> Kinds(string chain) => chain switch
    {
        "BCH" => [InputKind.KeyHash, InputKind.UncompressedKeyHash],
        "DOGE" => [InputKind.KeyHash, InputKind.UncompressedKeyHash, InputKind.PublicKey, InputKind.ScriptHashMultisig],
        _ => Enum.GetValues<InputKind>(),
    };

    public bool IsMultisig => Kind >= InputKind.ScriptHashMultisig;

    public IEnumerable<byte[]> PublicKeys => Secrets.Select(secret => Secp256k1.PublicKey(secret, Kind is not InputKind.UncompressedKeyHash));

    /// <summary>A coin of a kind under fresh keys: one, or three of which two must sign.</summary>
    public static OwnedCoin New(InputKind kind, SeededRandom random) =>
        Of(kind, [.. Enumerable.Range(0, kind >= InputKind.ScriptHashMultisig ? 3 : 1).Select(_ => Secret(random))]);

    /// <summary>A coin of a kind under given keys.</summary>
    public static OwnedCoin Of(InputKind kind, IReadOnlyList<byte[]> secrets)
    {
        var coin = new OwnedCoin(kind, [], secrets);
        List<byte[]> keys = [.. coin.PublicKeys.OrderBy(Convert.ToHexString, StringComparer.Ordinal)];
        var hash = Digests.Hash160(keys[0]);
        byte[] multisig = [0x50 + Threshold, .. keys.SelectMany(key => (byte[])[(byte)key.Length, .. key]), (byte)(0x50 + keys.Count), 0xae];
        byte[] program = [0, 32, .. System.Security.Cryptography.SHA256.HashData(multisig)];
        return coin with
        {
            Script = kind switch
            {
                InputKind.KeyHash or InputKind.UncompressedKeyHash => [0x76, 0xa9, 20, .. hash, 0x88, 0xac],
                InputKind.PublicKey => [33, .. keys[0], 0xac],
                InputKind.Witness => [0, 20, .. hash],
                InputKind.NestedWitness => [0xa9, 20, .. Digests.Hash160([0, 20, .. hash]), 0x87],
                InputKind.Taproot => new NBitcoin.PubKey(keys[0]).GetTaprootFullPubKey().ScriptPubKey.ToBytes(),
                InputKind.ScriptHashMultisig => [0xa9, 20, .. Digests.Hash160(multisig), 0x87],
                InputKind.WitnessMultisig => program,
                _ => [0xa9, 20, .. Digests.Hash160(program), 0x87],
            },
        };
    }

    private static byte[] Secret(SeededRandom random)
    {
        while (true)
        {
            if (random.Bytes(32) is var secret && Secp256k1.IsSecretKey(secret))
            {
                return secret;
            }
        }
    }
}

/// <summary>A pending payment in the making, which gives a vector as the recorded ones are.</summary>
internal sealed class PaymentCase(string chain)
{
    private const byte TestnetWif = 0xef;
    private const byte DogeTestnetWif = 0xf1;

    public List<(OwnedCoin Coin, string TransactionId, uint Index, long Satoshis, uint Sequence)> Inputs { get; } = [];

    public List<(byte[] Script, long Satoshis)> Outputs { get; } = [];

    public int Version { get; set; } = 2;

    public uint LockTime { get; set; }

    /// <summary>Whether the pending transaction states the hash of what it holds.</summary>
    public bool StatesHash { get; set; } = true;

    public PaymentCase Spend(OwnedCoin coin, string transactionId, uint index, long satoshis, uint sequence = 0xffffffff)
    {
        Inputs.Add((coin, transactionId, index, satoshis, sequence));
        return this;
    }

    public PaymentCase Pay(byte[] script, long satoshis)
    {
        Outputs.Add((script, satoshis));
        return this;
    }

    /// <summary>The case as a vector for <see cref="SigningRun"/>: every key is a wallet of its own.</summary>
    public JsonElement Vector()
    {
        var store = new JsonObject();
        var hashes = new JsonArray();
        foreach (var (coin, _, _, _, _) in Inputs)
        {
            foreach (var secret in coin.Secrets.Take(coin.IsMultisig ? OwnedCoin.Threshold : 1))
            {
                var id = "key-" + Convert.ToHexStringLower(Digests.Hash160(secret))[..16];
                hashes.Add(id);
                store[id] = new JsonObject { ["privateKey"] = Wif(secret, coin.Kind is not InputKind.UncompressedKeyHash), ["chain"] = chain, ["testnet"] = true };
            }
        }

        var vector = new JsonObject
        {
            ["testnet"] = true,
            ["pending"] = new JsonObject
            {
                ["id"] = "0123456789abcdef01234567",
                ["chain"] = chain,
                ["serializedTransaction"] = chain == "BCH" ? Cash() : Json().ToJsonString(),
                ["hashes"] = hashes,
            },
            ["walletStore"] = store,
        };
        return JsonSerializer.SerializeToElement(vector);
    }

    /// <summary>The pending transaction's object form.</summary>
    public JsonObject Json()
    {
        var json = new JsonObject
        {
            ["version"] = Version,
            ["inputs"] = new JsonArray([.. Inputs.Select(input => Input(input.Coin, input.TransactionId, input.Index, input.Satoshis, input.Sequence))]),
            ["outputs"] = new JsonArray([.. Outputs.Select(output => Output(output.Satoshis, output.Script))]),
            ["nLockTime"] = LockTime,
        };
        if (StatesHash)
        {
            // nested P2WSH inputs carry their script already, so their hash covers it
            json["hash"] = Unsigned().Id([.. Inputs.Select(input => new Unlocking(Convert.FromHexString(ScriptOf(input.Coin)), []))]);
        }

        return json;
    }

    public Transaction Unsigned() => new(
        Version,
        [.. Inputs.Select(input => new TransactionInput(new(input.TransactionId, input.Index), input.Sequence))],
        [.. Outputs.Select(output => new TransactionOutput(output.Satoshis, output.Script))],
        LockTime);

    private string Cash() =>
        Hex.Lower(Unsigned().Serialize([.. Inputs.Select(_ => Unlocking.Nothing)])) + ":[" + string.Join(',', Inputs.Select(input => input.Satoshis)) + "]";

    private string Wif(byte[] secret, bool compressed)
    {
        var version = chain == "DOGE" ? DogeTestnetWif : TestnetWif;
        return Base58.EncodeCheck(compressed ? [version, .. secret, 1] : [version, .. secret]);
    }

    private static JsonObject Input(OwnedCoin coin, string transactionId, uint index, long satoshis, uint sequence)
    {
        var json = new JsonObject
        {
            ["prevTxId"] = transactionId,
            ["outputIndex"] = index,
            ["sequenceNumber"] = sequence,
            ["script"] = ScriptOf(coin),
            ["output"] = Output(satoshis, coin.Script),
        };
        if (coin.IsMultisig)
        {
            json["threshold"] = OwnedCoin.Threshold;
            json["publicKeys"] = new JsonArray([.. coin.PublicKeys.Select(key => JsonValue.Create(Hex.Lower(key)))]);
            json["signatures"] = new JsonArray([.. coin.PublicKeys.Select(_ => (JsonNode?)null)]);
        }

        return json;
    }

    private static JsonObject Output(long satoshis, byte[] script) => new() { ["satoshis"] = satoshis, ["script"] = Hex.Lower(script) };

    private static string ScriptOf(OwnedCoin coin)
    {
        if (coin.Kind is not InputKind.NestedMultisig)
        {
            return "";
        }

        List<byte[]> keys = [.. coin.PublicKeys.OrderBy(Convert.ToHexString, StringComparer.Ordinal)];
        byte[] multisig = [0x50 + OwnedCoin.Threshold, .. keys.SelectMany(key => (byte[])[(byte)key.Length, .. key]), (byte)(0x50 + keys.Count), 0xae];
        return "220020" + Hex.Lower(System.Security.Cryptography.SHA256.HashData(multisig));
    }
}

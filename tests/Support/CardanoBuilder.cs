using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Cardano;
using KmsCloud.Codecs;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Support;

/// <summary>Operations, bodies and the gateway's answers, to be spoiled by the tests.</summary>
internal static class CardanoBuilder
{
    public const string Other = "addr_test1vp2zwu3jfn8jtl2pmekyg40j9vvsdq27yk09rkmnecgwnkghay8s7";

    public static OneWallet Ours { get; } = new("ADA", "5847cb4a0241a32eab2b5d0f868b3d893a66bdd23cfee372aa6c6e9be37f4040fd305dec8e3289cd97933fb22ef1b75c8a44ea3a441fed1e99510fe6f194422f");

    /// <summary>A spent output of ours: its id is 32 times its number.</summary>
    public static JsonObject Input(int at, ulong lovelace, byte number, string? address = null, JsonArray? tokens = null) => Operation(
        at, 0, "input", address ?? Ours.Address, $"-{lovelace}", tokens, new JsonObject
        {
            ["coin_identifier"] = new JsonObject { ["identifier"] = $"{Convert.ToHexStringLower([.. Enumerable.Repeat(number, 32)])}:0" },
            ["coin_action"] = "coin_created",
        });

    public static JsonObject Output(int at, int number, ulong lovelace, string address = Other, JsonArray? tokens = null) =>
        Operation(at, number, "output", address, $"{lovelace}", tokens, null);

    public static JsonArray Tokens(string sign, params (string Policy, string Name, ulong Units)[] tokens) => [.. tokens.Select(token => new JsonObject
    {
        ["policyId"] = token.Policy,
        ["tokens"] = new JsonArray(new JsonObject { ["currency"] = new JsonObject { ["symbol"] = token.Name, ["decimals"] = 0 }, ["value"] = $"{sign}{token.Units}" }),
    })];

    public static byte[] UInt(ulong number) => Cbor.Head(CborType.UInt, number);

    public static byte[] Array(params byte[][] items) => [.. Cbor.Head(CborType.Array, (ulong)items.Length), .. items.SelectMany(item => item)];

    public static byte[] Map(params (ulong Key, byte[] Value)[] items) =>
        [.. Cbor.Head(CborType.Map, (ulong)items.Length), .. items.SelectMany(item => (byte[])[.. UInt(item.Key), .. item.Value])];

    public static byte[] Coin(byte number, ulong index = 0) => Array(Cbor.Bytes([.. Enumerable.Repeat(number, 32)]), UInt(index));

    public static byte[] Address(string text) => Cbor.Bytes(CardanoAddress.Read(text, Network.Testnet, "it"));

    /// <summary>The gateway's last answer for a body.</summary>
    public static JsonElement Payloads(byte[] body, string? digest = null, string[]? addresses = null, byte[]? envelope = null)
    {
        envelope ??= Array(Cbor.Text(Hex.Lower(body)), [0xa1, .. Cbor.Text("operations"), 0x80]);
        var json = new JsonObject
        {
            ["unsigned_transaction"] = Hex.Lower(envelope),
            ["payloads"] = new JsonArray([.. (addresses ?? [Ours.Address]).Select(address => (JsonNode)new JsonObject
            {
                ["account_identifier"] = new JsonObject { ["address"] = address },
                ["hex_bytes"] = digest ?? Hex.Lower(Blake2b.Hash(body, 32)),
                ["signature_type"] = "ed25519",
            })]),
        };
        return JsonDocument.Parse(json.ToJsonString()).RootElement;
    }

    /// <summary>Decodes operations and completes them with a last answer.</summary>
    public static UnsignedTransaction Complete(JsonArray operations, JsonElement payloads, OneWallet? wallet = null) =>
        Complete((wallet ?? Ours).Decode(operations.ToJsonString()), payloads);

    public static UnsignedTransaction Complete(UnsignedTransaction transaction, JsonElement payloads)
    {
        var empty = JsonDocument.Parse("{}").RootElement;
        return transaction.Complete(new([empty])).Complete(new([empty])).Complete(new([payloads]));
    }

    private static JsonObject Operation(int at, int networkIndex, string type, string address, string value, JsonArray? tokens, JsonObject? change)
    {
        var operation = new JsonObject
        {
            ["operation_identifier"] = new JsonObject { ["index"] = at, ["network_index"] = networkIndex },
            ["related_operations"] = new JsonArray(),
            ["type"] = type,
            ["status"] = "success",
            ["account"] = new JsonObject { ["address"] = address, ["metadata"] = new JsonObject() },
            ["amount"] = new JsonObject { ["value"] = value, ["currency"] = new JsonObject { ["symbol"] = "ADA", ["decimals"] = 6 } },
            ["metadata"] = tokens is null ? new JsonObject() : new JsonObject { ["tokenBundle"] = tokens },
        };
        if (change is not null)
        {
            operation["coin_change"] = change;
        }

        return operation;
    }
}

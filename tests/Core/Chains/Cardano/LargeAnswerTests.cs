using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Codecs;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;
using static KmsCloud.Tests.Support.CardanoBuilder;

namespace KmsCloud.Tests.Chains.Cardano;

/// <summary>What the construction API answers for a good transaction, with the operations it signs for inside, as cardano-rosetta puts them there.</summary>
public sealed class LargeAnswerTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Theory, InlineData(20), InlineData(100), InlineData(150), InlineData(300)]
    public async Task A_good_transaction_of_many_inputs_is_signed(int inputs)
    {
        var operations = new JsonArray();
        for (var at = 0; at < inputs; at++)
        {
            var input = Input(at, 2_000_000, 1);
            input["coin_change"] = new JsonObject { ["coin_identifier"] = new JsonObject { ["identifier"] = $"{at + 1:x64}:0" }, ["coin_action"] = "coin_spent" };
            operations.Add((JsonNode)input);
        }

        var paid = ((ulong)inputs * 2_000_000) - 1_500_000;
        var extra = Encoded(new JsonObject { ["operations"] = operations.DeepClone() });
        operations.Add((JsonNode)Output(inputs, 0, paid));
        var coins = Array([.. Enumerable.Range(0, inputs).Select(at => Array(Cbor.Bytes(Convert.FromHexString($"{at + 1:x64}")), UInt(0)))]);
        var body = Map((0, coins), (1, Array(Array(Address(Other), UInt(paid)))), (2, UInt(1_500_000)), (3, UInt(76_401_000)));
        var answer = Payloads(body, addresses: [.. Enumerable.Repeat(Ours.Address, 1)], envelope: Array(Cbor.Text(Hex.Lower(body)), extra)).GetRawText();
        world.OnAny = request => request.Path.EndsWith("/construction/payloads", StringComparison.Ordinal) ? new(200, answer)
            : request.Path.Contains("/construction/", StringComparison.Ordinal) ? new(200, "{}")
            : null;
        world.Add("ADA", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["testnet"] = true,
            ["pending"] = new JsonObject { ["id"] = "d3d833c04799df9c86fc0c5e", ["chain"] = "ADA", ["serializedTransaction"] = operations.ToJsonString(), ["hashes"] = new JsonArray("w-1") },
            ["walletStore"] = new JsonObject { ["w-1"] = new JsonObject { ["privateKey"] = "5847cb4a0241a32eab2b5d0f868b3d893a66bdd23cfee372aa6c6e9be37f4040fd305dec8e3289cd97933fb22ef1b75c8a44ea3a441fed1e99510fe6f194422f", ["chain"] = "ADA", ["testnet"] = true } },
        }));
        world.Options = world.Options with { Chains = ["ADA"] };
        var report = await world.RunAsync();
        Assert.True(report.Count(Verdict.Accepted) == 1, $"{inputs} inputs, body of {body.Length} bytes, answer of {answer.Length} bytes: {report.Transactions[0].Verdict}: {report.Transactions[0].Reason}");
    }

    private static byte[] Encoded(JsonNode? node) => node switch
    {
        JsonObject json => [.. Cbor.Head(CborType.Map, (ulong)json.Count), .. json.SelectMany(member => (byte[])[.. Cbor.Text(member.Key), .. Encoded(member.Value)])],
        JsonArray list => [.. Cbor.Head(CborType.Array, (ulong)list.Count), .. list.SelectMany(Encoded)],
        JsonValue value when value.TryGetValue<string>(out var text) => Cbor.Text(text),
        JsonValue value => UInt((ulong)value.GetValue<int>()),
        _ => [0xf6],
    };
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Chains.Cardano;

namespace KmsCloud.Tests.Chains;

public static class RedTeamTimeTests
{
    [Fact]
    public static void Many_tokens_and_many_operations()
    {
        JsonArray Bundle(string sign) => [new JsonObject
        {
            ["policyId"] = new string('a', 56),
            ["tokens"] = new JsonArray([.. Enumerable.Range(0, 7_000).Select(i => (JsonNode)new JsonObject { ["currency"] = new JsonObject { ["symbol"] = $"{i:x4}" }, ["value"] = $"{sign}1" })]),
        }];
        var operations = new JsonArray();
        for (var at = 0; at < 200; at++)
        {
            operations.Add(CardanoBuilder.Input(at, 2_000_000, (byte)at, tokens: at == 0 ? Bundle("-") : null));
        }

        for (var at = 0; at < 799; at++)
        {
            operations.Add(CardanoBuilder.Output(200 + at, at, at == 0 ? 10_000_000UL : 100_000, tokens: at == 0 ? Bundle("") : null));
        }

        var text = operations.ToJsonString();
        var watch = Stopwatch.StartNew();
        string what;
        try
        {
            what = CardanoBuilder.Ours.Decode(text).Summary.Kind;
        }
        catch (Exception error)
        {
            what = error.Message;
        }

        Assert.Fail($"{text.Length} characters, {watch.Elapsed.TotalSeconds:0.0} s: {what}");
    }
}

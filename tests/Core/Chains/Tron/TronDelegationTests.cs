using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Tron;
using KmsCloud.Codecs;
using KmsCloud.Policy;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Tron;

/// <summary>Whoever gets the use of our stake is a recipient: a rule's list of recipients and its limits hold for him, too.</summary>
public static class TronDelegationTests
{
    private const string Rule = """{"version":1,"rules":[{"name":"r","chains":["TRON"],"recipients":RECIPIENTS,"assets":{"TRX":{},"delegated TRX":{"perTransaction":"10"}},"kinds":["resource delegation","stake"]}]}""";

    [Theory]
    [InlineData("DelegateResourceContract", 10_000_000, true, true)]
    [InlineData("DelegateResourceContract", 10_000_001, true, false)]
    [InlineData("DelegateResourceContract", 10_000_000, false, false)]
    [InlineData("FreezeBalanceContract", 10_000_000, true, true)]
    [InlineData("FreezeBalanceContract", 10_000_001, true, false)]
    [InlineData("FreezeBalanceContract", 10_000_000, false, false)]
    public static void Recipients_and_limits_of_a_rule_hold(string contract, long sun, bool listed, bool allowed)
    {
        using var run = SigningRun.Sign(Delegation(contract, sun));
        var summary = run.Transaction.Summary;
        var transfer = Assert.Single(summary.Transfers);
        Assert.Equal(new Amount(new BigInteger(sun), 6, "delegated TRX"), transfer.Amount);
        var rules = PolicyFile.Read(Encoding.UTF8.GetBytes(Rule.Replace("RECIPIENTS", listed ? $"[\"{transfer.To}\"]" : "[\"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t\"]", StringComparison.Ordinal)));
        var verdict = PolicyCheck.Verdict(rules, summary, ["w"], (_, _) => default, DateTimeOffset.UnixEpoch, filled: true);
        Assert.True(allowed == verdict.Allowed, string.Join(';', verdict.Reasons));
    }

    private static JsonElement Delegation(string contract, long sun)
    {
        var vector = Vectors.Names("TRON", "signing").Select(name => Vectors.Case("TRON", "signing", name))
            .First(item => item.GetProperty("decoded").Text("contractType") == "TransferContract");
        var changed = JsonNode.Parse(vector.GetRawText())!;
        var transaction = JsonNode.Parse(changed["pending"]!["serializedTransaction"]!.GetValue<string>())!;
        var visible = transaction["visible"]?.GetValue<bool>() ?? false;
        var only = transaction["raw_data"]!["contract"]![0]!;
        var value = only["parameter"]!["value"]!.AsObject();
        only["type"] = contract;
        only["parameter"]!["type_url"] = "type.googleapis.com/protocol." + contract;
        value["receiver_address"] = value["to_address"]!.GetValue<string>();
        value["resource"] = "ENERGY";
        value[contract == "DelegateResourceContract" ? "balance" : "frozen_balance"] = sun;
        value.Remove("to_address");
        value.Remove("amount");
        var bytes = TronRaw.Read(JsonSerializer.SerializeToElement(transaction["raw_data"]), new(visible, visible)).Bytes;
        transaction["raw_data_hex"] = Hex.Lower(bytes);
        transaction["txID"] = Hex.Lower(SHA256.HashData(bytes));
        changed["pending"]!["serializedTransaction"] = transaction.ToJsonString();
        return JsonSerializer.SerializeToElement(changed);
    }
}

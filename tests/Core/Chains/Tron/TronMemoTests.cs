using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Tron;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Tron;

/// <summary>Bandwidth is burnt for each byte beyond what the account has free, and no fee limit counts it.</summary>
public static class TronMemoTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(512, true)]
    [InlineData(513, false)]
    [InlineData(100_000, false)]
    public static void A_memo_that_is_there_to_be_paid_for_is_not_called_understood(int size, bool understood)
    {
        var vector = Vectors.Names("TRON", "signing").Select(name => Vectors.Case("TRON", "signing", name))
            .First(item => item.GetProperty("decoded").Text("contractType") == "TransferContract");
        var changed = JsonNode.Parse(vector.GetRawText())!;
        var transaction = JsonNode.Parse(changed["pending"]!["serializedTransaction"]!.GetValue<string>())!;
        var visible = transaction["visible"]?.GetValue<bool>() ?? false;
        transaction["raw_data"]!["data"] = new string('6', 2 * size);
        var bytes = TronRaw.Read(JsonSerializer.SerializeToElement(transaction["raw_data"]), new(visible, visible)).Bytes;
        transaction["raw_data_hex"] = Hex.Lower(bytes);
        transaction["txID"] = Hex.Lower(SHA256.HashData(bytes));
        changed["pending"]!["serializedTransaction"] = transaction.ToJsonString();
        using var run = SigningRun.Sign(JsonSerializer.SerializeToElement(changed));
        Assert.Equal(understood, run.Transaction.Summary.Understood);
    }
}

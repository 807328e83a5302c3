using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Tron;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>What a network burns for a transaction counts, also where the transaction names no fee.</summary>
public static class RedTeam5FeeTests
{
    [Fact]
    public static void A_token_that_is_issued_on_tron_burns_1024_trx()
    {
        using var signer = new SingleKeySigner("TRON", new('5', 64));
        var value = new JsonObject
        {
            ["owner_address"] = Hex.Lower(Base58.TryDecodeCheck(signer.Address)!),
            ["name"] = "41424344",
            ["abbr"] = "4142",
            ["total_supply"] = 1000,
            ["trx_num"] = 1,
            ["num"] = 1,
            ["start_time"] = 1_700_000_000_000,
            ["end_time"] = 1_800_000_000_000,
            ["url"] = "68747470",
        };
        var raw = new JsonObject
        {
            ["contract"] = new JsonArray(new JsonObject
            {
                ["type"] = "AssetIssueContract",
                ["parameter"] = new JsonObject { ["type_url"] = "type.googleapis.com/protocol.AssetIssueContract", ["value"] = value },
            }),
            ["ref_block_bytes"] = "0001",
            ["ref_block_hash"] = "0102030405060708",
            ["expiration"] = 1_800_000_000_000,
        };
        using var parsed = JsonDocument.Parse(raw.ToJsonString());
        var bytes = TronRaw.Read(parsed.RootElement, new(false, false)).Bytes;
        var whole = new JsonObject { ["raw_data"] = raw, ["raw_data_hex"] = Hex.Lower(bytes), ["txID"] = Hex.Lower(SHA256.HashData(bytes)) };
        var onTop = signer.Decode(whole.ToJsonString()).Summary.FeeOnTop!.Value;
        Assert.True(ExactSum.Read(onTop.Number).Exceeds(ExactSum.Read("1024"), 1), $"{onTop}");
    }
}

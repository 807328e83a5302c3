using System.Text.Json.Nodes;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Tron;

/// <summary>Signatures recovered by tronweb, and its protocol buffers for every contract type that is signed.</summary>
public static class TronPeerTests
{
    private static readonly string Key = new('5', 64);
    private const string Other = "410580923faf8a090bc58804329cf3b76f5e5da7fc";

    /// <summary>The fields of a contract beside owner_address, and what tronweb leaves out of them.</summary>
    [Theory]
    [InlineData("AccountCreateContract", $$"""{"account_address":"{{Other}}"}""")]
    [InlineData("TransferContract", $$"""{"to_address":"{{Other}}","amount":9007199254740991}""")]
    [InlineData("TransferAssetContract", $$"""{"asset_name":"31303030303031","to_address":"{{Other}}","amount":5}""")]
    [InlineData("VoteWitnessContract", $$"""{"votes":[{"vote_address":"{{Other}}","vote_count":3},{"vote_address":"{{Other}}","vote_count":128}]}""")]
    [InlineData("AssetIssueContract", """{"name":"41424344","abbr":"4142","total_supply":1000,"frozen_supply":[{"frozen_amount":1,"frozen_days":2}],"trx_num":1,"precision":6,"num":7,"start_time":1700000000000,"end_time":1800000000000,"description":"6869","url":"68747470","free_asset_net_limit":5,"public_free_asset_net_limit":300}""")]
    [InlineData("FreezeBalanceContract", $$"""{"frozen_balance":1000000,"frozen_duration":3,"resource":"ENERGY","receiver_address":"{{Other}}"}""")]
    [InlineData("UnfreezeBalanceContract", $$"""{"resource":"ENERGY","receiver_address":"{{Other}}"}""")]
    [InlineData("WithdrawBalanceContract", "{}")]
    [InlineData("CreateSmartContract", $$"""{"new_contract":{"origin_address":"{{Other}}","abi":{"entrys":[{"name":"x","inputs":[{"indexed":true,"name":"a","type":"uint256"}],"outputs":[{"name":"","type":"bool"}],"type":"Event","anonymous":true,"payable":true,"stateMutability":"Payable","constant":true},{"type":"Function","inputs":[],"name":"y"}]},"bytecode":"60016002","call_value":9,"consume_user_resource_percent":100,"name":"Sämple","origin_energy_limit":10000000},"call_token_value":4,"token_id":1000001}""")]
    [InlineData("CreateSmartContract", """{"new_contract":{"abi":{"entrys":[]},"bytecode":"6001","consume_user_resource_percent":0,"name":"","origin_energy_limit":0,"origin_address":"OWNER"}}""")]
    [InlineData("TriggerSmartContract", $$"""{"contract_address":"{{Other}}","call_value":7,"data":"a9059cbb","call_token_value":8,"token_id":1000001}""")]
    [InlineData("FreezeBalanceV2Contract", """{"frozen_balance":1000000,"resource":"ENERGY"}""")]
    [InlineData("FreezeBalanceV2Contract", """{"frozen_balance":1000000,"resource":"TRON_POWER"}""")]
    [InlineData("UnfreezeBalanceV2Contract", """{"unfreeze_balance":1000000,"resource":"BANDWIDTH"}""")]
    [InlineData("WithdrawExpireUnfreezeContract", "{}")]
    [InlineData("DelegateResourceContract", $$"""{"resource":"ENERGY","balance":5,"receiver_address":"{{Other}}","lock":true,"lock_period":86400}""")]
    [InlineData("UnDelegateResourceContract", $$"""{"resource":"ENERGY","balance":5,"receiver_address":"{{Other}}"}""")]
    [InlineData("CancelAllUnfreezeV2Contract", "{}")]
    public static void Tronweb_encodes_each_contract_type_to_the_same_bytes(string type, string value)
    {
        using var signer = new SingleKeySigner("TRON", Key);
        var owner = Hex.Lower(Base58.TryDecodeCheck(signer.Address)!);
        var fields = (JsonObject)JsonNode.Parse(value.Replace("OWNER", owner, StringComparison.Ordinal))!;
        fields["owner_address"] = owner;
        var transaction = Transaction(type, fields, visible: false);
        var signed = signer.Sign(Encoded(transaction).ToJsonString()); // refuses when its own bytes are others
        Assert.Equal(signer.Address, (string?)Signer(signed.Data)["address"]);
    }

    [Fact]
    public static void Tronweb_writes_labels_of_visible_transactions_as_text()
    {
        using var signer = new SingleKeySigner("TRON", Key);
        var fields = new JsonObject { ["asset_name"] = "1000001", ["to_address"] = "TAUJQJnzq5BgdLFvV1qJ1DZJx6MBvaAHps", ["owner_address"] = signer.Address, ["amount"] = 5 };
        var transaction = Encoded(Transaction("TransferAssetContract", fields, visible: true));
        Assert.Equal("TRC10:1000001", signer.Decode(transaction.ToJsonString()).Summary.Transfers[0].Amount.Asset);
        transaction["raw_data"]!["contract"]![0]!["parameter"]!["value"]!["asset_name"] = "31303030303031"; // the same in hex
        Assert.Equal("TRC10:1000001", signer.Decode(transaction.ToJsonString()).Summary.Transfers[0].Amount.Asset);
    }

    [Fact]
    public static void Tronweb_recovers_the_signer_of_the_recorded_transactions()
    {
        foreach (var vector in Vectors.Read("TRON").GetProperty("signing").EnumerateArray())
        {
            if (vector.Text("name") == "amount-above-2-to-53")
            {
                continue; // more than a JavaScript number holds
            }

            using var run = SigningRun.Sign(vector);
            Assert.Equal(vector.GetProperty("decoded").Text("owner"), (string?)Signer(run.Signed.Data)["address"]);
        }
    }

    [Fact]
    public static void Tronweb_sees_another_signer_when_a_byte_of_the_signature_changes()
    {
        using var run = SigningRun.Sign(Vectors.Case("TRON", "signing", "trx-transfer"));
        var signed = JsonNode.Parse(run.Signed.Data)!;
        var signature = (string)signed["signature"]![0]!;
        signed["signature"]![0] = signature[..100] + (signature[100] == '0' ? '1' : '0') + signature[101..];
        Assert.NotEqual((string?)Signer(run.Signed.Data)["address"], (string?)Signer(signed.ToJsonString())["address"]);
    }

    private static JsonObject Transaction(string type, JsonObject value, bool visible) => new()
    {
        ["visible"] = visible,
        ["raw_data"] = new JsonObject
        {
            ["contract"] = new JsonArray(new JsonObject
            {
                ["parameter"] = new JsonObject { ["value"] = value, ["type_url"] = "type.googleapis.com/protocol." + type },
                ["type"] = type,
            }),
            ["ref_block_bytes"] = "a3c3",
            ["ref_block_hash"] = "88a4b07bc0481a0d",
            ["expiration"] = 1700000061003,
            ["timestamp"] = 1700000001003,
            ["fee_limit"] = 100000000,
            ["data"] = "68656c6c6f",
        },
    };

    private static JsonObject Encoded(JsonObject transaction)
    {
        var encoded = Peer.Call("tron", "encode", new JsonObject { ["transaction"] = transaction.DeepClone() })!;
        transaction["raw_data_hex"] = (string)encoded["raw_data_hex"]!;
        transaction["txID"] = (string)encoded["txID"]!;
        return transaction;
    }

    private static JsonNode Signer(string signed) => Peer.Call("tron", "signer", new JsonObject { ["transaction"] = JsonNode.Parse(signed) })!;
}

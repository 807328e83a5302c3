using System.Globalization;
using System.Text.Json.Nodes;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>Every chain's signed bytes read by ethers and viem: sender recovered, fields equal, hash equal, written again the same.</summary>
public static class EvmPeerTests
{
    private const int RandomCount = 40;

    public static TheoryData<string> Codes => ["ETH", "BSC", "MATIC", "KLAY", "ONE", "KCS", "XDC", "CELO"];

    public static IEnumerable<TheoryDataRow<string, byte>> Kinds() => EvmRandomTests.Kinds();

    [Theory, MemberData(nameof(Codes))]
    public static void Peers_read_the_recorded_transactions_as_they_were_asked_for(string code)
    {
        foreach (var vector in Vectors.Read(code).GetProperty("signing").EnumerateArray())
        {
            using var run = SigningRun.Sign(vector);
            var decoded = vector.GetProperty("decoded");
            foreach (var (peer, read) in Read(run.Signed.Data))
            {
                Assert.Equal(decoded.Text("from"), Lower(read["from"]));
                Assert.Equal(vector.Text("txId"), Lower(read["hash"]));
                if (peer == "klaytn")
                {
                    continue; // its fields are compared as items, below
                }

                Assert.Equal(decoded.Text("to"), Lower(read["to"]));
                Assert.Equal(decoded.GetProperty("chainId").GetRawText(), (string?)read["chainId"]);
                Assert.Equal(decoded.GetProperty("nonce").GetRawText(), (string?)read["nonce"]);
                Assert.Equal(decoded.Text("valueBaseUnits"), (string?)read["value"]);
                Assert.Equal(decoded.Text("gasLimit"), (string?)read["gas"]);
                Assert.Equal(decoded.Text("gasPrice") ?? decoded.Text("maxFeePerGas"), (string?)read["price"]);
                Assert.Equal(decoded.Text("gasPrice") ?? decoded.Text("maxPriorityFeePerGas"), (string?)read["tip"]);
                Assert.Equal(decoded.GetProperty("dataLength").GetInt32(), (((string)read["data"]!).Length / 2) - 1);
            }
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public static void Peers_read_random_transactions_as_they_were_asked_for(string code, byte type)
    {
        var random = new SeededRandom(type + 1000UL);
        using var signer = new SingleKeySigner(code, "0x" + new string('7', 64), options: RandomTransaction.AnyFee);
        for (var i = 0; i < RandomCount; i++)
        {
            var asked = RandomTransaction.Next(random, code, type, nonceBits: 53);
            var signed = signer.Sign(asked.Json);
            foreach (var (peer, read) in Read(signed.Data))
            {
                Assert.Equal(signer.Address, Lower(read["from"]));
                Assert.Equal(signed.TransactionId ?? Lower(read["hash"]), Lower(read["hash"]));
                Assert.Equal(asked.ChainId.ToString(CultureInfo.InvariantCulture), (string?)read["chainId"]);
                Assert.Equal(signed.Data, (string?)read["reserialized"] ?? signed.Data);
                if (peer == "klaytn")
                {
                    var fields = SignedEvm.Read(signed.Data).Fields.Select(item => "0x" + Hex.Lower(item.Bytes));
                    Assert.Equal(fields, read["fields"]!.AsArray().Select(field => (string)field!));
                    continue;
                }

                Assert.Equal(type, (int)read["type"]!);
                Assert.Equal(asked.Nonce.ToString(CultureInfo.InvariantCulture), (string?)read["nonce"]);
                Assert.Equal(asked.Gas.ToString(CultureInfo.InvariantCulture), (string?)read["gas"]);
                Assert.Equal(asked.Price.ToString(CultureInfo.InvariantCulture), (string?)read["price"]);
                Assert.Equal(asked.Tip.ToString(CultureInfo.InvariantCulture), (string?)read["tip"]);
                Assert.Equal(asked.Value.ToString(CultureInfo.InvariantCulture), (string?)read["value"]);
                Assert.Equal(asked.To.Length == 0 ? null : Hex.Lower0x(asked.To), Lower(read["to"]));
                Assert.Equal(Hex.Lower0x(asked.Data), Lower(read["data"]));
                Assert.Equal(asked.FeeCurrency.Length == 0 ? null : Hex.Lower0x(asked.FeeCurrency), Lower(read["feeCurrency"]));
                if (read["accessList"] is JsonArray list)
                {
                    Assert.Equal(asked.AccessList.Select(entry => Hex.Lower0x(entry.Address)), list.Select(entry => Lower(entry!["address"])));
                    Assert.Equal(
                        asked.AccessList.SelectMany(entry => entry.Keys).Select(key => Hex.Lower0x(key)),
                        list.SelectMany(entry => entry!["storageKeys"]!.AsArray()).Select(key => (string)key!));
                }
            }
        }
    }

    [Fact]
    public static void A_peer_sees_another_sender_when_a_byte_of_the_signature_changes()
    {
        using var signer = new SingleKeySigner("ETH", "0x" + new string('7', 64));
        var data = signer.Sign("""{"to":"0x3535353535353535353535353535353535353535","nonce":1,"gas":21000,"gasPrice":1,"chainId":11155111}""").Data;
        var changed = data[..^1] + (data[^1] == '0' ? '1' : '0');
        Assert.Equal(signer.Address, Lower(Ask("ethers", data)["from"]));
        Assert.NotEqual(signer.Address, Lower(Ask("ethers", changed)["from"]));
    }

    private static IEnumerable<(string Peer, JsonNode Read)> Read(string data) => (data[..4] switch
    {
        "0x7b" => (string[])["celo"],
        "0x08" or "0x09" or "0x10" or "0x28" or "0x30" or "0x38" => ["klaytn"],
        _ => ["ethers", "viem"],
    }).Select(peer => (peer, Ask(peer, data)));

    private static JsonNode Ask(string peer, string data) => Peer.Call("evm", peer, new JsonObject { ["data"] = data })!;

    private static string? Lower(JsonNode? text) => ((string?)text)?.ToLowerInvariant();
}

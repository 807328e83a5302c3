using System.Globalization;
using System.Text.Json.Nodes;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>Transactions with a fee currency (CIP-64), which Nethereum does not know, read by viem: sender recovered, fields equal, hash equal, written again the same.</summary>
public static class CeloPeerTests
{
    private const int RandomCount = 40;
    private const byte FeeCurrency = 0x7b;

    [Fact]
    public static void A_peer_reads_the_recorded_transactions_as_they_were_asked_for()
    {
        var read = 0;
        foreach (var vector in Vectors.Read("CELO").GetProperty("signing").EnumerateArray())
        {
            using var run = SigningRun.Sign(vector);
            if (!run.Signed.Data.StartsWith("0x7b", StringComparison.Ordinal))
            {
                continue;
            }

            var (decoded, peer) = (vector.GetProperty("decoded"), Ask(run.Signed.Data));
            Assert.Equal(decoded.Text("from"), Lower(peer["from"]));
            Assert.Equal(vector.Text("txId"), Lower(peer["hash"]));
            Assert.Equal(decoded.Text("to"), Lower(peer["to"]));
            Assert.Equal(decoded.GetProperty("chainId").GetRawText(), (string?)peer["chainId"]);
            Assert.Equal(decoded.GetProperty("nonce").GetRawText(), (string?)peer["nonce"]);
            Assert.Equal(decoded.Text("valueBaseUnits"), (string?)peer["value"]);
            Assert.Equal(decoded.Text("gasLimit"), (string?)peer["gas"]);
            Assert.Equal(decoded.Text("gasPrice") ?? decoded.Text("maxFeePerGas"), (string?)peer["price"]);
            Assert.Equal(decoded.Text("gasPrice") ?? decoded.Text("maxPriorityFeePerGas"), (string?)peer["tip"]);
            Assert.Equal(decoded.GetProperty("dataLength").GetInt32(), (((string)peer["data"]!).Length / 2) - 1);
            read++;
        }

        Assert.True(read >= 3);
    }

    [Fact]
    public static void A_peer_reads_random_transactions_as_they_were_asked_for()
    {
        var random = new SeededRandom(FeeCurrency + 1000UL);
        using var signer = new SingleKeySigner("CELO", "0x" + new string('7', 64), options: RandomTransaction.AnyFee);
        for (var i = 0; i < RandomCount; i++)
        {
            var asked = RandomTransaction.Next(random, "CELO", FeeCurrency, nonceBits: 53);
            var signed = signer.Sign(asked.Json);
            var read = Ask(signed.Data);
            Assert.Equal(signer.Address, Lower(read["from"]));
            Assert.Equal(signed.TransactionId, Lower(read["hash"]));
            Assert.Equal(asked.ChainId.ToString(CultureInfo.InvariantCulture), (string?)read["chainId"]);
            Assert.Equal(signed.Data, (string?)read["reserialized"]);
            Assert.Equal(asked.Nonce.ToString(CultureInfo.InvariantCulture), (string?)read["nonce"]);
            Assert.Equal(asked.Gas.ToString(CultureInfo.InvariantCulture), (string?)read["gas"]);
            Assert.Equal(asked.Price.ToString(CultureInfo.InvariantCulture), (string?)read["price"]);
            Assert.Equal(asked.Tip.ToString(CultureInfo.InvariantCulture), (string?)read["tip"]);
            Assert.Equal(asked.Value.ToString(CultureInfo.InvariantCulture), (string?)read["value"]);
            Assert.Equal(asked.To.Length == 0 ? null : Hex.Lower0x(asked.To), Lower(read["to"]));
            Assert.Equal(Hex.Lower0x(asked.Data), Lower(read["data"]));
            Assert.Equal(Hex.Lower0x(asked.FeeCurrency), Lower(read["feeCurrency"]));
            var list = read["accessList"]!.AsArray();
            Assert.Equal(asked.AccessList.Select(entry => Hex.Lower0x(entry.Address)), list.Select(entry => Lower(entry!["address"])));
            Assert.Equal(
                asked.AccessList.SelectMany(entry => entry.Keys).Select(key => Hex.Lower0x(key)),
                list.SelectMany(entry => entry!["storageKeys"]!.AsArray()).Select(key => (string)key!));
        }
    }

    private static JsonNode Ask(string data) => Peer.Call("celo", "read", new JsonObject { ["data"] = data })!;

    private static string? Lower(JsonNode? text) => ((string?)text)?.ToLowerInvariant();
}

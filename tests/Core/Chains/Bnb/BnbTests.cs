using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Bnb;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bnb;

/// <summary>The recorded BNB vectors beyond the signed bytes, and what BNB refuses.</summary>
public static class BnbTests
{
    private static readonly OneWallet Ours = new("BNB", "d87db280d2cfa100c69e0dd0ce242cdabf9e633a02a11008d38575a7e08232ea");
    private static readonly byte[] Other = [.. Enumerable.Range(1, 20).Select(value => (byte)value)];

    public static TheoryData<string> Names() => [.. Vectors.Names("BNB", "signing")];

    [Theory, MemberData(nameof(Names))]
    public static void Signs_the_recorded_document_and_shows_what_it_says(string name)
    {
        var vector = Vectors.Case("BNB", "signing", name);
        using var run = SigningRun.Sign(vector);
        var text = ((BnbTransaction)run.Transaction).SigningText;
        Assert.Equal(vector.Text("signingMessage"), text);
        Assert.Equal(vector.Text("digest"), Hex.Lower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))));
        Assert.Contains($"1240{vector.Text("signature")}", run.Signed.Data, StringComparison.Ordinal);
        Assert.Contains($"eb5ae98721{vector.Text("publicKey")}", run.Signed.Data, StringComparison.Ordinal);
        Assert.Equal(vector.Text("txId"), run.Signed.TransactionId);

        var (decoded, summary) = (vector.GetProperty("decoded"), run.Transaction.Summary);
        var transfer = Assert.Single(summary.Transfers);
        Assert.Equal(decoded.Text("from"), Assert.Single(summary.From));
        Assert.Equal($"{decoded.Text("to")} {decoded.Text("amount")} {decoded.Text("denom")}", $"{transfer.To} {transfer.Amount}");
        Assert.Equal(decoded.Text("memo"), summary.Memo);
        Assert.Equal($"{run.Signed.Sequence}", summary.Sequence);
        Assert.Contains(summary.Warnings, warning => warning.Contains("shut down", StringComparison.Ordinal));
        Assert.DoesNotContain(run.Replay.Calls, call => call.Host is not null);
    }

    [Fact]
    public static void Signs_what_it_shows() => Assert.Equal(["5 BNB"], Ours.Decode(Pending().ToJsonString()).Summary.Transfers.Select(transfer => transfer.Amount.ToString()));

    [Theory]
    [InlineData("signMsg.outputs.0.address", "\"tbnb1hgm0p7khfk85zpz5v0j8wnej3a90w709zzlffd\"", "asks to sign another")]
    [InlineData("signMsg.outputs.0.coins.0.amount", "500000001", "asks to sign another")]
    [InlineData("signMsg.outputs.0.coins.0.denom", "\"BUSD-BAF\"", "asks to sign another")]
    [InlineData("signMsg.outputs.0.address", "\"bnb1gh88yq7qhplxwukn3je9s2q2geqrp5ytuy7gx0\"", "starts with tbnb1")]
    [InlineData("signMsg.outputs.0.address", "5", "starts with tbnb1")]
    [InlineData("msg.outputs.0.coins.0.amount", "1", "asks to sign another")]
    [InlineData("msg.outputs.0.coins.0.amount", "1.5", "whole number")]
    [InlineData("msg.outputs.0.coins.0.amount", "-1", "whole number")]
    [InlineData("msg.outputs.0.coins.0.amount", "\"1\"", "whole number")]
    [InlineData("msg.outputs.0.coins.0.denom", "\"B\\\"NB\"", "no symbol")]
    [InlineData("msg.outputs.0.coins", "[]", "empty")]
    [InlineData("msg.outputs", "[]", "empty")]
    [InlineData("msg.outputs.0.address", """{"type":"Buffer","data":[1,2]}""", "20 bytes")]
    [InlineData("msg.outputs.0.address", """{"type":"Buffer","data":[1,2],"more":1}""", "not a member")]
    [InlineData("msg.aminoPrefix", "\"CE6DC043\"", "not that of a transfer")]
    [InlineData("msg.more", "1", "not a member")]
    [InlineData("signMsg.more", "1", "not a member")]
    [InlineData("more", "1", "not a member")]
    [InlineData("memo", "5", "not text")]
    public static void Refuses(string path, string value, string because)
    {
        var json = Pending();
        Set(json, path.Split('.'), JsonNode.Parse(value));
        var error = Assert.Throws<KmsException>(() => Ours.Decode(json.ToJsonString()));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Equal(Failure.Refused, error.Failure);
    }

    [Fact]
    public static void Refuses_sums_that_do_not_agree_and_inputs_of_others()
    {
        RefusesTransfer("other sums", [(OurHash, 500_000_001)], [(Other, 500_000_000)]);
        RefusesTransfer("other sums", [(OurHash, 0)], [(Other, 0)]);
        RefusesTransfer("another address", [(Other, 5)], [(Other, 5)]);
        RefusesTransfer("another address", [(OurHash, 5), (Other, 5)], [(Other, 10)]);
        Assert.Equal(2, Ours.Decode(Pending([(OurHash, 7)], [(Other, 5), (OurHash, 2)]).ToJsonString()).Summary.Transfers.Count);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"account_number":1}""")]
    [InlineData("""{"account_number":"1","sequence":1}""")]
    [InlineData("""{"account_number":-1,"sequence":1}""")]
    [InlineData("""{"account_number":1,"sequence":18446744073709551615}""")]
    [InlineData("[]")]
    public static void Does_not_sign_without_account_and_sequence(string answer)
    {
        var transaction = Ours.Decode(Pending().ToJsonString());
        Assert.Equal(Failure.Gateway, Assert.Throws<KmsException>(() => transaction.Complete(new([JsonDocument.Parse(answer).RootElement]))).Failure);
    }

    [Fact]
    public static void Signs_memos_as_javascript_writes_them()
    {
        var json = Pending();
        json["memo"] = "\"<é😀\u007f\u2028>&\\\n";
        var transaction = (BnbTransaction)Ours.Decode(json.ToJsonString()).Complete(new([JsonDocument.Parse("""{"account_number":0,"sequence":0}""").RootElement], 3));
        Assert.Contains("\"memo\":\"\\\"<é😀\u007f\u2028>&\\\\\\n\"", transaction.SigningText, StringComparison.Ordinal);
        Assert.Contains("\"sequence\":\"3\"", transaction.SigningText, StringComparison.Ordinal);
    }

    [Fact]
    public static void Wallets_are_keys_with_an_address_and_the_chain_says_it_is_retired()
    {
        var chain = ChainCatalog.Get("BNB");
        Assert.Contains("shut down", chain.Info.Notice, StringComparison.Ordinal);
        using var entry = chain.Wallets.Generate(Network.Mainnet);
        Assert.StartsWith("bnb1", entry.Address, StringComparison.Ordinal);
        Assert.Null(entry.Secret);
        using var wallet = new Wallet("id", entry, chain.Wallets);
        Assert.Equal(entry.Address, wallet.Address(wallet.Key()));
        var error = Assert.Throws<KmsException>(() => chain.Wallets.FromMnemonic(SecretBytes.FromString("abandon abandon"), Network.Mainnet));
        Assert.Contains("kms storemanagedprivatekey BNB", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public static void Survives_hostile_input() => ChainFuzz.Run("BNB", (transaction, signed) =>
    {
        foreach (var transfer in transaction.Summary.Transfers)
        {
            Assert.Contains(Hex.Lower(Bech32.TryDecode(transfer.To)!.Value.Values is var values ? Bech32.TryToBytes(values) : []), signed.Data, StringComparison.Ordinal);
        }
    });

    private static byte[] OurHash => Digests.Hash160(Ours.Wallet.Key().Bytes);

    private static JsonObject Pending() => Pending([(OurHash, 500_000_000)], [(Other, 500_000_000)]);

    private static JsonObject Pending((byte[] Address, long Amount)[] inputs, (byte[] Address, long Amount)[] outputs)
    {
        return new()
        {
            ["msg"] = new JsonObject { ["inputs"] = List(inputs, Buffer), ["outputs"] = List(outputs, Buffer), ["aminoPrefix"] = "2A2C87FA" },
            ["signMsg"] = new JsonObject { ["inputs"] = List(inputs, Text), ["outputs"] = List(outputs, Text) },
            ["memo"] = "",
        };

        static JsonNode Buffer(byte[] address) => new JsonObject { ["type"] = "Buffer", ["data"] = new JsonArray([.. address.Select(value => (JsonNode)value)]) };

        static JsonNode Text(byte[] address) => Bech32.EncodeBytes("tbnb", address);

        static JsonArray List((byte[] Address, long Amount)[] parties, Func<byte[], JsonNode> address) => [.. parties.Select(party => new JsonObject
        {
            ["address"] = address(party.Address),
            ["coins"] = new JsonArray(new JsonObject { ["denom"] = "BNB", ["amount"] = party.Amount }),
        })];
    }

    private static void RefusesTransfer(string because, (byte[] Address, long Amount)[] inputs, (byte[] Address, long Amount)[] outputs) =>
        Assert.Contains(because, Assert.Throws<KmsException>(() => Ours.Decode(Pending(inputs, outputs).ToJsonString())).Message, StringComparison.Ordinal);

    private static void Set(JsonNode node, ReadOnlySpan<string> path, JsonNode? value)
    {
        if (path.Length == 1)
        {
            node[path[0]] = value;
        }
        else
        {
            Set(int.TryParse(path[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? node[at]! : node[path[0]]!, path[1..], value);
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Codecs;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>An independent implementation reads and verifies what we sign for DOGE and BCH: bitcore-lib-cash's script interpreter. BTC and LTC are run by NBitcoin's (tests/SecondReader).</summary>
public static class BitcoinPeerTests
{
    private const int RandomCases = 8;

    public static IEnumerable<TheoryDataRow<string, string>> Recorded() =>
        from chain in (string[])["DOGE", "BCH"]
        from name in Vectors.Names(chain, "signing")
        select new TheoryDataRow<string, string>(chain, name);

    public static IEnumerable<TheoryDataRow<string, ulong>> Random() =>
        from chain in (string[])["DOGE", "BCH"]
        from seed in Enumerable.Range(1, RandomCases)
        select new TheoryDataRow<string, ulong>(chain, (ulong)seed);

    [Theory, MemberData(nameof(Recorded))]
    public static void Peers_verify_every_recorded_case(string chain, string name)
    {
        var vector = Vectors.Case(chain, "signing", name);
        using var run = SigningRun.Sign(vector);
        Verify(chain, run, Spent(chain, vector, ParsedTransaction.Read(run.Signed.Data)));
    }

    [Theory, MemberData(nameof(Random))]
    public static void Peers_verify_random_payments(string chain, ulong seed)
    {
        var payment = RandomPayment.Of(chain, new SeededRandom(seed), most: 20);
        using var run = SigningRun.Sign(payment.Vector());
        var spent = new JsonArray([.. payment.Inputs.Select(input => Output(Hex.Lower(input.Coin.Script), input.Satoshis))]);
        Verify(chain, run, spent);
    }

    [Theory, InlineData("DOGE"), InlineData("BCH")]
    public static void Peers_reject_a_changed_signature(string chain)
    {
        var vector = Vectors.Case(chain, "signing", chain == "DOGE" ? "p2pkh-one-input-change" : "one-input-two-outputs");
        using var run = SigningRun.Sign(vector);
        var parsed = ParsedTransaction.Read(run.Signed.Data);
        var signature = Convert.ToHexStringLower(parsed.Inputs[0].Signatures.First());
        var changed = signature[..20] + (signature[20] == '0' ? '1' : '0') + signature[21..];
        var arguments = new JsonObject
        {
            ["hex"] = run.Signed.Data.Replace(signature, changed, StringComparison.Ordinal),
            ["spent"] = Spent(chain, vector, parsed),
            ["forkId"] = chain == "BCH",
        };
        Assert.Throws<PeerException>(() => Peer.Call("bitcoincash", "run", arguments));
    }

    [Theory]
    [InlineData("76a914751e76e8199196d454941c45d1b3a323f1433bd688ac")]
    [InlineData("a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487")]
    [InlineData("76a914000000000000000000000000000000000000000088ac")]
    public static void Writes_cashaddr_as_bitcore_does(string script)
    {
        foreach (var (network, name) in ((KmsCloud.Keys.Network, string)[])[(KmsCloud.Keys.Network.Mainnet, "mainnet"), (KmsCloud.Keys.Network.Testnet, "testnet")])
        {
            var ours = KmsCloud.Chains.Bitcoin.BitcoinAddress.Of(Convert.FromHexString(script), BitcoinVectorTests.Coin("BCH"), network);
            Assert.Equal(ours, (string?)Peer.Call("bitcoincash", "address", new JsonObject { ["script"] = script, ["network"] = name }));
        }
    }

    private static void Verify(string chain, SigningRun run, JsonArray spent)
    {
        var parsed = ParsedTransaction.Read(run.Signed.Data);
        var verdict = Peer.Call("bitcoincash", "run", new JsonObject { ["hex"] = run.Signed.Data, ["spent"] = spent.DeepClone(), ["forkId"] = chain == "BCH" })!;
        Assert.Equal(run.Signed.TransactionId, (string?)verdict["id"]);
        Assert.Equal(parsed.Inputs.Select(input => $"{input.TransactionId}:{input.Index}"), verdict["inputs"]!.AsArray().Select(text => (string?)text));
        Assert.Equal(parsed.Outputs.Select(output => $"{output.Satoshis} {Hex.Lower(output.Script)}"), verdict["outputs"]!.AsArray().Select(text => (string?)text));
    }

    /// <summary>The outputs a recorded case spends; for BCH they are those of the keys in the scriptSigs, which the vector names.</summary>
    private static JsonArray Spent(string chain, JsonElement vector, ParsedTransaction signed)
    {
        var text = vector.GetProperty("pending").Text("serializedTransaction")!;
        if (chain != "BCH")
        {
            return new([.. JsonNode.Parse(text)!["inputs"]!.AsArray().Select(input => Output((string)input!["output"]!["script"]!, (long)input["output"]!["satoshis"]!))]);
        }

        var amounts = JsonNode.Parse(text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..])!.AsArray();
        Assert.Equal(vector.GetProperty("publicKey").EnumerateArray().Select(key => key.GetString()), signed.Inputs.Select(input => Hex.Lower(input.Pushes[1])));
        return new([.. signed.Inputs.Zip(amounts).Select(pair =>
            Output("76a914" + Hex.Lower(Digests.Hash160(pair.First.Pushes[1])) + "88ac", (long)pair.Second!))]);
    }

    private static JsonObject Output(string script, long satoshis) => new() { ["script"] = script, ["satoshis"] = satoshis };
}

using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Bitcoin;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>Off-chain withdrawals: the gateway's list decides which key signs what, so every word of it is checked.</summary>
public static class WithdrawalTests
{
    private const string Mnemonic = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    private static readonly string FirstId = new('1', 64);

    public static TheoryData<string> Chains => ["BTC", "LTC", "DOGE", "BCH"];

    /// <summary>Changes to the list of a withdrawal with inputs of index 3 and 0, 0.3 and 0.7 coins, and a pool of 0.4.</summary>
    public static TheoryData<string, string> Edits() => new()
    {
        { """[{"amount":0.31}]""", "another amount" },
        { """[{"amount":0.300000001}]""", "not an amount" },
        { """[{"amount":"0.3"}]""", "not an amount" },
        { """[{"amount":-0.3}]""", "not an amount" },
        { """[{"amount":3e+99}]""", "not an amount" },
        { """[{"amount":3e-1}]""", "RFC 8785" },
        { """[{"amount":0.30}]""", "RFC 8785" },
        { """[{"amount":3e99}]""", "RFC 8785" },
        { """[{"amount":3e2147483648}]""", "RFC 8785" },
        { """[{"amount":3e-99}]""", "not an amount" },
        { """[{"amount":null}]""", "'amount' is missing" },
        { """[{"vIn":null}]""", "'vIn' is missing" },
        { """[{"vIn":"-2"}]""", "is not hexadecimal" },
        { """[{"vIn":"11"}]""", "has 1 bytes instead of 32" },
        { """[{"vIn":7}]""", "'vIn' is not text" },
        { """[{"vIn":"2222222222222222222222222222222222222222222222222222222222222222"}]""", "is missing from the withdrawal's list" },
        { """[{"vInIndex":5}]""", "is missing from the withdrawal's list" },
        { """[{"vInIndex":null}]""", "'vInIndex' is missing" },
        { """[{"vInIndex":1}]""", "repeats an output" },
        { """[{"address":{"address":"ADDRESS","derivationKey":4}}]""", "does not belong" },
        { """[{"address":{"address":"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2","derivationKey":3}}]""", "does not belong" },
        { """[{"address":{"derivationKey":2147483648}}]""", "'derivationKey' is not a whole number" },
        { """[{"address":{"derivationKey":-1}}]""", "'derivationKey' is not a whole number" },
        { """[{"address":{"derivationKey":"3"}}]""", "'derivationKey' is not a whole number" },
        { """[{"address":{"derivationKey":3,"currency":"ETH"}}]""", "'currency' is not" },
        { """[{"address":7}]""", "is not a JSON object" },
        { """[{},{},{"amount":0.41}]""", "no output returns" },
        { """[{},{"vIn":"-1"}]""", "more than once" },
        { """[7]""", "is not a JSON object" },
    };

    [Theory, MemberData(nameof(Chains))]
    public static void Signs_with_the_keys_the_list_names(string chain)
    {
        using var run = SigningRun.Sign(Vector(chain));
        var summary = run.Transaction.Summary;
        Assert.Equal("off-chain withdrawal", summary.Kind);
        Assert.Equal([false, true], summary.Transfers.Select(transfer => transfer.IsChange));
        Assert.Empty(summary.Warnings);
        Assert.Equal(2, summary.From.Count);
    }

    [Theory, MemberData(nameof(Chains))]
    public static void Finds_the_keys_wherever_the_pool_and_the_inputs_stand_in_the_list(string chain)
    {
        using var usual = SigningRun.Sign(Vector(chain));
        using var turned = SigningRun.Sign(Vector(chain, list => new([.. list.Reverse().Select(element => element!.DeepClone())])));
        using var between = SigningRun.Sign(Vector(chain, list => new(list[1]!.DeepClone(), list[2]!.DeepClone(), list[0]!.DeepClone())));
        Assert.Equal(usual.Signed, turned.Signed);
        Assert.Equal(usual.Signed, between.Signed);
    }

    [Theory, MemberData(nameof(Chains))]
    public static void Takes_index_0_where_the_list_names_none(string chain)
    {
        using var usual = SigningRun.Sign(Vector(chain));
        using var run = SigningRun.Sign(Vector(chain, list =>
        {
            list[1]!.AsObject().Remove("address");
            return list;
        }));
        Assert.Equal(usual.Signed, run.Signed);
    }

    [Theory, MemberData(nameof(Chains))]
    public static void Needs_no_pool_element_and_no_pool_amount(string chain)
    {
        using var usual = SigningRun.Sign(Vector(chain));
        using var zero = SigningRun.Sign(Vector(chain, list =>
        {
            list[2]!["amount"] = 0;
            return list;
        }));
        using var none = SigningRun.Sign(Vector(chain, list =>
        {
            list.RemoveAt(2);
            return list;
        }));
        Assert.Equal(usual.Signed, zero.Signed);
        Assert.Equal(usual.Signed, none.Signed);
    }

    [Theory, MemberData(nameof(Edits))]
    public static void Refuses_a_list_that_does_not_describe_the_transaction(string edit, string why)
    {
        foreach (var chain in (string[])["BTC", "LTC", "DOGE", "BCH"])
        {
            var vector = Vector(chain, list =>
            {
                foreach (var (at, changes) in JsonNode.Parse(edit)!.AsArray().Index())
                {
                    if (changes is not JsonObject members)
                    {
                        list[at] = changes!.DeepClone();
                        continue;
                    }

                    foreach (var (name, value) in members)
                    {
                        list[at]![name] = JsonNode.Parse(value?.ToJsonString().Replace("ADDRESS", list[at]!["address"]?["address"]!.GetValue<string>(), StringComparison.Ordinal) ?? "null");
                    }
                }

                return list;
            });
            Assert.Contains(why, BitcoinRefusalTests.Refusal(vector).Message, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Chains))]
    public static void Refuses_a_list_with_more_or_fewer_inputs_than_the_transaction(string chain)
    {
        Refuses(Vector(chain, list => new(list[0]!.DeepClone(), list[2]!.DeepClone())), "");
        Refuses(Vector(chain, list => new([.. list.Select(element => element!.DeepClone()), Element(FirstId, 7, 0.1m, null)])), "names 3 inputs");
        Refuses(Vector(chain, _ => []), "");
    }

    [Theory, InlineData("BTC"), InlineData("LTC"), InlineData("DOGE")]
    public static void Refuses_key_indexes_that_are_given_to_each_others_inputs(string chain) => Refuses(
        Vector(chain, list =>
        {
            list[0]!["address"] = new JsonObject { ["derivationKey"] = 0 };
            list[1]!["address"] = new JsonObject { ["derivationKey"] = 3 };
            return list;
        }),
        "does not belong");

    [Theory, MemberData(nameof(Chains))]
    public static void Refuses_a_withdrawal_without_its_list_or_with_a_malformed_id(string chain)
    {
        Refuses(Envelope(chain, "withdrawalResponses", null), "without its list");
        Refuses(Envelope(chain, "withdrawalResponses", new JsonObject()), "is not an array");
        Refuses(Envelope(chain, "withdrawalId", "x"), "withdrawal id");
        Refuses(Envelope(chain, "withdrawalId", ""), "withdrawal id");
        Refuses(Envelope(chain, "withdrawalId", new string('z', 24)), "withdrawal id");
        Refuses(Envelope(chain, "hashes", new JsonArray()), "names no wallet");

        static JsonElement Envelope(string chain, string name, JsonNode? value)
        {
            var vector = JsonObject.Create(Vector(chain))!;
            vector["pending"]![name] = value;
            return JsonSerializer.SerializeToElement(vector);
        }
    }

    [Theory, MemberData(nameof(Chains))]
    public static void Warns_of_an_xpub_that_is_not_the_wallets(string chain)
    {
        using var run = SigningRun.Sign(Vector(chain, list =>
        {
            list[0]!["address"]!["xpub"] = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8";
            return list;
        }));
        Assert.Contains("another xpub", Assert.Single(run.Transaction.Summary.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BCH", "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", "bitcoincash:qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h", true)]
    [InlineData("BCH", "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", "qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h", true)]
    [InlineData("BCH", "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", true)]
    [InlineData("BCH", "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", "qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2g", false)]
    [InlineData("BTC", "0014751e76e8199196d454941c45d1b3a323f1433bd6", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", true)]
    [InlineData("BTC", "0014751e76e8199196d454941c45d1b3a323f1433bd6", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", false)]
    [InlineData("BTC", "0014751e76e8199196d454941c45d1b3a323f1433bd6", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", false)]
    [InlineData("LTC", "a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", true)] // before 2018
    [InlineData("LTC", "a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487", "MR8UQSBr5ULwWheBHznrHk2jxyxkHQu8vB", true)]
    [InlineData("BTC", "51", "", false)]
    public static void Knows_the_usual_and_the_older_forms_of_an_address(string chain, string script, string address, bool names) =>
        Assert.Equal(names, BitcoinAddress.Names(address, Convert.FromHexString(script), BitcoinVectorTests.Coin(chain), Network.Mainnet));

    [Theory]
    [InlineData("""{"completed":true,"txId":"ID"}""", SubmissionResult.Accepted, null)]
    [InlineData("""{"txId":"ID"}""", SubmissionResult.Accepted, null)]
    [InlineData("""{"completed":false,"txId":"ID"}""", SubmissionResult.Incomplete, "could not complete")]
    [InlineData("""{"completed":false}""", SubmissionResult.Incomplete, "could not complete")]
    [InlineData("moved", SubmissionResult.Ambiguous, "not a JSON object")]
    public static void Understands_the_answer_to_the_broadcast(string answer, SubmissionResult result, string? reason)
    {
        using var run = SigningRun.Sign(Vector("BTC"));
        var calls = new List<NodeCall>();
        var outcome = run.Submit(call =>
        {
            calls.Add(call);
            return new(200, answer.Replace("ID", run.Signed.TransactionId, StringComparison.Ordinal));
        });
        Assert.Equal("/v3/offchain/withdrawal/broadcast", Assert.Single(calls).Path);
        Assert.Equal((result, run.Signed.TransactionId), (outcome.Result, outcome.TransactionId));
        Assert.True(reason is null ? outcome.Reason is null : outcome.Reason!.Contains(reason, StringComparison.Ordinal), outcome.Reason);
    }

    [Fact]
    public static void Broadcasts_on_chain_where_there_is_no_withdrawal_id()
    {
        foreach (var (chain, path) in (IEnumerable<(string, string)>)[("BTC", "/v3/bitcoin/broadcast"), ("LTC", "/v3/litecoin/broadcast"), ("DOGE", "/v3/dogecoin/broadcast"), ("BCH", "/v3/bcash/broadcast")])
        {
            using var run = SigningRun.Sign(BitcoinRefusalTests.Payment(chain).Vector());
            run.Submit(call =>
            {
                Assert.Equal(path, call.Path);
                return new(200, "{}");
            });
        }
    }

    private static JsonElement Vector(string chain, Func<JsonArray, JsonArray>? edit = null)
    {
        var wallets = ChainCatalog.Get(chain).Wallets;
        using var entry = wallets.FromMnemonic(Secrets.SecretBytes.FromString(Mnemonic), Network.Testnet);
        using var wallet = new KmsCloud.Keys.Wallet("wallet", entry, wallets);
        var kind = chain is "BTC" ? InputKind.Witness : InputKind.KeyHash;
        var payment = new PaymentCase(chain) { StatesHash = false }
            .Spend(Coin(3), FirstId, 0, 30_000_000)
            .Spend(Coin(0), FirstId, 1, 70_000_000)
            .Pay([0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac], 59_900_000)
            .Pay(Coin(0).Script, 40_000_000);
        var list = new JsonArray(
            Element(FirstId, 0, 0.3m, Address(3)),
            Element(FirstId, 1, 0.7m, Address(0)),
            new JsonObject { ["amount"] = 0.4m, ["vIn"] = "-1" });
        var vector = JsonObject.Create(payment.Vector())!;
        vector["walletStore"] = new JsonObject
        {
            ["wallet"] = new JsonObject { ["mnemonic"] = Mnemonic, ["xpub"] = entry.Xpub, ["chain"] = chain, ["testnet"] = true },
        };
        vector["pending"]!["hashes"] = new JsonArray("wallet");
        vector["pending"]!["withdrawalId"] = "0123456789abcdef01234567";
        vector["pending"]!["withdrawalResponses"] = edit is null ? list : edit(list);
        return JsonSerializer.SerializeToElement(vector);

        OwnedCoin Coin(uint index) => OwnedCoin.Of(kind, [wallet.OpenForPrinting(wallet.Key(index)).Export.Span.ToArray()]);
        JsonObject Address(int index) => new() { ["address"] = wallet.Address(wallet.Key((uint)index)), ["currency"] = chain, ["derivationKey"] = index, ["xpub"] = entry.Xpub };
    }

    private static JsonObject Element(string id, int index, decimal amount, JsonObject? address) =>
        new() { ["address"] = address, ["amount"] = amount, ["vIn"] = id, ["vInIndex"] = index };

    private static void Refuses(JsonElement vector, string why) =>
        Assert.Contains(why, BitcoinRefusalTests.Refusal(vector).Message, StringComparison.Ordinal);
}

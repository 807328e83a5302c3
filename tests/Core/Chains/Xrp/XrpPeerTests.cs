using System.Globalization;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Xrp;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Xrp;

/// <summary>The XRP Ledger against xrpl.js: the recorded transactions and random ones of every type and form.</summary>
public static class XrpPeerTests
{
    [Fact]
    public static void Xrpl_signs_the_recorded_transactions_alike()
    {
        foreach (var vector in Vectors.Read("XRP").GetProperty("signing").EnumerateArray())
        {
            var wallet = vector.GetProperty("walletStore").EnumerateObject().Single().Value;
            var transaction = JsonNode.Parse(vector.GetProperty("pending").Text("serializedTransaction")!)!.AsObject();
            foreach (var (name, _) in transaction.Where(member => member.Value is null).ToList())
            {
                transaction.Remove(name);
            }

            var peer = Peer.Call("xrp", "sign", new JsonObject { ["seed"] = wallet.Text("secret") ?? wallet.Text("privateKey"), ["transaction"] = transaction })!;
            Assert.Equal(vector.Text("signed"), (string?)peer["tx_blob"]);
            Assert.Equal(vector.Text("txId"), (string?)peer["hash"]);
        }
    }

    [Fact]
    public static void Xrpl_reads_random_transactions_as_ours_writes_them()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        var chain = ChainCatalog.Get("XRP");
        for (var i = 0; i < 150; i++)
        {
            using var entry = Wallet(chain, random, out var seed);
            using var wallet = new Wallet("id", entry, chain.Wallets);
            var json = XrpRandom.Transaction(random, wallet.Address(wallet.Key()));
            var pending = new PendingTransaction { Id = "1", Chain = "XRP", SerializedTransaction = json.ToJsonString() };
            var transaction = chain.Decode(pending, new([wallet], [], null), new(Network.Testnet));
            var signed = transaction.Sign(wallet);

            var peer = Peer.Call("xrp", "decode", new JsonObject { ["blob"] = signed.Data })!.AsObject();
            Assert.Equal(signed.Data, (string?)Peer.Call("xrp", "encode", new JsonObject { ["transaction"] = peer.DeepClone() }));
            Assert.Equal(signed.TransactionId, (string?)Peer.Call("xrp", "hash", new JsonObject { ["blob"] = signed.Data }));
            Assert.NotNull(peer["TxnSignature"]);
            peer.Remove("TxnSignature");
            peer.Remove("SigningPubKey");
            Assert.True(JsonNode.DeepEquals(peer, json), $"{seed}\n{json}\n{peer}");
            Assert.Equal((string?)json["Account"], transaction.Summary.From[0]);
        }
    }

    [Fact]
    public static void Xrpl_writes_multi_purpose_tokens_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 30; i++)
        {
            var id = Convert.ToHexString(random.Bytes(24));
            var value = (random.Next() >> (1 + random.Below(63))).ToString(CultureInfo.InvariantCulture);
            var amount = new JsonObject { ["mpt_issuance_id"] = id, ["value"] = value };
            var peer = (string)Peer.Call("xrp", "encode", new JsonObject { ["transaction"] = new JsonObject { ["Amount"] = amount.DeepClone() } })!;
            var ours = XrpAmount.Encode(System.Text.Json.JsonDocument.Parse(amount.ToJsonString()).RootElement, "it");
            Assert.Equal(peer, "61" + Convert.ToHexString(ours));
        }
    }

    [Fact]
    public static void Xrpl_packs_x_addresses_that_ours_reads()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        for (var i = 0; i < 30; i++)
        {
            var account = random.Bytes(20);
            var (test, tag) = (random.Chance(2), random.Chance(3) ? (uint?)null : (uint)(random.Next() >> 32));
            var text = (string)Peer.Call("xrp", "xAddress", new JsonObject { ["address"] = XrpAddress.FromAccount(account), ["tag"] = tag, ["test"] = test })!;
            var (read, readTag) = XrpAddress.AccountAndTag(text, test ? Network.Testnet : Network.Mainnet, "it");
            Assert.Equal(account, read);
            Assert.Equal(tag, readTag);
        }
    }

    private static WalletEntry Wallet(IChain chain, SeededRandom random, out string seed)
    {
        var pair = random.Pick([.. Vectors.Read("XRP").GetProperty("keypairs").EnumerateArray()]);
        seed = pair.Text("secret")!;
        return chain.Wallets.FromKey(SecretBytes.FromString(seed), Network.Testnet);
    }
}

/// <summary>Random valid transactions in the canonical JSON that xrpl's decoder prints.</summary>
internal static class XrpRandom
{
    public static JsonObject Transaction(SeededRandom random, string account)
    {
        var format = random.Pick([.. XrpFormat.ByName.Values.OrderBy(format => format.Code)]);
        var json = new JsonObject { ["TransactionType"] = format.Name };
        foreach (var name in format.Required.Order(StringComparer.Ordinal).Concat(format.Optional.Order(StringComparer.Ordinal).Where(_ => random.Chance(2))))
        {
            if (name is not ("TransactionType" or "SigningPubKey" or "TicketSequence" or "NetworkID"))
            {
                json[name] = name is "Account" ? account : name is "Fee" ? random.Below(2_000_000).ToString(CultureInfo.InvariantCulture) : Value(XrpField.ByName[name], random);
            }
        }

        return json;
    }

    private static JsonNode Value(XrpField field, SeededRandom random) => field.Type switch
    {
        XrpType.UInt8 => random.Below(256),
        XrpType.UInt16 => random.Below(65536),
        XrpType.UInt32 => (uint)(random.Next() >> 32),
        XrpType.Hash128 => Convert.ToHexString(random.Bytes(16)),
        XrpType.Hash256 => Convert.ToHexString(random.Bytes(32)),
        XrpType.Amount => Amount(random),
        XrpType.Blob => Convert.ToHexString(random.Bytes(random.Chance(5) ? 150 + random.Below(13000) : random.Below(64))),
        XrpType.AccountId => XrpAddress.FromAccount(random.Bytes(20)),
        XrpType.Array when field.Name == "Memos" => Some(random, () => Wrapped("Memo", random, "MemoType", "MemoData", "MemoFormat")),
        XrpType.Array => Some(random, () => Wrapped("SignerEntry", random, "Account", "SignerWeight")),
        XrpType.PathSet => Some(random, () => Some(random, () => Step(random))),
        XrpType.Vector256 => Some(random, () => Convert.ToHexString(random.Bytes(32))),
        _ => throw new InvalidOperationException(field.Name),
    };

    private static JsonNode Amount(SeededRandom random)
    {
        if (random.Chance(2))
        {
            return (random.Next() % 100_000_000_000_000_000).ToString(CultureInfo.InvariantCulture);
        }

        var digits = (1 + (random.Next() % 9_999_999_999_999_999)).ToString(CultureInfo.InvariantCulture).TrimEnd('0');
        var shift = random.Below(30) - 15;
        var value = shift >= 0
            ? digits + new string('0', shift)
            : new KmsCloud.Chains.Amount(System.Numerics.BigInteger.Parse(digits, CultureInfo.InvariantCulture), -shift, "").Number;
        return new JsonObject { ["value"] = value, ["currency"] = Currency(random), ["issuer"] = XrpAddress.FromAccount(random.Bytes(20)) };
    }

    private static string Currency(SeededRandom random) => random.Chance(3) ? "01" + Convert.ToHexString(random.Bytes(19)) : random.Pick(["USD", "EUR", "a$9", "BTC"]);

    private static JsonObject Wrapped(string element, SeededRandom random, params string[] fields)
    {
        var inner = new JsonObject();
        foreach (var name in fields)
        {
            inner[name] = name.StartsWith("Memo", StringComparison.Ordinal) ? Convert.ToHexString(random.Bytes(1 + random.Below(300))) : Value(XrpField.ByName[name], random);
        }

        return new() { [element] = inner };
    }

    private static JsonObject Step(SeededRandom random) => random.Below(3) switch
    {
        0 => new() { ["account"] = XrpAddress.FromAccount(random.Bytes(20)) },
        1 => new() { ["currency"] = Currency(random), ["issuer"] = XrpAddress.FromAccount(random.Bytes(20)) },
        _ => new() { ["currency"] = "XRP" },
    };

    private static JsonArray Some(SeededRandom random, Func<JsonNode> make) => [.. Enumerable.Range(0, 1 + random.Below(4)).Select(_ => make())];
}

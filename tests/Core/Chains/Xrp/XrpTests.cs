using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Xrp;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Xrp;

/// <summary>What XRP refuses, warns of, and reads from hostile input.</summary>
public static class XrpTests
{
    private const string Ours = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
    private const string Other = "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe";
    private const string Issuer = "rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B";

    [Theory]
    [InlineData("Amount", "1000000", "neither drops")]
    [InlineData("Amount", "\"1.5\"", "whole number of drops")]
    [InlineData("Amount", "\"-1\"", "whole number of drops")]
    [InlineData("Amount", "\"100000000000000001\"", "whole number of drops")]
    [InlineData("Amount", """{"currency":"USD","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B","value":"1.2345678901234567"}""", "16 significant digits")]
    [InlineData("Amount", """{"currency":"USD","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B","value":"1e97"}""", "too large")]
    [InlineData("Amount", """{"currency":"USD","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B","value":"-5"}""", "decimal number")]
    [InlineData("Amount", """{"currency":"USD","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B","value":5}""", "not text")]
    [InlineData("Amount", """{"currency":"USD","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B","value":"5","extra":1}""", "not a member")]
    [InlineData("Amount", """{"currency":"0000000000000000000000005852500000000000","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B","value":"5"}""", "names XRP")]
    [InlineData("Amount", """{"currency":"DOLLAR","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B","value":"5"}""", "three characters")]
    [InlineData("Fee", "\"2000001\"", "fee is above")]
    [InlineData("Fee", """{"currency":"USD","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B","value":"1"}""", "fee is above")]
    [InlineData("Sequence", "1.5", "whole number")]
    [InlineData("Sequence", "4294967296", "whole number")]
    [InlineData("Sequence", "null", "no Sequence")]
    [InlineData("Destination", "null", "no Destination")]
    [InlineData("DestinationTag", "\"7\"", "whole number")]
    [InlineData("TicketSequence", "5", "ticket")]
    [InlineData("NetworkID", "21337", "network 21337")]
    [InlineData("NetworkID", "0", "1024 or less")]
    [InlineData("NetworkID", "1", "1024 or less")]
    [InlineData("NetworkID", "1024", "1024 or less")]
    [InlineData("NetworkID", "1025", "network 1025")]
    [InlineData("DeliverMax", "\"1000001\"", "Amount and DeliverMax")]
    [InlineData("DeliverMax", "1", "neither drops")]
    [InlineData("Amount", """{"mpt_issuance_id":"00000001A407AF5856CCF3C42619DAA925813FC955C72983","value":"1.5"}""", "whole number")]
    [InlineData("Amount", """{"mpt_issuance_id":"00000001A407AF5856CCF3C42619DAA925813FC955C72983","value":"9223372036854775808"}""", "2^63-1")]
    [InlineData("Amount", """{"mpt_issuance_id":"00000001A407AF5856CCF3C42619DAA925813FC955C729","value":"1"}""", "instead of 24")]
    [InlineData("Amount", """{"mpt_issuance_id":"00000001A407AF5856CCF3C42619DAA925813FC955C72983","value":"1","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B"}""", "not a member")]
    [InlineData("Blessing", "1", "not a member")]
    [InlineData("RegularKey", "\"rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe\"", "not a member")]
    [InlineData("SigningPubKey", "\"02B908A46444682FB858DB7E3001B0867C363DA29609C3C1B11BEA9610A73EF452\"", "another key")]
    [InlineData("Memos", """[{"Memo":{"MemoData":"zz"}}]""", "not hexadecimal")]
    [InlineData("Memos", """[{"Memo":{}}]""", "empty element")]
    [InlineData("Memos", """[{"Memo":{"MemoData":"00"},"More":1}]""", "not a member")]
    public static void Refuses_a_payment_with(string member, string value, string because)
    {
        var payment = Payment();
        payment[member] = JsonNode.Parse(value);
        var error = Assert.Throws<KmsException>(() => Decode(payment));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Equal(Failure.Refused, error.Failure);
    }

    [Fact]
    public static void Reads_x_addresses_and_their_tags()
    {
        var payment = Payment();
        payment["Destination"] = "T719a5UwUCnEs54UsxG9CJYYDhwmFCqkr7wxCcNcfZ6p5GZ"; // XLS-5: r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59 on testnet
        Assert.Equal("r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", Decode(payment).Summary.Transfers[0].To);

        payment["DestinationTag"] = 9;
        Assert.Equal("tag 9", Decode(payment).Summary.Memo);

        payment["Destination"] = "X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu"; // the same with tag 1, but on mainnet
        Assert.Contains("another network", Assert.Throws<KmsException>(() => Decode(payment)).Message, StringComparison.Ordinal);
        Assert.Contains("differs from the tag", Assert.Throws<KmsException>(() => Decode(payment, Network.Mainnet)).Message, StringComparison.Ordinal);
        payment["DestinationTag"] = 1;
        Assert.Equal("tag 1", Decode(payment, Network.Mainnet).Summary.Memo);
    }

    [Fact]
    public static void Deliver_max_is_the_amount_as_rippled_reads_it()
    {
        var payment = Payment();
        var expected = Decode(payment).Sign(Sender(Network.Testnet).Wallet).Data;
        payment["DeliverMax"] = "1000000";
        Assert.Equal(expected, Decode(payment).Sign(Sender(Network.Testnet).Wallet).Data);
        payment.Remove("Amount");
        Assert.Equal(expected, Decode(payment).Sign(Sender(Network.Testnet).Wallet).Data);
        payment["TransactionType"] = "EscrowCreate";
        Assert.Contains("DeliverMax", Assert.Throws<KmsException>(() => Decode(payment)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "600000000000000000")]
    [InlineData("1", "600000000000000001")]
    [InlineData("255", "6000000000000000FF")]
    [InlineData("4294967296", "600000000100000000")]
    [InlineData("9007199254740993", "600020000000000001")]
    [InlineData("9223372036854775807", "607FFFFFFFFFFFFFFF")]
    public static void Multi_purpose_tokens_are_signed_and_shown(string value, string bytes)
    {
        const string Issuance = "00000001A407AF5856CCF3C42619DAA925813FC955C72983";
        var payment = Payment();
        payment["Amount"] = new JsonObject { ["mpt_issuance_id"] = Issuance, ["value"] = value };
        payment["SendMax"] = new JsonObject { ["mpt_issuance_id"] = Issuance.ToLowerInvariant(), ["value"] = value };
        var transaction = Decode(payment);
        var shown = transaction.Summary.Transfers[0].Amount;
        Assert.Equal(value, shown.Units.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(Issuance, shown.Asset);
        Assert.Contains($"61{bytes}{Issuance}", transaction.Sign(Sender(Network.Testnet).Wallet).Data, StringComparison.Ordinal); // XLS-33: 0x60, eight bytes, the issuance
        Assert.Contains($"69{bytes}{Issuance}", transaction.Sign(Sender(Network.Testnet).Wallet).Data, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(255u)]
    [InlineData(256u)]
    [InlineData(65_535u)]
    [InlineData(65_536u)]
    [InlineData(0x7fffffffu)]
    [InlineData(0x80000000u)]
    [InlineData(uint.MaxValue)]
    public static void Every_tag_of_an_x_address_is_signed(uint tag)
    {
        // XLS-5: prefix of the test network, account, flag, tag with its lowest byte first, four zero bytes
        var account = XrpAddress.AccountAndTag("rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe", Network.Testnet, "it").Account;
        byte[] bytes = [0x04, 0x93, .. account, 1, (byte)(tag & 0xff), (byte)((tag >> 8) & 0xff), (byte)((tag >> 16) & 0xff), (byte)(tag >> 24), 0, 0, 0, 0];
        var payment = Payment();
        payment["Destination"] = Base58.EncodeCheck(bytes, Base58.Ripple);
        var transaction = Decode(payment);
        Assert.Equal($"tag {tag}", transaction.Summary.Memo);
        Assert.Contains($"2E{tag:X8}", transaction.Sign(Sender(Network.Testnet).Wallet).Data, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("""{"TransactionType":"AccountDelete","Destination":"rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"}""", "deletes the account")]
    [InlineData("""{"TransactionType":"SetRegularKey","RegularKey":"rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"}""", "regular key")]
    [InlineData("""{"TransactionType":"SignerListSet","SignerQuorum":1,"SignerEntries":[{"SignerEntry":{"Account":"rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe","SignerWeight":1}}]}""", "signer list")]
    [InlineData("""{"TransactionType":"AccountSet","SetFlag":4}""", "disables the master key")]
    [InlineData("""{"TransactionType":"Payment","Destination":"rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe","Amount":"5","Flags":131072}""", "partial payment")]
    [InlineData("""{"TransactionType":"AccountSet","SetFlag":1,"LastLedgerSequence":null}""", "never expires")]
    [InlineData("""{"TransactionType":"AccountSet","SetFlag":1,"Fee":"100001"}""", "fee is far above")]
    public static void Warns_of(string members, string warning)
    {
        var transaction = Payment();
        transaction.Remove("Destination");
        transaction.Remove("Amount");
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
        {
            transaction[name] = value?.DeepClone();
        }

        Assert.Contains(Decode(transaction).Summary.Warnings, text => text.Contains(warning, StringComparison.Ordinal));
    }

    [Fact]
    public static void Counts_what_is_exchanged_on_the_way_as_spent()
    {
        var payment = Payment();
        payment["SendMax"] = "9000000";
        payment["Amount"] = new JsonObject { ["currency"] = "USD", ["issuer"] = Issuer, ["value"] = "12.5" };
        var transfers = Decode(payment).Summary.Transfers;
        Assert.Equal($"12.5 USD.{Issuer}", transfers[0].Amount.ToString());
        Assert.Equal("9 XRP", transfers[1].Amount.ToString());
    }

    [Fact]
    public static void Has_no_mnemonics_and_says_which_command_takes_secrets()
    {
        var wallets = ChainCatalog.Get("XRP").Wallets;
        Assert.False(wallets.HasMnemonic);
        var error = Assert.Throws<KmsException>(() => wallets.FromMnemonic(SecretBytes.FromString("abandon abandon"), Network.Testnet));
        Assert.Contains("kms storemanagedprivatekey XRP", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public static void Generates_ed25519_seeds_that_import_again()
    {
        var wallets = ChainCatalog.Get("XRP").Wallets;
        using var entry = wallets.Generate(Network.Mainnet);
        using var wallet = new Wallet("id", entry, wallets);
        Assert.StartsWith("sEd", entry.Secret!.Reveal(), StringComparison.Ordinal);
        Assert.Equal(entry.Address, wallet.Address(wallet.Key()));
        using var single = wallets.GenerateKey(Network.Mainnet);
        using var imported = wallets.FromKey(SecretBytes.FromString($" {single.PrivateKey!.Reveal()}\n"), Network.Mainnet);
        Assert.Equal(single.PrivateKey.Reveal(), imported.PrivateKey!.Reveal());
    }

    [Fact]
    public static void Survives_hostile_input() => ChainFuzz.Run("XRP", (transaction, signed) =>
        Assert.Contains(Convert.ToHexString(KmsCloud.Chains.Xrp.XrpAddress.Account(Assert.Single(transaction.Summary.From), "")), signed.Data, StringComparison.Ordinal));

    private static JsonObject Payment() => new()
    {
        ["TransactionType"] = "Payment",
        ["Account"] = Ours,
        ["Destination"] = Other,
        ["Amount"] = "1000000",
        ["Sequence"] = 5,
        ["LastLedgerSequence"] = 900,
        ["Fee"] = "10",
    };

    private static UnsignedTransaction Decode(JsonObject transaction, Network network = Network.Testnet) =>
        Sender(network).Decode(transaction.ToJsonString());

    private static OneWallet Sender(Network network) => new("XRP", "snoPBrXtMeMyMHUVTgbuqAfg1SUTb", network);
}

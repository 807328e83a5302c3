using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using static KmsCloud.Tests.Chains.Algorand.AlgorandJsonOf;

namespace KmsCloud.Tests.Chains.Algorand;

/// <summary>What ALGO refuses, warns of, and reads from hostile input.</summary>
public static class AlgorandTests
{
    private static readonly OneWallet Ours = new("ALGO", "55ZDKP4FHHORMP4J4LIGOOYIIV6DVU67LVGREU44HFF7KIVQTQSHSR5YEFCAWR6IYD7SA666DRAVPDEOTMTFS72MHQBRIINOIR73FQY");
    private static readonly byte[] OurKey = Ours.Wallet.Key().Bytes.ToArray();
    private static readonly byte[] Other = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];

    [Theory]
    [InlineData("fee", "1000001", "fee")]
    [InlineData("fee", "null", "missing")]
    [InlineData("fee", "1.5", "whole number")]
    [InlineData("amount", "18446744073709551616", "whole number")]
    [InlineData("amount", "\"1\"", "whole number")]
    [InlineData("firstRound", "26001001", "ends before")]
    [InlineData("genesisID", "\"mainnet-v1.0\"", "genesis differs")]
    [InlineData("genesisHash", """{"type":"Buffer","data":[1,2]}""", "32 bytes")]
    [InlineData("type", "\"appl\"", "not supported")]
    [InlineData("type", "\"keyreg\"", "not supported")]
    [InlineData("type", "\"gift\"", "unknown type")]
    [InlineData("name", "\"Transport\"", "not marked")]
    [InlineData("tag", """{"type":"Buffer","data":[88,84]}""", "not marked")]
    [InlineData("appArgs", "[1]", "application call")]
    [InlineData("note", """{"0":1,"2":2}""", "byte string")]
    [InlineData("note", """{"0":256}""", "0 to 255")]
    [InlineData("note", """{"type":"Buffer","data":[1],"more":1}""", "byte string")]
    [InlineData("note", "\"text\"", "byte string")]
    [InlineData("to", """{"publicKey":{"0":1},"checksum":{"0":1}}""", "no address")]
    [InlineData("to", "null", "no recipient")]
    [InlineData("assetIndex", "5", "not a member")]
    [InlineData("surprise", "5", "not a member")]
    public static void Refuses_a_payment_with(string member, string value, string because)
    {
        var payment = Payment(OurKey, Other, 5);
        payment[member] = JsonNode.Parse(value);
        var error = Assert.Throws<KmsException>(() => Ours.Decode(payment.ToJsonString()));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Equal(Failure.Refused, error.Failure);
    }

    [Theory]
    [InlineData("pay", "reKeyTo", "rekey")]
    [InlineData("pay", "closeRemainderTo", "close to")]
    [InlineData("axfer", "closeRemainderTo", "close to")]
    [InlineData("axfer", "assetRevocationTarget", "clawback")]
    public static void Signs_what_hands_over_an_account_only_where_allowed(string type, string member, string because)
    {
        var json = type == "pay" ? Payment(OurKey, Other, 5) : AssetTransfer(OurKey, Other, 5, 7);
        json[member] = Address(Other);
        Assert.Contains(because, Assert.Throws<KmsException>(() => Ours.Decode(json.ToJsonString())).Message, StringComparison.Ordinal);
        var allowed = Ours.Decode(json.ToJsonString(), new ChainOptions { AllowAccountControl = true });
        Assert.Contains(allowed.Summary.Warnings, text => text.Contains(because, StringComparison.Ordinal));
        var control = because.Split(' ')[0];
        Assert.EndsWith("transfer, " + control, allowed.Summary.Kind, StringComparison.Ordinal); // never a payment alone to a policy
        Assert.Equal(control, allowed.Summary.Method);
        Assert.Contains(Convert.ToHexStringLower(Other), allowed.Sign(Ours.Wallet).Data, StringComparison.Ordinal);
    }

    [Fact]
    public static void Warns_of_groups_long_validity_and_high_fees()
    {
        var json = Payment(OurKey, Other, 5);
        json["group"] = Keyed(Other);
        json["fee"] = 10001;
        json["lastRound"] = 26002000;
        Assert.Equal(3, Ours.Decode(json.ToJsonString()).Summary.Warnings.Count);
    }

    [Fact]
    public static void Shows_the_largest_amount_exactly()
    {
        var json = Payment(OurKey, Other, ulong.MaxValue);
        Assert.Equal("18446744073709.551615 ALGO", Ours.Decode(json.ToJsonString()).Summary.Transfers[0].Amount.ToString());
    }

    [Theory]
    [InlineData("fuel still panel obscure risk shield enemy tip wheel unique lottery session insane visit upon essence girl image orphan feed echo clown ceiling ability", "24")]
    [InlineData("fuel still panel obscure risk shield enemy tip wheel unique lottery session insane visit upon essence girl image orphan feed echo clown ceiling ability divide divide", "26")]
    [InlineData("fuel still panel obscure risk shield enemy tip wheel unique lottery session insane visit upon essence girl image orphan feed echo clown ceiling ability ability", "checksum")]
    [InlineData("fuel still panel obscure risk shield enemy tip wheel unique lottery session insane visit upon essence girl image orphan feed echo clown ceiling divide ability", "checksum")]
    [InlineData("fuel still panel obscure risk shield enemy tip wheel unique lottery session insane visit upon essence girl image orphan feed echo clown ceiling zoo divide", "checksum")]
    [InlineData("fuel stil panel", "word 2")]
    public static void Refuses_words_that_are_no_wallet(string words, string because)
    {
        var error = Assert.Throws<KmsException>(() => Ours.Chain.Wallets.FromMnemonic(SecretBytes.FromString(words), Network.Testnet));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("55ZDKP4FHHORMP4J4LIGOOYIIV6DVU67LVGREU44HFF7KIVQTQSHSR5YEFCAWR6IYD7SA666DRAVPDEOTMTFS72MHQBRIINOIR73FQA")] // another public half
    [InlineData("55ZDKP4FHHORMP4J4LIGOOYIIV6DVU67LVGREU44HFF7KIVQTQSHSR5YEFCAWR6IYD7SA666DRAVPDEOTMTFS72MHQBRIINOIR73FQZ")] // an unused bit
    [InlineData("55zdkp4fhhormp4j4ligooyiiv6dvu67lvgreu44hff7kivqtqshsr5yefcawr6iyd7sa666dravpdeotmtfs72mhqbriinoir73fqy")]
    [InlineData("55ZDKP4FHHORMP4J4LIGOOYIIV6DVU67LVGREU44HFF7KIVQTQSA")]
    public static void Refuses_secrets_that_are_none(string text) => Assert.Equal(
        Failure.Refused,
        Assert.Throws<KmsException>(() => Ours.Chain.Wallets.FromKey(SecretBytes.FromString(text), Network.Testnet)).Failure);

    [Fact]
    public static void Points_words_given_as_a_key_to_the_right_command()
    {
        var error = Assert.Throws<KmsException>(() => Ours.Chain.Wallets.FromKey(SecretBytes.FromString("fuel still panel"), Network.Testnet));
        Assert.Contains("kms storemanagedwallet ALGO", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public static void MessagePack_takes_the_shortest_form()
    {
        // the examples of the MessagePack specification's formats, at their borders
        Assert.Equal("7f", Hex.Lower(MsgPack.UInt(127)));
        Assert.Equal("cc80", Hex.Lower(MsgPack.UInt(128)));
        Assert.Equal("ccff", Hex.Lower(MsgPack.UInt(255)));
        Assert.Equal("cd0100", Hex.Lower(MsgPack.UInt(256)));
        Assert.Equal("ce00010000", Hex.Lower(MsgPack.UInt(65536)));
        Assert.Equal("cf0000000100000000", Hex.Lower(MsgPack.UInt(1UL << 32)));
        Assert.Equal("bf", Hex.Lower(MsgPack.Text(new string('a', 31)))[..2]);
        Assert.Equal("d920", Hex.Lower(MsgPack.Text(new string('a', 32)))[..4]);
        Assert.Equal("da0100", Hex.Lower(MsgPack.Text(new string('a', 256)))[..6]);
        Assert.Equal("c4ff", Hex.Lower(MsgPack.Bytes(new byte[255]))[..4]);
        Assert.Equal("c50100", Hex.Lower(MsgPack.Bytes(new byte[256]))[..6]);
        Assert.Equal("c600010000", Hex.Lower(MsgPack.Bytes(new byte[65536]))[..10]);
        Assert.Equal("82a17a01a27a7a02", Hex.Lower(MsgPack.Map(new Dictionary<string, byte[]> { ["zz"] = [2], ["z"] = [1] })));
        Assert.Equal("de0010", Hex.Lower(MsgPack.Map(Enumerable.Range(0, 16).ToDictionary(i => $"{i}", _ => (byte[])[0])))[..6]);
    }

    [Fact]
    public static void Survives_hostile_input() => ChainFuzz.Run("ALGO");
}

using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Store;

/// <summary>The members of an entry: each of its own kind, once, and no other (<see cref="WalletEntryFields"/>).</summary>
public static class WalletEntryFieldsTests
{
    [Theory]
    [InlineData("""[]""", "the entry is not a JSON object")]
    [InlineData("""{"testnet":true,"privateKey":"01"}""", "the entry has no chain")]
    [InlineData("""{"chain":"ETH","privateKey":"01"}""", "the entry does not say whether it is for a testnet")]
    [InlineData("""{"chain":"ETH","testnet":true}""", "the entry holds no mnemonic, private key or secret")]
    [InlineData("""{"chain":1,"testnet":true,"privateKey":"01"}""", "the entry's 'chain' is not text")]
    [InlineData("""{"chain":"ETH","chain":"BTC","testnet":true}""", "the entry's 'chain' is not text")]
    [InlineData("""{"chain":"ETH","testnet":"true"}""", "the entry's 'testnet' is not true or false")]
    [InlineData("""{"chain":"ETH","testnet":true,"xpub":7}""", "the entry's 'xpub' is not text")]
    [InlineData("""{"chain":"ETH","testnet":true,"mnemonic":["a"]}""", "the entry's 'mnemonic' is not text")]
    [InlineData("""{"chain":"ETH","testnet":true,"privateKey":"01","x":1}""", "the entry has a member that no wallet has")]
    public static void What_is_wrong_with_an_entry_is_said(string entry, string reason)
    {
        var skipped = new List<(string Id, string Reason)>();
        using var contents = WalletContents.TryRead(SecretBytes.FromString($$"""{"id":{{entry}}}"""), skipped);
        Assert.Empty(contents!.Entries);
        Assert.Equal([("id", reason)], skipped);
    }

    [Fact]
    public static void Escaped_names_and_values_are_read_like_others()
    {
        const string text = """{"a":{"chain":"ETH","testnet":false,"private\u004bey":"0\u0031"},"b":{"ch\u0061in":"ETH","testnet":true,"secret":"s"}}""";
        using var contents = WalletContents.TryRead(SecretBytes.FromString(text));
        Assert.Equal("01", contents!.Entries["a"].PrivateKey!.Reveal());
        Assert.Equal((Network.Testnet, "s"), (contents.Entries["b"].Network, contents.Entries["b"].Secret!.Reveal()));
    }
}

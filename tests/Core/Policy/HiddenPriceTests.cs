using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Solana;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>What leaves an account without being a payment in the transaction is counted, or is not called understood.</summary>
public static class HiddenPriceTests
{
    private const string Issued = """{"currency":"USD","issuer":"rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B","value":"5"}""";
    private const string Nft = "000B013A95F14B0044F78A264E41713C64B5F89242540EE208C3098E00000D65";
    private static readonly OneWallet Solana = new("SOL", "5YEMS6F2hhb6JECkSVixYbH9wtPtjasH8MLYhRDC6h77gRcGA8KcVHJcD68H53cC5weovue4Bx3ThuYS7EKwRd2N");
    private static readonly byte[] Ours = Solana.Wallet.Key().Bytes.ToArray();
    private static readonly byte[] Other = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];
    private static readonly byte[] Blockhash = [.. Enumerable.Repeat((byte)9, 32)];

    [Theory]
    [InlineData($$"""{"TransactionType":"NFTokenAcceptOffer","NFTokenSellOffer":"{{Nft}}"}""", false, "")]
    [InlineData($$"""{"TransactionType":"OfferCreate","TakerPays":"5","TakerGets":{{Issued}}}""", false, "5 USD.rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B")]
    [InlineData($$"""{"TransactionType":"OfferCreate","TakerPays":{{Issued}},"TakerGets":"5000000"}""", true, "5 XRP")]
    [InlineData($$"""{"TransactionType":"NFTokenCreateOffer","NFTokenID":"{{Nft}}","Owner":"rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe","Amount":{{Issued}}}""", false, "5 USD.rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B")]
    [InlineData($$"""{"TransactionType":"NFTokenCreateOffer","NFTokenID":"{{Nft}}","Flags":1,"Amount":"0"}""", true, "1 NFT " + Nft)]
    public static void Xrp_offers_are_understood_only_where_the_transaction_holds_their_price(string json, bool understood, string paid)
    {
        var transaction = JsonNode.Parse(json)!.AsObject();
        transaction["Account"] = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
        transaction["Sequence"] = 5;
        transaction["Fee"] = "10";
        var summary = new OneWallet("XRP", "snoPBrXtMeMyMHUVTgbuqAfg1SUTb").Decode(transaction.ToJsonString()).Summary;
        Assert.Equal(understood, summary.Understood);
        Assert.Equal(paid, string.Join(';', summary.Transfers.Select(transfer => transfer.Amount.ToString())));
    }

    [Theory]
    [InlineData(16, 4, true)]
    [InlineData(17, 0, false)]
    [InlineData(1, 64, true)]
    [InlineData(1, 65, false)]
    public static void An_access_list_is_bounded(int addresses, int keysEach, bool understood)
    {
        var keys = string.Join(',', Enumerable.Range(0, keysEach).Select(key => $"\"0x{key:x64}\""));
        var list = string.Join(',', Enumerable.Range(0, addresses).Select(address => $$"""{"address":"0x{{address:x40}}","storageKeys":[{{keys}}]}"""));
        using var signer = new SingleKeySigner("ETH", "0x4646464646464646464646464646464646464646464646464646464646464646");
        var summary = signer.Decode($$"""{"to":"0x1111111111111111111111111111111111111111","value":"1","gas":1000000,"accessList":[{{list}}]}""").Summary;
        Assert.Equal(understood, summary.Understood);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(32, true)]
    [InlineData(33, false)]
    [InlineData(5000, false)]
    public static void Bytes_behind_the_arguments_of_a_known_call_are_bounded(int trailing, bool understood)
    {
        using var signer = new SingleKeySigner("ETH", "0x4646464646464646464646464646464646464646464646464646464646464646");
        var data = "a9059cbb" + new string('0', 24) + new string('a', 40) + new string('0', 63) + "5" + new string('f', 2 * trailing);
        Assert.Equal(understood, signer.Decode($$"""{"to":"0x1111111111111111111111111111111111111111","data":"0x{{data}}","value":"0","gas":1000000}""").Summary.Understood);
    }

    [Fact]
    public static void Rent_for_a_strangers_token_account_is_a_payment_and_for_our_own_is_none()
    {
        var stranger = Created(Base58.Encode(Other));
        var rent = Assert.Single(stranger.Transfers);
        Assert.Equal((Base58.Encode(Other), "0.00203928 SOL"), (rent.To, rent.Amount.ToString()));
        Assert.Empty(Created(Base58.Encode(Ours)).Transfers);
    }

    [Theory]
    [InlineData(new byte[] { 4, 4, 0, 0, 0 }, true)]
    [InlineData(new byte[] { 5, 4, 0, 0, 0, 0 }, false)]
    [InlineData(new byte[] { 12, 4, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 }, false)]
    public static void A_nonce_instruction_with_bytes_behind_its_end_is_refused(byte[] data, bool allowed)
    {
        byte[] message =
        [
            1, 0, 2, 4, .. Ours, .. Other, .. Enumerable.Repeat((byte)3, 32), .. new byte[32], .. Blockhash, 2,
            3, 3, 1, 2, 0, .. data,
            3, 2, 0, 1, 12, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
        ];
        if (allowed)
        {
            Assert.Empty(Decode(message).Missing);
            return;
        }

        Assert.Contains("bytes behind its end", Assert.Throws<KmsException>(() => Decode(message)).Message, StringComparison.Ordinal);
    }

    private static TransactionSummary Created(string owner)
    {
        var mint = Base58.Encode([.. Enumerable.Repeat((byte)5, 32)]);
        var account = Base58.TryDecode(SolanaPrograms.AssociatedAccount(owner, mint))!;
        var isOurs = owner == Base58.Encode(Ours);
        byte[][] accounts =
        [
            Ours, account, .. isOurs ? (byte[][])[] : [Other], Base58.TryDecode(mint)!, new byte[32], Base58.TryDecode(SolanaPrograms.Token)!,
            Base58.TryDecode(SolanaPrograms.AssociatedToken)!,
        ];
        var shift = isOurs ? 0 : 1;
        byte[] message =
        [
            1, 0, (byte)(4 + shift), (byte)accounts.Length, .. accounts.SelectMany(key => key), .. Blockhash, 1,
            (byte)(5 + shift), 6, 0, 1, (byte)(isOurs ? 0 : 2), (byte)(2 + shift), (byte)(3 + shift), (byte)(4 + shift), 1, 1,
        ];
        return Decode(message).Summary;
    }

    private static UnsignedTransaction Decode(byte[] message) => Solana.Decode(new JsonObject { ["txData"] = Hex.Lower(message) }.ToJsonString());
}

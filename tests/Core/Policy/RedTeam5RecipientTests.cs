using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Algorand;
using KmsCloud.Chains.Solana;
using KmsCloud.Codecs;
using KmsCloud.Policy;
using KmsCloud.Tests.Chains.Algorand;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>
/// What leaves without an amount goes to a rule's recipients alone: a rule that lets accounts be closed into the cold wallet
/// closes none into a stranger's.
/// </summary>
public static class RedTeam5RecipientTests
{
    private static readonly byte[] Stranger = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];
    private static readonly OneWallet Algorand = new("ALGO", "55ZDKP4FHHORMP4J4LIGOOYIIV6DVU67LVGREU44HFF7KIVQTQSHSR5YEFCAWR6IYD7SA666DRAVPDEOTMTFS72MHQBRIINOIR73FQY");
    private static readonly OneWallet Solana = new("SOL", "5YEMS6F2hhb6JECkSVixYbH9wtPtjasH8MLYhRDC6h77gRcGA8KcVHJcD68H53cC5weovue4Bx3ThuYS7EKwRd2N");
    private static readonly OneWallet Stellar = new("XLM", "SB6OLFAC7OBYVHCRBLJB46VCYEXWAYMPCRWA3LDHFP54NJEEHVWX2GOI");
    private static readonly OneWallet Xrp = new("XRP", "snoPBrXtMeMyMHUVTgbuqAfg1SUTb");

    [Fact]
    public static void An_account_of_xlm_is_merged_into_recipients_alone()
    {
        var data = Convert.FromBase64String(Vectors.Case("XLM", "signing", "payment-native").GetProperty("pending").Text("serializedTransaction")!);
        var to = Stellar.Decode(Convert.ToBase64String(data)).Summary.Transfers[0].To;
        const int Operations = 4 + 4 + 32 + 4 + 8 + 4 + 16 + 4;
        data[Operations + 11] = 8; // accountMerge: the payment's destination, without asset and amount
        var merge = Stellar.Decode(Convert.ToBase64String([.. data.AsSpan(..(Operations + 12 + 36)), .. data.AsSpan(^8..)])).Summary;
        Goes(merge, "accountMerge", to, Stellar.Address);
    }

    [Fact]
    public static void An_account_of_xrp_is_deleted_into_recipients_alone()
    {
        const string To = "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe";
        var delete = new JsonObject
        {
            ["TransactionType"] = "AccountDelete",
            ["Account"] = Xrp.Address,
            ["Destination"] = To,
            ["DestinationTag"] = 5,
            ["Sequence"] = 5,
            ["LastLedgerSequence"] = 900,
            ["Fee"] = "10",
        };
        var summary = Xrp.Decode(delete.ToJsonString()).Summary;
        Goes(summary, "AccountDelete", To, Xrp.Address);
        Assert.True(Allows(summary, "AccountDelete", To + "?tag=5"));
        Assert.False(Allows(summary, "AccountDelete", To + "?tag=6"));
    }

    [Theory]
    [InlineData("pay", "close")]
    [InlineData("axfer", "close")]
    public static void An_account_of_algo_is_closed_into_recipients_alone(string type, string method)
    {
        var ours = Algorand.Wallet.Key().Bytes.ToArray();
        var other = Stranger.Reverse().ToArray();
        var json = type == "pay" ? AlgorandJsonOf.Payment(ours, other, 5) : AlgorandJsonOf.AssetTransfer(ours, other, 5, 7);
        json["closeRemainderTo"] = AlgorandJsonOf.Address(Stranger);
        var summary = Algorand.Decode(json.ToJsonString(), new ChainOptions { AllowAccountControl = true }).Summary;
        Assert.False(Allows(summary, method, AlgorandKey.Address(other)));
        Assert.True(Allows(summary, method, AlgorandKey.Address(other), AlgorandKey.Address(Stranger)));
    }

    [Theory]
    [InlineData("token account closing", new byte[] { 9 }, new byte[] { 1, 2, 0 })] // account, destination, owner
    [InlineData("token approval", new byte[] { 4, 1, 0, 0, 0, 0, 0, 0, 0 }, new byte[] { 1, 2, 0 })] // account, spender, owner
    [InlineData("token authority change", new byte[] { 6, 2, 1 }, new byte[] { 1, 0 })] // account, owner; whose the tokens are from then on
    [InlineData("token authority change", new byte[] { 6, 3, 1 }, new byte[] { 1, 0 })] // who may close it
    public static void A_token_account_of_sol_goes_to_recipients_alone(string method, byte[] data, byte[] places)
    {
        byte[][] accounts = [[.. Solana.Wallet.Key().Bytes], [.. Enumerable.Repeat((byte)7, 32)], Stranger, Base58.TryDecode(SolanaPrograms.Token)!];
        byte[] content = data[0] == 6 ? [.. data, .. Stranger] : data;
        byte[] message =
        [
            1, 0, 1, (byte)accounts.Length, .. accounts.SelectMany(key => key), .. Enumerable.Repeat((byte)9, 32), 1,
            3, (byte)places.Length, .. places, (byte)content.Length, .. content,
        ];
        var summary = Solana.Decode(new JsonObject { ["txData"] = Hex.Lower(message) }.ToJsonString()).Summary;
        Goes(summary, method, Base58.Encode(Stranger), Solana.Address);
    }

    [Fact]
    public static void Whoever_reads_the_record_sees_who_got_it()
    {
        var delete = new JsonObject
        {
            ["TransactionType"] = "AccountDelete",
            ["Account"] = Xrp.Address,
            ["Destination"] = "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe",
            ["Sequence"] = 5,
            ["LastLedgerSequence"] = 900,
            ["Fee"] = "10",
        };
        var summary = Xrp.Decode(delete.ToJsonString()).Summary;
        var written = CompactJson.Write(json =>
        {
            json.WriteStartObject();
            SummaryJson.Write(json, summary);
            json.WriteEndObject();
        });
        Assert.Contains("rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe", written, StringComparison.Ordinal);
    }

    private static void Goes(TransactionSummary summary, string method, string to, string another)
    {
        Assert.True(Allows(summary, method, to), string.Join("; ", summary.Warnings)); // control
        Assert.False(Allows(summary, method, another), $"{method} to {to} is allowed by a rule for {another} alone");
    }

    private static bool Allows(TransactionSummary summary, string method, params string[] recipients)
    {
        var rules = PolicyFile.Read(Encoding.UTF8.GetBytes(
            $$$"""{"version":1,"rules":[{"name":"close into the cold wallet","chains":["{{{summary.Chain}}}"],"recipients":["{{{string.Join("\",\"", recipients)}}}"],"assets":{"ALGO":{},"asset 7":{}},"methods":{"any":["{{{method}}}"]},"blindSigning":true,"requireValid":false}]}"""));
        return PolicyCheck.Verdict(rules, summary, ["w"], (_, _) => default, DateTimeOffset.UnixEpoch, filled: true).Allowed;
    }
}

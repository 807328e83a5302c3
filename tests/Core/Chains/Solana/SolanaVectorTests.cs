using System.Globalization;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Chains.Solana;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Solana;

/// <summary>What the recorded SOL vectors say beyond the transaction id.</summary>
public static class SolanaVectorTests
{
    public static TheoryData<string> Names() => [.. Vectors.Names("SOL", "signing")];

    [Theory, MemberData(nameof(Names))]
    public static void Signs_the_recorded_message_and_shows_what_it_says(string name)
    {
        var vector = Vectors.Case("SOL", "signing", name);
        using var run = SigningRun.Sign(vector);
        var (message, signed) = (((SolanaTransaction)run.Transaction).Message, SolanaSigned.Read(run.Signed.Data));
        Assert.Equal(vector.Text("signingMessage"), Convert.ToHexStringLower(message.Bytes));
        Assert.Equal(vector.GetProperty("blockhashOffset").GetInt32(), message.BlockhashOffset);
        Assert.Equal(vector.Text("blockhash"), message.Blockhash);
        Assert.Equal(vector.Text("wireTransaction"), signed.Wire);
        Assert.Equal(vector.Text("signed"), signed.TransactionId);
        Assert.Equal(150_000_000UL, signed.LastValidBlockHeight);
        Assert.Equal(vector.GetProperty("signers").EnumerateArray().Select(signer => signer.Text("address")), message.Signers);

        var (decoded, summary) = (vector.GetProperty("decoded"), run.Transaction.Summary);
        Assert.Equal(decoded.Text("feePayer"), summary.Details["fee payer"]);
        Assert.Equal(decoded.Text("memo"), summary.Memo);
        Assert.Equal(5000 * message.Signers.Count(), summary.Fee!.Value.Units);
        Assert.Equal(Expected(decoded), summary.Transfers.Where(transfer => !(transfer.Amount.Asset == "SOL" && transfer.Amount.Units == 2_039_280)).Select(transfer => $"{transfer.From ?? message.Accounts[0]} {transfer.To} {transfer.Amount.Units} {transfer.Amount.Asset}"));
        Assert.True(summary.Understood);
        Assert.Empty(summary.Warnings);
    }

    [Fact]
    public static void A_generated_wallet_keeps_address_and_key_of_index_0()
    {
        var chain = ChainCatalog.Get("SOL");
        var vector = Vectors.Read("SOL").GetProperty("wallets")[0];
        using var entry = chain.Wallets.FromMnemonic(SecretBytes.FromString(vector.Text("mnemonic")!), Network.Testnet);
        Assert.Equal(vector.GetProperty("keys")[0].Text("address"), entry.Address);
        Assert.Equal(vector.GetProperty("keys")[0].Text("privateKey"), entry.PrivateKey!.Reveal());
    }

    private static IEnumerable<string> Expected(JsonElement decoded)
    {
        foreach (var transfer in List(decoded, "transfers"))
        {
            yield return $"{transfer.Text("from")} {transfer.Text("to")} {transfer.Text("lamports")} SOL";
        }

        foreach (var transfer in List(decoded, "tokenTransfers"))
        {
            var (to, asset) = (transfer.Text("destinationTokenAccount"), $"token of account {transfer.Text("sourceTokenAccount")}");
            if (decoded.TryGetProperty("createsTokenAccount", out var created) && created.Text("account") == to)
            {
                (to, asset) = (created.Text("owner"), created.Text("mint")!);
            }

            yield return string.Create(CultureInfo.InvariantCulture, $"{transfer.Text("owner")} {to} {transfer.Text("amount")} {asset}");
        }
    }

    private static JsonElement.ArrayEnumerator List(JsonElement decoded, string name) => decoded.TryGetProperty(name, out var list) ? list.EnumerateArray() : default;
}

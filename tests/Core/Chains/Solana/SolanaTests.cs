using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Solana;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Solana;

/// <summary>What SOL refuses, warns of, and reads from hostile input.</summary>
public static class SolanaTests
{
    private const string Secret = "5YEMS6F2hhb6JECkSVixYbH9wtPtjasH8MLYhRDC6h77gRcGA8KcVHJcD68H53cC5weovue4Bx3ThuYS7EKwRd2N";
    private static readonly OneWallet Ours = new("SOL", Secret);
    private static readonly byte[] OurKey = Ours.Wallet.Key().Bytes.ToArray();
    private static readonly byte[] Other = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];
    private static readonly byte[] System = new byte[32];
    private static readonly byte[] Blockhash = [.. Enumerable.Repeat((byte)9, 32)];

    [Fact]
    public static void Refuses_messages_that_are_not_what_they_seem()
    {
        Refuses("truncated", message => message[..^1]);
        Refuses("behind its end", message => [.. message, 0]);
        Refuses("unknown version", message => [0x81, .. message]);
        Refuses("header", message => [0, .. message[1..]]);
        Refuses("header", message => [4, .. message[1..]]);
        Refuses("header", message => [1, 1, .. message[2..]]);
        Refuses("header", message => [1, 0, 3, .. message[3..]]);
        Refuses("shortest form", message => [.. message[..3], 0x83, 0, .. message[4..]]);
        Refuses("too large", message => [.. message[..3], 0xff, 0xff, 0xff, .. message[4..]]);
        Refuses("not among its accounts", message => [.. message[..^17], 9, .. message[^16..]]);
        Refuses("account that is not there", message => [.. message[..^14], 9, .. message[^13..]]);
        Refuses("account twice", message => [.. message[..36], .. message[4..36], .. message[68..]]);
        Refuses("no packet takes more", message => [.. message[..^13], 0xff, 0x09, .. new byte[0x4ff]]);
    }

    [Theory]
    [InlineData("""{"txData":"01000"}""")]
    [InlineData("""{"txData":"zz"}""")]
    [InlineData("""{"txData":""}""")]
    [InlineData("""{}""")]
    [InlineData("""{"txData":"01","more":1}""")]
    [InlineData("[]")]
    public static void Refuses_what_is_no_message(string json) => Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => Ours.Decode(json)).Failure);

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","error":{"code":-32005}}""")]
    [InlineData("""{"result":null}""")]
    [InlineData("""{"result":{"value":{"blockhash":"abc","lastValidBlockHeight":1}}}""")]
    [InlineData("""{"result":{"value":{"blockhash":"11111111111111111111111111111111","lastValidBlockHeight":1}}}""")]
    [InlineData("""{"result":{"value":{"blockhash":"7cSWLq3ETyc3Skx7DVQBTvuc3pnvfaewkvYALJ5AufTu"}}}""")]
    [InlineData("""{"result":{"value":{"blockhash":"7cSWLq3ETyc3Skx7DVQBTvuc3pnvfaewkvYALJ5AufTu","lastValidBlockHeight":-1}}}""")]
    [InlineData("[]")]
    public static void Does_not_sign_without_a_blockhash(string answer)
    {
        var transaction = Ours.Decode(Pending(Transfer(5)));
        Assert.Single(transaction.Missing);
        var error = Assert.Throws<KmsException>(() => transaction.Complete(new([JsonDocument.Parse(answer).RootElement])));
        Assert.Equal(Failure.Gateway, error.Failure);
    }

    [Fact]
    public static void Leaves_a_durable_nonce_where_it_is()
    {
        byte[] message =
        [
            1, 0, 2, 4, .. OurKey, .. Other, .. Enumerable.Repeat((byte)3, 32), .. System, .. Blockhash, 2,
            3, 3, 1, 2, 0, 4, 4, 0, 0, 0,
            3, 2, 0, 1, 12, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
        ];
        var transaction = Ours.Decode(Pending(message));
        Assert.Empty(transaction.Missing);
        var signed = SolanaSigned.Read(transaction.Sign(Ours.Wallet).Data);
        Assert.Null(signed.LastValidBlockHeight);
        Assert.Equal(message, Convert.FromBase64String(signed.Wire)[65..]);
        Assert.Contains(transaction.Summary.Warnings, text => text.Contains("durable nonce", StringComparison.Ordinal));
    }

    [Fact]
    public static void Refuses_a_mint_key_for_an_account_that_is_not_created()
    {
        using var mint = KmsCloud.Keys.Ed25519Keys.Generate();
        var text = Hex.Lower([.. mint.Export.Span, .. mint.PublicKey.Bytes]);
        byte[] message = [2, 0, 1, 3, .. OurKey, .. mint.PublicKey.Bytes, .. System, .. Blockhash, 1, 2, 2, 1, 0, 12, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
        Assert.Contains("must also be signed", Assert.Throws<KmsException>(() => Ours.Decode(Pending(message))).Message, StringComparison.Ordinal);
        var error = Assert.Throws<KmsException>(() => Ours.Decode(Pending(message, text)));
        Assert.Contains("does not create", error.Message, StringComparison.Ordinal);
        Assert.Throws<KmsException>(() => Ours.Decode(Pending(message, text[..126])));
        Assert.Throws<KmsException>(() => Ours.Decode(Pending(message, text[..64] + Hex.Lower(Other))));
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0 }, 32, "hands account")] // System: assign
    [InlineData(new byte[] { 9, 0, 0, 0 }, 0, "not known here")]
    public static void Warns_of_system_instructions(byte[] head, int zeros, string warning)
    {
        byte[] data = [.. head, .. new byte[zeros]];
        byte[] message = [1, 0, 1, 3, .. OurKey, .. Other, .. System, .. Blockhash, 1, 2, 2, 0, 1, (byte)data.Length, .. data];
        Assert.Contains(Ours.Decode(Pending(message)).Summary.Warnings, text => text.Contains(warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new byte[] { 4, 1, 0, 0, 0, 0, 0, 0, 0 }, "lets", false)] // how much that is the ledger knows
    [InlineData(new byte[] { 6, 0, 0 }, "authority", true)]
    [InlineData(new byte[] { 9 }, "closes", false)]
    [InlineData(new byte[] { 99 }, "not known here", false)]
    [InlineData(new byte[] { }, "not known here", false)]
    public static void Warns_of_token_instructions(byte[] data, string warning, bool understood)
    {
        var token = Base58.TryDecode(SolanaPrograms.Token)!;
        byte[] message = [1, 0, 1, 3, .. OurKey, .. Other, .. token, .. Blockhash, 1, 2, 3, 1, 1, 0, (byte)data.Length, .. data];
        var summary = Ours.Decode(Pending(message)).Summary;
        Assert.Contains(summary.Warnings, text => text.Contains(warning, StringComparison.Ordinal));
        Assert.Equal(understood, summary.Understood);
        Assert.NotNull(summary.Method);
    }

    [Fact]
    public static void Does_not_claim_to_understand_unknown_programs()
    {
        byte[] message = [1, 0, 1, 2, .. OurKey, .. Other, .. Blockhash, 1, 1, 0, 0];
        Assert.False(Ours.Decode(Pending(message)).Summary.Understood);
    }

    [Fact]
    public static void Refuses_a_priority_fee_above_the_ceiling_and_warns_of_high_ones()
    {
        // price × limit / 10^6 = 50,000,000 lamports with 5000 for the signature on top
        Assert.Throws<KmsException>(() => Ours.Decode(Pending(Priced(1_000_000, 50_000_000))));
        var summary = Ours.Decode(Pending(Priced(1_000_000, 40_000_000))).Summary;
        Assert.Equal("0.040005 SOL", summary.Fee.ToString());
        Assert.Contains(summary.Warnings, text => text.Contains("fee", StringComparison.Ordinal));
        Assert.Throws<KmsException>(() => Ours.Decode(Pending(Transfer(1)), new ChainOptions { FeeCeiling = 4999 }));
    }

    [Fact]
    public static void Signs_with_the_key_of_an_index()
    {
        var wallet = new OneWallet("SOL", "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about");
        var third = wallet.Wallet.Key(2).Bytes.ToArray();
        byte[] message = [1, 0, 1, 3, .. third, .. Other, .. System, .. Blockhash, 1, 2, 2, 0, 1, 12, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        var keys = new PendingKeys([], [(wallet.Wallet, 2)], null);
        var transaction = wallet.Chain.Decode(wallet.Pending(Pending(message)), keys, new(Network.Testnet));
        Assert.Equal(Base58.Encode(third), Assert.Single(transaction.Summary.From));
        Assert.Throws<KmsException>(() => wallet.Decode(Pending(message)));
        Assert.Equal(Base58.Encode(third), wallet.Decode(Pending(message), index: 2).Summary.From[0]);
    }

    [Fact]
    public static void Points_a_mnemonic_given_as_a_key_to_the_right_command()
    {
        var error = Assert.Throws<KmsException>(() => Ours.Chain.Wallets.FromKey(SecretBytes.FromString("abandon abandon"), Network.Testnet));
        Assert.Contains("kms storemanagedwallet SOL", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public static void Survives_hostile_input() => ChainFuzz.Run("SOL", (transaction, signed) =>
        Assert.Equal(SolanaSigned.Read(signed.Data).TransactionId, signed.TransactionId));

    private static byte[] Transfer(byte lamports) =>
        [1, 0, 1, 3, .. OurKey, .. Other, .. System, .. Blockhash, 1, 2, 2, 0, 1, 12, 2, 0, 0, 0, lamports, 0, 0, 0, 0, 0, 0, 0];

    private static byte[] Priced(uint limit, ulong price) =>
    [
        1, 0, 1, 2, .. OurKey, .. Base58.TryDecode(SolanaPrograms.ComputeBudget)!, .. Blockhash, 2,
        1, 0, 5, 2, .. BitConverter.GetBytes(limit),
        1, 0, 9, 3, .. BitConverter.GetBytes(price),
    ];

    private static string Pending(byte[] message, string? mint = null)
    {
        var json = new JsonObject { ["txData"] = Hex.Lower(message) };
        if (mint is not null)
        {
            json["mintPK"] = mint;
        }

        return json.ToJsonString();
    }

    private static void Refuses(string because, Func<byte[], byte[]> spoil)
    {
        var error = Assert.Throws<KmsException>(() => Ours.Decode(Pending(spoil(Transfer(5)))));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }
}

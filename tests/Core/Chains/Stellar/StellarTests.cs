using System.Buffers.Binary;
using System.Diagnostics;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Stellar;

/// <summary>What XLM refuses, warns of, and reads from hostile input.</summary>
public static class StellarTests
{
    private static readonly OneWallet Ours = new("XLM", "SB6OLFAC7OBYVHCRBLJB46VCYEXWAYMPCRWA3LDHFP54NJEEHVWX2GOI");

    private const int FeeAt = 4 + 4 + 32;
    private const int TimeBoundsAt = FeeAt + 4 + 8;
    private const int MemoAt = TimeBoundsAt + 4 + 16;
    private const int OperationsAt = MemoAt + 4;

    [Fact]
    public static void Refuses_envelopes_that_are_not_what_they_seem()
    {
        var good = Envelope();
        Refuses(good, "unknown type", data => data[3] = 3); // an authorisation entry
        Refuses(good, "unknown kind of key", data => data[7] = 9);
        Refuses(good, "above", data => data[FeeAt] = 0xff);
        Refuses(good, "preconditions of an unknown form", data => data[TimeBoundsAt + 3] = 3);
        Refuses(good, "memo of an unknown kind", data => data[MemoAt + 3] = 5);
        Refuses(good, "longer than 100", data => data[OperationsAt + 2] = 1);
        Refuses(good, "no operation", data => data[OperationsAt + 3] = 0);
        Refuses(good, "truth value", data => data[OperationsAt + 7] = 2);
        Refuses(good, "smart contract", data => data[OperationsAt + 11] = 24);
        Refuses(good, "unknown operation", data => data[OperationsAt + 11] = 27);
        Refuses(good, "negative amount", data => data[OperationsAt + 12 + 36 + 4] = 0x80);
        Refuses(good, "smart contract", data => data[^5] = 1);
        Refuses(good, "unknown extension", data => data[^5] = 2);
        Refuses(good, "longer than 20", data => data[^1] = 21);
        Refuses([.. good, 0, 0, 0, 0], "behind its end", _ => { });
        Refuses(good[..^1], "truncated", _ => { });
    }

    [Fact]
    public static void Refuses_base64_that_is_not_canonical()
    {
        var text = Convert.ToBase64String(Envelope());
        foreach (var wrong in (string[])[text + "\n", " " + text, text + "=", text[..^1], "AAAAAgB=", ""])
        {
            Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => Ours.Decode(wrong)).Failure);
        }
    }

    [Fact]
    public static void Refuses_to_sign_twice()
    {
        using var run = SigningRun.Sign(Vectors.Case("XLM", "signing", "payment-native"));
        var error = Assert.Throws<KmsException>(() => Ours.Decode(run.Signed.Data));
        Assert.Contains("already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Keeps_signatures_that_are_there_up_to_twenty()
    {
        var data = Envelope();
        byte[] other = [1, 2, 3, 4, 0, 0, 0, 64, .. new byte[64]];
        data[^1] = 19;
        byte[] nineteen = [.. data, .. Enumerable.Repeat(other, 19).SelectMany(bytes => bytes)];
        var signed = Convert.FromBase64String(Ours.Decode(Convert.ToBase64String(nineteen)).Sign(Ours.Wallet).Data);
        Assert.Equal(20, signed[data.Length - 1]);
        Assert.Equal(nineteen[data.Length..], signed[data.Length..^72]);

        data[^1] = 20;
        byte[] twenty = [.. data, .. Enumerable.Repeat(other, 20).SelectMany(bytes => bytes)];
        Assert.Throws<KmsException>(() => Ours.Decode(Convert.ToBase64String(twenty)).Sign(Ours.Wallet));
    }

    [Fact]
    public static void Warns_of_a_transaction_that_never_expires_and_of_a_high_fee()
    {
        var data = Envelope();
        data.AsSpan(TimeBoundsAt + 12, 8).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(FeeAt), 50_000);
        var warnings = Ours.Decode(Convert.ToBase64String(data)).Summary.Warnings;
        Assert.Contains(warnings, text => text.Contains("never expires", StringComparison.Ordinal));
        Assert.Contains(warnings, text => text.Contains("fee", StringComparison.Ordinal));
    }

    [Fact]
    public static void Says_that_a_merge_moves_more_than_it_tells()
    {
        var data = Envelope();
        data[OperationsAt + 11] = 8; // accountMerge: the payment's destination, without asset and amount
        byte[] merge = [.. data.AsSpan(..(OperationsAt + 12 + 36)), .. data.AsSpan(^8..)];
        var summary = Ours.Decode(Convert.ToBase64String(merge)).Summary;
        Assert.False(summary.Understood);
        Assert.Contains(summary.Warnings, text => text.Contains("whole balance", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SB6OLFAC7OBYVHCRBLJB46VCYEXWAYMPCRWA3LDHFP54NJEEHVWX2GOJ")]
    [InlineData("SB6OLFAC7OBYVHCRBLJB46VCYEXWAYMPCRWA3LDHFP54NJEEHVWX2GO")]
    [InlineData("sb6olfac7obyvhcrbljb46vcyexwaympcrwa3ldhfp54njeehvwx2goi")]
    [InlineData("GBLCLONIOPLGCIH6R6HCRZXHPTEOE4D3PWUQXXESTOV7FXDFW7NFH7C6")]
    [InlineData("")]
    public static void Refuses_secrets_that_are_none(string text) => Assert.Equal(
        Failure.Refused,
        Assert.Throws<KmsException>(() => ChainCatalog.Get("XLM").Wallets.FromKey(SecretBytes.FromString(text), Network.Testnet)).Failure);

    [Fact]
    public static void Has_no_mnemonics_and_generates_secrets_that_import_again()
    {
        var wallets = ChainCatalog.Get("XLM").Wallets;
        var error = Assert.Throws<KmsException>(() => wallets.FromMnemonic(SecretBytes.FromString("abandon abandon"), Network.Testnet));
        Assert.Contains("kms storemanagedprivatekey XLM", error.Hint, StringComparison.Ordinal);
        using var entry = wallets.Generate(Network.Testnet);
        using var imported = wallets.FromKey(SecretBytes.Copy(entry.Secret!.Span), Network.Testnet);
        using var wallet = new Wallet("id", imported, wallets);
        Assert.Equal(entry.Address, wallet.Address(wallet.Key()));
    }

    [Fact]
    public static void Survives_hostile_input() => ChainFuzz.Run("XLM");

    [Fact]
    public static void Survives_operations_of_random_words()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        byte[] head = Envelope()[..OperationsAt];
        var (read, clock) = (0, Stopwatch.StartNew());
        while (clock.Elapsed < ChainFuzz.Time / 3)
        {
            var data = new List<byte>([.. head, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, (byte)random.Below(26)]);
            for (var words = random.Below(70); words > 0; words--)
            {
                data.AddRange(random.Chance(6) ? random.Bytes(32) : [0, 0, 0, (byte)(random.Chance(8) ? random.Below(256) : random.Below(3))]);
            }

            try
            {
                var envelope = new KmsCloud.Chains.Stellar.StellarEnvelope([.. data, 0, 0, 0, 0, 0, 0, 0, 0]);
                read += envelope.Operations[0].Text.Length > 0 ? 1 : 0;
            }
            catch (KmsException)
            {
                // refused, as it should be
            }
        }

        Assert.True(read > 10, $"only {read} of them made sense");
    }

    private static byte[] Envelope() =>
        Convert.FromBase64String(Vectors.Case("XLM", "signing", "payment-native").GetProperty("pending").Text("serializedTransaction")!);

    private static void Refuses(byte[] good, string because, Action<byte[]> spoil)
    {
        var data = good.ToArray();
        spoil(data);
        var error = Assert.Throws<KmsException>(() => Ours.Decode(Convert.ToBase64String(data)));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Equal(Failure.Refused, error.Failure);
    }
}

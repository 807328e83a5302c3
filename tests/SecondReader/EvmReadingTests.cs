using KmsCloud.Codecs;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Readers;

/// <summary>What Nethereum reads of the recorded EVM transactions is what was asked for; what was changed it reads otherwise or not at all.</summary>
public static class EvmReadingTests
{
    private static readonly string[] Codes = ["ETH", "BSC", "MATIC", "KLAY", "ONE", "KCS", "XDC", "CELO"];

    public static IEnumerable<TheoryDataRow<string, string>> Recorded() =>
        from code in Codes
        from vector in Vectors.Read(code).GetProperty("signing").EnumerateArray()
        where vector.GetProperty("decoded").GetProperty("type").GetRawText() is "0" or "1" or "2"
        select new TheoryDataRow<string, string>(code, vector.Text("name")!) { TestDisplayName = $"{code}: {vector.Text("name")}" };

    [Theory, MemberData(nameof(Recorded))]
    public static void Reads_the_recorded_transactions_as_they_were_asked_for(string code, string name)
    {
        var vector = Vectors.Case(code, "signing", name);
        var decoded = vector.GetProperty("decoded");
        using var run = SigningRun.Sign(vector);
        var read = EvmReading.Read(run.Signed.Data);
        Assert.Equal(decoded.GetProperty("type").GetByte(), read.Type);
        Assert.Equal(decoded.Text("from"), read.Signer.Address);
        Assert.Equal(vector.Text("txId"), read.TransactionId);
        Assert.Equal(decoded.Text("to"), read.To);
        Assert.Equal(decoded.GetProperty("chainId").GetRawText(), $"{read.ChainId}");
        Assert.Equal(decoded.GetProperty("nonce").GetRawText(), $"{read.Nonce}");
        Assert.Equal(decoded.Text("valueBaseUnits"), $"{read.Value}");
        Assert.Equal(decoded.Text("gasLimit"), $"{read.Gas}");
        Assert.Equal(decoded.Text("gasPrice") ?? decoded.Text("maxFeePerGas"), $"{read.Price}");
        Assert.Equal(decoded.Text("gasPrice") ?? decoded.Text("maxPriorityFeePerGas"), $"{read.Tip}");
        Assert.Equal(decoded.GetProperty("dataLength").GetInt32(), read.Data.Length);
    }

    [Fact]
    public static void Sees_another_sender_when_a_byte_of_the_signature_changes()
    {
        var (signer, data) = Signed();
        Assert.Equal(signer, EvmReading.Read(data).Signer.Address);
        Assert.NotEqual(signer, EvmReading.Read(data[..^1] + (data[^1] == '0' ? '1' : '0')).Signer.Address);
    }

    [Fact]
    public static void Refuses_bytes_behind_a_longer_form_and_a_high_s()
    {
        var data = Signed().Data;
        Assert.Throws<FormatException>(() => EvmReading.Read(data + "00"));
        Assert.Throws<FormatException>(() => EvmReading.Read(string.Concat("0xf9", "00", data.AsSpan(4)))); // the length of the list in two bytes
        var order = Hex.Read0x("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "the order");
        var s = new System.Numerics.BigInteger(order, true, true) - new System.Numerics.BigInteger(Convert.FromHexString(data[^64..]), true, true);
        var high = data[..^64] + Convert.ToHexStringLower(s.ToByteArray(isUnsigned: true, isBigEndian: true));
        Assert.Contains("upper half", Assert.Throws<FormatException>(() => EvmReading.Read(high)).Message, StringComparison.Ordinal);
    }

    private static (string Signer, string Data) Signed()
    {
        using var signer = new SingleKeySigner("ETH", "0x" + new string('7', 64));
        return (signer.Address, signer.Sign("""{"to":"0x3535353535353535353535353535353535353535","nonce":1,"gas":21000,"gasPrice":1,"chainId":11155111}""").Data);
    }
}

using System.Globalization;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Tests.Codecs;

/// <summary>Numbers of a pending object are spelled as RFC 8785 spells them, or refused: any library computes the approver's digest.</summary>
public static class EcmaNumberTests
{
    [Theory] // RFC 8785, appendix B
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef4f", "999999999999999900000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("41b3de4355555557", "333333333.33333343")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public static void Spells_the_samples_of_the_standard(string bits, string spelling)
    {
        Assert.Equal(spelling, EcmaNumber.Spelling(BitConverter.Int64BitsToDouble(long.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
        Assert.Equal(bits != "8000000000000000", BitConverter.DoubleToInt64Bits(double.Parse(spelling, CultureInfo.InvariantCulture)).ToString("x16", CultureInfo.InvariantCulture) == bits);
        Assert.True(EcmaNumber.IsOwnSpelling(spelling));
    }

    [Theory]
    [InlineData("-0")]
    [InlineData("1.0")]
    [InlineData("1.50")]
    [InlineData("1E5")]
    [InlineData("1e5")]
    [InlineData("1e+5")]
    [InlineData("0.1e1")]
    [InlineData("1e21")]
    [InlineData("9007199254740993")]
    [InlineData("18446744073709551615")]
    [InlineData("0.0000001")]
    [InlineData("1e400")]
    [InlineData("0.10000000000000000001")]
    public static void Another_spelling_is_refused_wherever_it_stands(string number)
    {
        foreach (var text in new[] { $$"""{"a":{{number}}}""", $$"""{"a":[{"b":[{{number}}]}]}""" })
        {
            var value = StrictJson.Parse(text, "it");
            Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => CanonicalJson.Bytes(value)).Failure);
            Assert.Equal(Failure.Refused, Assert.Throws<KmsException>(() => CanonicalJson.RequireOwnNumbers(value)).Failure);
        }

        var pending = StrictJson.Parse($$"""{"id":"5f2c1a9e8d7b6c5a4f3e2d1c","chain":"ETH","serializedTransaction":"{}","hashes":["x"],"extra":{{number}}}""", "it");
        Assert.Contains("RFC 8785", Assert.Throws<KmsException>(() => PendingJson.Read(pending)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void What_is_written_is_read_as_the_same_number()
    {
        var random = new Support.SeededRandom(8785);
        for (var i = 0; i < 20_000; i++)
        {
            var value = BitConverter.UInt64BitsToDouble(random.Next());
            if (double.IsFinite(value))
            {
                Assert.Equal(value, double.Parse(EcmaNumber.Spelling(value), CultureInfo.InvariantCulture));
            }
        }

        Assert.Equal("""{"a":-1.5,"b":12}""", Encoding.UTF8.GetString(CanonicalJson.Bytes(StrictJson.Parse("""{"b":12,"a":-1.5}""", "it"))));
    }
}

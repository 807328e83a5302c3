using System.Numerics;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Codecs;

/// <summary>Base58Check, Bech32 and Bech32m, Base32, RLP, strict JSON: the standards' vectors and hostile text.</summary>
public static class TextCodecTests
{
    [Theory] // Bitcoin Core's base58_encode_decode.json
    [InlineData("", "")]
    [InlineData("61", "2g")]
    [InlineData("626262", "a3gV")]
    [InlineData("73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2")]
    [InlineData("516b6fcd0f", "ABnLTmg")]
    [InlineData("572e4794", "3EFU7m")]
    [InlineData("10c8511e", "Rt5zm")]
    [InlineData("00000000000000000000", "1111111111")]
    [InlineData("00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L")]
    public static void Base58_goes_there_and_back(string hex, string text)
    {
        Assert.Equal(text, Base58.Encode(Convert.FromHexString(hex)));
        Assert.Equal(hex, Convert.ToHexStringLower(Base58.TryDecode(text)!));
    }

    [Fact]
    public static void Base58_is_the_number_in_base_58_at_every_length()
    {
        var random = new SeededRandom(58);
        for (var i = 0; i < 3_000; i++)
        {
            var bytes = random.Bytes(random.Below(131));
            bytes.AsSpan(0, random.Below(4) * bytes.Length / 8).Clear();
            bytes.AsSpan(^(random.Below(3) * bytes.Length / 4)..).Fill((byte)(random.Coin() ? 0xff : 0));
            var digits = new Stack<char>();
            for (var number = new BigInteger(bytes, isUnsigned: true, isBigEndian: true); number > 0; number /= 58)
            {
                digits.Push(Base58.Ripple[(int)(number % 58)]);
            }

            var text = new string(Base58.Ripple[0], bytes.TakeWhile(value => value == 0).Count()) + string.Concat(digits);
            Assert.Equal(text, Base58.Encode(bytes, Base58.Ripple));
            Assert.Equal(bytes, Base58.TryDecode(text, Base58.Ripple));
        }
    }

    [Theory]
    [InlineData("1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9M")] // last character changed
    [InlineData("1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9")] // cut
    [InlineData("0NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L")] // not in the alphabet
    [InlineData("1")]
    [InlineData("")]
    public static void Base58check_refuses(string text) => Assert.Null(Base58.TryDecodeCheck(text));

    [Fact]
    public static void Base58_refuses_what_would_take_for_ever() => Assert.Null(Base58.TryDecode(new string('2', 100_000)));

    [Theory] // BIP-173 and BIP-350, valid
    [InlineData("A12UEL5L", false)]
    [InlineData("a12uel5l", false)]
    [InlineData("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs", false)]
    [InlineData("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", false)]
    [InlineData("11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j", false)]
    [InlineData("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", false)]
    [InlineData("?1ezyfcl", false)]
    [InlineData("A1LQFN3A", true)]
    [InlineData("a1lqfn3a", true)]
    [InlineData("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", true)]
    [InlineData("split1checkupstagehandshakeupstreamerranterredcaperredlc445v", true)]
    [InlineData("?1v759aa", true)]
    public static void Bech32_reads(string text, bool bech32m)
    {
        var decoded = Bech32.TryDecode(text)!.Value;
        Assert.Equal(bech32m, decoded.Bech32m);
        Assert.Equal(text.ToLowerInvariant(), Bech32.Encode(decoded.Prefix, decoded.Values, bech32m));
    }

    [Theory] // BIP-173 and BIP-350, invalid
    [InlineData(" 1nwldj5")]
    [InlineData("\u007f1axkwrx")]
    [InlineData("an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx")]
    [InlineData("pzry9x0s0muk")]
    [InlineData("1pzry9x0s0muk")]
    [InlineData("x1b4n0q5v")]
    [InlineData("li1dgmt3")]
    [InlineData("de1lg7wt\u00ff")]
    [InlineData("A1G7SGD8")]
    [InlineData("10a06t8")]
    [InlineData("1qzzfhee")]
    [InlineData("a12UEL5L")]
    [InlineData("qyrz8wqd2c9m")]
    [InlineData("y1b0jsk6g")]
    [InlineData("M1VUXWEZ")]
    [InlineData("")]
    [InlineData("1")]
    public static void Bech32_refuses(string text) => Assert.Null(Bech32.TryDecode(text));

    [Theory] // RFC 4648 section 10, padding left out
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public static void Base32_goes_there_and_back(string ascii, string text)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(ascii);
        Assert.Equal(text, Base32.Encode(bytes));
        Assert.Equal(bytes, Base32.TryDecode(text));
    }

    [Theory]
    [InlineData("MZ")] // an unused bit is set
    [InlineData("M")] // no whole byte
    [InlineData("my")]
    [InlineData("MY======")]
    [InlineData("M1")]
    public static void Base32_refuses(string text) => Assert.Null(Base32.TryDecode(text));

    [Theory] // the Ethereum wiki's RLP examples
    [InlineData("", "80")]
    [InlineData("00", "00")]
    [InlineData("0f", "0f")]
    [InlineData("0400", "820400")]
    [InlineData("646f67", "83646f67")]
    public static void Rlp_writes_strings(string hex, string rlp) => Assert.Equal(rlp, Convert.ToHexStringLower(Rlp.Bytes(Convert.FromHexString(hex))));

    [Fact]
    public static void Rlp_writes_lists_and_long_strings()
    {
        Assert.Equal("c88363617483646f67", Convert.ToHexStringLower(Rlp.List(Rlp.Bytes("cat"u8), Rlp.Bytes("dog"u8))));
        Assert.Equal("c0", Convert.ToHexStringLower(Rlp.List()));
        Assert.Equal("c7c0c1c0c3c0c1c0", Convert.ToHexStringLower(Rlp.List(Rlp.List(), Rlp.List(Rlp.List()), Rlp.List(Rlp.List(), Rlp.List(Rlp.List())))));
        Assert.StartsWith("b838", Convert.ToHexStringLower(Rlp.Bytes(new byte[56])), StringComparison.Ordinal);
        Assert.StartsWith("b90400", Convert.ToHexStringLower(Rlp.Bytes(new byte[1024])), StringComparison.Ordinal);
        Assert.Equal("80", Convert.ToHexStringLower(Rlp.Integer(0)));
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"a":1} x""")]
    [InlineData("""{"a":NaN}""")]
    [InlineData("// no\n{}")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("")]
    public static void Strict_json_refuses(string text) => Assert.False(StrictJson.TryParse(text, out _));

    [Fact]
    public static void Strict_json_refuses_depth() => Assert.False(StrictJson.TryParse(new string('[', 1000) + new string(']', 1000), out _));
}

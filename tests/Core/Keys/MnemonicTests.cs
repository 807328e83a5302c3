using System.Text;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Tests.Keys;

/// <summary>BIP-39, with the vectors of its reference implementation (passphrase "TREZOR").</summary>
public static class MnemonicTests
{
    [Theory]
    [InlineData("00000000000000000000000000000000", "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about", "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04")]
    [InlineData("7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f", "legal winner thank year wave sausage worth useful legal winner thank yellow", "2e8905819b8723fe2c1d161860e5ee1830318dbf49a83bd451cfb8440c28bd6fa457fe1296106559a3c80937a1c1069be3a3a5bd381ee6260e8d9739fce1f607")]
    [InlineData("80808080808080808080808080808080", "letter advice cage absurd amount doctor acoustic avoid letter advice cage above", "d71de856f81a8acc65e6fc851a38d4d7ec216fd0796d0a6827a3ad6ed5511a30fa280f12eb2e47ed2ac03b5c462a0358d18d69fe4f985ec81778c1b370b652a8")]
    [InlineData("ffffffffffffffffffffffffffffffff", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong", "ac27495480225222079d7be181583751e86f571027b0497b5b5d11218e0a8a13332572917f0f8e5a589620c6f15b11c61dee327651a14c34e18231052e48c069")]
    [InlineData("000000000000000000000000000000000000000000000000", "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon agent", "035895f2f481b1b0f01fcf8c289c794660b289981a78f8106447707fdd9666ca06da5a9a565181599b79f53b844d8a71dd9f439c52a3d7b3e8a79c906ac845fa")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art", "bda85446c68413707090a52022edd26a1c9462295029f2e60cd7c4f2bbd3097170af7a4d73245cafa9c3cca8d561a7c3de6f5d4a10be8ed2a5e608d68f92fcc8")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote", "dd48c104698c30cfe2b6142103248622fb7bb0ff692eebb00089b32d22484e1613912f0a5b694407be899ffd31ed3992c456cdf60f5d4564b8ba3f05a69890ad")]
    [InlineData("68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c", "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length", "64c87cde7e12ecf6704ab95bb1408bef047c22db4cc7491c4271d170a1b213d20b385bc1588d9c7b38f1b39d415665b8a9030c9ec653d75e65f847d8fc1fc440")]
    public static void Matches_bip_39(string entropy, string mnemonic, string seed)
    {
        using var words = Mnemonic.FromEntropy(Convert.FromHexString(entropy));
        Assert.Equal(mnemonic, words.Reveal());
        using var back = Mnemonic.ToEntropy(words.Span);
        Assert.Equal(entropy, Convert.ToHexStringLower(back.Span));
        using var derived = Mnemonic.ToSeed(words.Span, "TREZOR");
        Assert.Equal(seed, Convert.ToHexStringLower(derived.Span));
    }

    [Theory]
    [InlineData("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon", "checksum")]
    [InlineData("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon", "11")]
    [InlineData("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abut", "word 12")]
    [InlineData("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon ábout", "word 12")]
    [InlineData("", "word 1")]
    [InlineData("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art", "at most 24")]
    public static void Refuses_what_is_no_mnemonic(string text, string names)
    {
        var error = Assert.Throws<KmsException>(() => Mnemonic.ToEntropy(Encoding.UTF8.GetBytes(text)));
        Assert.Contains(names, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abut", error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public static void Generates_24_different_looking_words_with_a_checksum()
    {
        using var first = Mnemonic.Generate();
        using var second = Mnemonic.Generate();
        Assert.Equal(24, first.Reveal().Split(' ').Length);
        Assert.NotEqual(first.Reveal(), second.Reveal());
        Mnemonic.ToEntropy(first.Span).Dispose();
    }

    [Fact]
    public static void Reads_what_people_type()
    {
        using var words = Mnemonic.Normalize(SecretBytes.FromString("  Zoo\tzoo  ZOO zoo zoo zoo zoo zoo zoo zoo zoo wrong \r\n"));
        Assert.Equal("zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong", words.Reveal());
    }

    [Fact]
    public static void Word_list_is_the_standard_s() => Assert.Equal(
        "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda",
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', Mnemonic.Words) + "\n"))));
}

using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>The forms of 20-byte addresses.</summary>
public static class EvmAddressTests
{
    /// <summary>The addresses of EIP-55.</summary>
    [Theory]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7")]
    [InlineData("0x8617E340B3D01FA5F11F306F4090FD50E238070D")]
    [InlineData("0xde709f2102306220921060314715629080e2fb77")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c26")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB")]
    [InlineData("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")]
    public static void Writes_and_reads_checksums_of_eip_55(string address)
    {
        var bytes = AddressForm.Ethereum.Read(address, "it");
        Assert.Equal(address, AddressForm.Checksummed(bytes));
        Assert.Equal(bytes, AddressForm.Ethereum.Read(address[2..].ToLowerInvariant(), "it"));
        Assert.Equal(bytes, AddressForm.Ethereum.Read("0x" + address[2..].ToUpperInvariant(), "it"));
    }

    [Fact]
    public static void Refuses_any_single_letter_in_the_wrong_case()
    {
        const string address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        for (var i = 2; i < address.Length; i++)
        {
            var letter = address[i];
            if (char.IsAsciiLetter(letter))
            {
                var turned = address[..i] + (char.IsAsciiLetterLower(letter) ? char.ToUpperInvariant(letter) : char.ToLowerInvariant(letter)) + address[(i + 1)..];
                Assert.Throws<KmsException>(() => AddressForm.Ethereum.Read(turned, "it"));
            }
        }
    }

    [Fact]
    public static void Reads_harmonys_addresses_as_recorded()
    {
        foreach (var wallet in Vectors.Read("ONE").GetProperty("wallets").EnumerateArray())
        {
            foreach (var key in wallet.GetProperty("keys").EnumerateArray())
            {
                var bytes = AddressForm.Harmony.Read(key.Text("addressBech32")!, "it");
                Assert.Equal(key.Text("address"), AddressForm.Harmony.Plain(bytes));
                Assert.Equal(bytes, AddressForm.Harmony.Read(key.Text("addressBech32")!.ToUpperInvariant(), "it"));
                Assert.Equal(bytes, AddressForm.Harmony.Read(key.Text("address")!, "it"));
            }
        }
    }

    [Theory]
    [InlineData("one1q6gkzcap0uruuu8r6sldxuu47pd4ww9w9t7tg7")] // last character changed
    [InlineData("one1Q6gkzcap0uruuu8r6sldxuu47pd4ww9w9t7tg6")] // both cases
    [InlineData("one1")]
    [InlineData("tone1q6gkzcap0uruuu8r6sldxuu47pd4ww9w9t7tg6")]
    public static void Refuses_damaged_harmony_addresses(string address) =>
        Assert.Throws<KmsException>(() => AddressForm.Harmony.Read(address, "it"));

    [Fact]
    public static void Reads_xdc_addresses_with_either_prefix()
    {
        const string digits = "f4f4ec5a2380a1599ff802b798fc002f83a001a8";
        var bytes = AddressForm.Xdc.Read("xdc" + digits, "it");
        Assert.Equal(bytes, AddressForm.Xdc.Read("0x" + digits, "it"));
        Assert.Equal("xdc" + digits, AddressForm.Xdc.Human(bytes));
        Assert.Equal(bytes, AddressForm.Xdc.Read("xdc" + AddressForm.Checksummed(bytes)[2..], "it"));
        Assert.Throws<KmsException>(() => AddressForm.Ethereum.Read("xdc" + digits, "it"));
        Assert.Throws<KmsException>(() => AddressForm.Xdc.Read("xdc" + digits[1..], "it"));
        Assert.Equal(digits, Hex.Lower(bytes));
    }
}

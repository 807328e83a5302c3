using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Primitives;

/// <summary>Ed25519: RFC 8032 section 7.1, and what must never pass.</summary>
public static class Ed25519Tests
{
    private static readonly byte[] Seed = Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");

    [Theory]
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f", "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public static void Matches_rfc_8032(string seed, string publicKey, string message, string signature)
    {
        var (secret, text) = (Convert.FromHexString(seed), Convert.FromHexString(message));
        Assert.Equal(publicKey, Convert.ToHexStringLower(Ed25519.PublicKey(secret)));
        Assert.Equal(signature, Convert.ToHexStringLower(Ed25519.Sign(secret, text)));
        Assert.True(Ed25519.IsValid(Ed25519.PublicKey(secret), text, Convert.FromHexString(signature)));
    }

    [Theory] // points of order 1, 2, 4 and 8, and non-canonical encodings: a signature under them proves nothing
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // p, which is 0
    public static void Refuses_keys_of_small_order(string hex)
    {
        var key = Convert.FromHexString(hex);
        var signature = new byte[64];
        signature[0] = 1; // R = identity, S = 0: valid under a small-order key in careless verifiers
        Assert.False(Ed25519.IsPoint(key));
        Assert.False(Ed25519.IsValid(key, "anything"u8, signature));
    }

    [Fact]
    public static void Refuses_s_beyond_the_group_order()
    {
        var signature = Ed25519.Sign(Seed, "m"u8);
        byte[] order = Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        var carry = 0;
        for (var i = 0; i < 32; i++) // S + L verifies in the group, but is not canonical
        {
            carry += signature[32 + i] + order[i];
            signature[32 + i] = (byte)(carry & 0xff);
            carry >>= 8;
        }

        Assert.False(Ed25519.IsValid(Ed25519.PublicKey(Seed), "m"u8, signature));
    }

    [Fact]
    public static void Refuses_any_flipped_bit()
    {
        var (signature, publicKey) = (Ed25519.Sign(Seed, "m"u8), Ed25519.PublicKey(Seed));
        for (var bit = 0; bit < 512; bit++)
        {
            var bent = signature.ToArray();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Ed25519.IsValid(publicKey, "m"u8, bent));
        }
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public static void Refuses_a_seed_of_another_length(int length) => Assert.Throws<KmsException>(() => Ed25519.Sign(new byte[length], "m"u8));
}

using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Primitives.Native;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Primitives;

/// <summary>BIP-340's vectors with and without a good signature, BIP-341's tweaks and signatures, and NBitcoin's own curve code on random keys.</summary>
public static class SchnorrTests
{
    private const string SomeKey = "DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659";
    private const string SomeDigest = "243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89";

    [Fact]
    public static void Signs_as_bip_340_says() => Assert.Equal(
        "E907831F80848D1069A5371B402410364BDF1C5F8307B0084C55F1CE2DCA821525F66A4A85EA8B71E482A74F382D2CE5EBEEE8FDB2172F477DF4900D310536C0",
        Convert.ToHexString(Schnorr.Sign(Convert.FromHexString(new string('0', 63) + "3"), new byte[32])));

    [Theory]
    [InlineData("F9308A019258C31049344F85F89D5229B531C845836F99B08601F113BCE036F9", "0000000000000000000000000000000000000000000000000000000000000000", "E907831F80848D1069A5371B402410364BDF1C5F8307B0084C55F1CE2DCA821525F66A4A85EA8B71E482A74F382D2CE5EBEEE8FDB2172F477DF4900D310536C0", true)]
    [InlineData(SomeKey, SomeDigest, "6896BD60EEAE296DB48A229FF71DFE071BDE413E6D43F917DC8DCF8C78DE33418906D11AC976ABCCB20B091292BFF4EA897EFCB639EA871CFA95F6DE339E4B0A", true)]
    [InlineData("D69C3509BB99E412E68B0FE8544E72837DFA30746D8BE2AA65975F29D22DC7B9", "4DF3C3F68FCC83B27E9D42C90431A72499F17875C81A599B566C9889B9696703", "00000000000000000000003B78CE563F89A0ED9414F5AA28AD0D96D6795F9C6376AFB1548AF603B3EB45C9F8207DEE1060CB71C04E80F593060B07D28308D7F4", true)]
    [InlineData("EEFDEA4CDB677750A420FEE807EACF21EB9898AE79B9768766E4FAA04A2D4A34", SomeDigest, "6CFF5C3BA86C69EA4B7376F31A9BCB4F74C1976089B2D9963DA2E5543E17776969E89B4C5564D00349106B8497785DD7D1D713A8AE82B32FA79D5F7FC407D39B", false)] // key on no point
    [InlineData(SomeKey, SomeDigest, "FFF97BD5755EEEA420453A14355235D382F6472F8568A18B2F057A14602975563CC27944640AC607CD107AE10923D9EF7A73C643E166BE5EBEAFA34B1AC553E2", false)] // R.y is odd
    [InlineData(SomeKey, SomeDigest, "1FA62E331EDBC21C394792D2AB1100A7B432B013DF3F6FF4F99FCB33E0E1515F28890B3EDB6E7189B630448B515CE4F8622A954CFE545735AAEA5134FCCDB2BD", false)] // negated digest
    [InlineData(SomeKey, SomeDigest, "6CFF5C3BA86C69EA4B7376F31A9BCB4F74C1976089B2D9963DA2E5543E177769961764B3AA9B2FFCB6EF947B6887A226E8D7C93E00C5ED0C1834FF0D0C2E6DA6", false)] // negated s
    [InlineData(SomeKey, SomeDigest, "4A298DACAE57395A15D0795DDBFD1DCB564DA82B0F269BC70A74F8220429BA1D69E89B4C5564D00349106B8497785DD7D1D713A8AE82B32FA79D5F7FC407D39B", false)] // r on no point
    [InlineData(SomeKey, SomeDigest, "6CFF5C3BA86C69EA4B7376F31A9BCB4F74C1976089B2D9963DA2E5543E177769FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", false)] // s is the order
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC30", SomeDigest, "6896BD60EEAE296DB48A229FF71DFE071BDE413E6D43F917DC8DCF8C78DE33418906D11AC976ABCCB20B091292BFF4EA897EFCB639EA871CFA95F6DE339E4B0A", false)] // key above the field
    [InlineData("", SomeDigest, "", false)]
    [InlineData(SomeKey, "", "", false)]
    public static void Tells_good_signatures_from_bad_ones(string key, string digest, string signature, bool isValid) =>
        Assert.Equal(isValid, Schnorr.IsValid(Convert.FromHexString(key), Convert.FromHexString(digest), Convert.FromHexString(signature)));

    /// <summary>BIP-341, wallet-test-vectors.json, keyPathSpending: secret key, tweak, digest, output key and signature; auxiliary randomness is zero there.</summary>
    [Theory]
    [InlineData("6b973d88838f27366ed61c9ad6367663045cb456e28335c109e30717ae0c6baa", "b86e7be8f39bab32a6f2c0443abbc210f0edac0e2c53d501b36b64437d9c6c70", "2514a6272f85cfa0f45eb907fcb0d121b808ed37c6ea160a5a9046ed5526d555", "53a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343", "ed7c1647cb97379e76892be0cacff57ec4a7102aa24296ca39af7541246d8ff14d38958d4cc1e2e478e4d4a764bbfd835b16d4e314b72937b29833060b87276c")]
    [InlineData("1e4da49f6aaf4e5cd175fe08a32bb5cb4863d963921255f33d3bc31e1343907f", "cbd8679ba636c1110ea247542cfbd964131a6be84f873f7f3b62a777528ed001", "325a644af47e8a5a2591cda0ab0723978537318f10e6a63d4eed783b96a71a4d", "147c9c57132f6e7ecddba9800bb0c4449251c92a1e60371ee77557b6620f3ea3", "052aedffc554b41f52b521071793a6b88d6dbca9dba94cf34c83696de0c1ec35ca9c5ed4ab28059bd606a4f3a657eec0bb96661d42921b5f50a95ad33675b54f")]
    [InlineData("d3c7af07da2d54f7a7735d3d0fc4f0a73164db638b2f2f7c43f711f6d4aa7e64", "6af9e28dbf9d6aaf027696e2598a5b3d056f5fd2355a7fd5a37a0e5008132d30", "bf013ea93474aa67815b1b6cc441d23b64fa310911d991e713cd34c7f5d46669", "e4d810fd50586274face62b8a807eb9719cef49c04177cc6b76a9a4251d5450e", "ff45f742a876139946a149ab4d9185574b98dc919d2eb6754f8abaa59d18b025637a3aa043b91817739554f4ed2026cf8022dbd83e351ce1fabc272841d2510a")]
    [InlineData("f36bb07a11e469ce941d16b63b11b9b9120a84d9d87cff2c84a8d4affb438f4e", "b57bfa183d28eeb6ad688ddaabb265b4a41fbf68e5fed2c72c74de70d5a786f4", "4f900a0bae3f1446fd48490c2958b5a023228f01661cda3496a11da502a7f7ef", "91b64d5324723a985170e4dc5a0f84c041804f2cd12660fa5dec09fc21783605", "b4010dd48a617db09926f729e79c33ae0b4e94b79f04a1ae93ede6315eb3669de185a17d2b0ac9ee09fd4c64b678a0b61a0a86fa888a273c8511be83bfd6810f")]
    [InlineData("415cfe9c15d9cea27d8104d5517c06e9de48e2f986b695e4f5ffebf230e725d8", "6579138e7976dc13b6a92f7bfd5a2fc7684f5ea42419d43368301470f3b74ed9", "15f25c298eb5cdc7eb1d638dd2d45c97c4c59dcaec6679cfc16ad84f30876b85", "75169f4001aa68f15bbed28b218df1d0a62cbbcf1188c6665110c293c907b831", "a3785919a2ce3c4ce26f298c3d51619bc474ae24014bcdd31328cd8cfbab2eff3395fa0a16fe5f486d12f22a9cedded5ae74feb4bbe5351346508c5405bcfee0")]
    [InlineData("c7b0e81f0a9a0b0499e112279d718cca98e79a12e2f137c72ae5b213aad0d103", "9e0517edc8259bb3359255400b23ca9507f2a91cd1e4250ba068b4eafceba4a9", "cd292de50313804dabe4685e83f923d2969577191a3e1d2882220dca88cbeb10", "712447206d7a5238acc7ff53fbe94a3b64539ad291c7cdbc490b7577e4b17df5", "ea0c6ba90763c2d3a296ad82ba45881abb4f426b3f87af162dd24d5109edc1cdd11915095ba47c3a9963dc1e6c432939872bc49212fe34c632cd3ab9fed429c4")]
    [InlineData("77863416be0d0665e517e1c375fd6f75839544eca553675ef7fdf4949518ebaa", "639f0281b7ac49e742cd25b7f188657626da1ad169209078e2761cefd91fd65e", "cccb739eca6c13a8a89e6e5cd317ffe55669bbda23f2fd37b0f18755e008edd2", "77e30a5522dd9f894c3f8b8bd4c4b2cf82ca7da8a3ea6a239655c39c050ab220", "bbc9584a11074e83bc8c6759ec55401f0ae7b03ef290c3139814f545b58a9f8127258000874f44bc46db7646322107d4d86aec8e73b8719a61fff761d75b5dd9")]
    public static void Signs_with_a_tweaked_key_as_bip_341_says(string secret, string tweak, string digest, string outputKey, string signature)
    {
        var native = new byte[Schnorr.OpaqueSize];
        Assert.Equal(1, LibSecp256k1.secp256k1_xonly_pubkey_parse(LibSecp256k1.Context, native, Convert.FromHexString(outputKey)));
        var signed = Schnorr.Sign(Convert.FromHexString(secret), Convert.FromHexString(tweak), Convert.FromHexString(digest), native);
        Assert.Equal(signature, Convert.ToHexStringLower(signed));
        Assert.True(Schnorr.IsValid(Convert.FromHexString(outputKey), Convert.FromHexString(digest), signed));
    }

    [Theory]
    [InlineData("6b973d88838f27366ed61c9ad6367663045cb456e28335c109e30717ae0c6baa")]
    [InlineData("9468c2777c70d8c99129e36529c9899bb652288fccc56a7ab5ef57752229d597")] // its negative: the same x
    public static void Tweaks_a_key_that_no_script_stands_beside(string secret)
    {
        using var key = Secp256k1Keys.FromSecret(SecretBytes.Take(Convert.FromHexString(secret)));
        Assert.Equal("b86e7be8f39bab32a6f2c0443abbc210f0edac0e2c53d501b36b64437d9c6c70", Convert.ToHexStringLower(key.PublicKey.Taproot.Tweak));
        Assert.Equal("53a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343", Convert.ToHexStringLower(key.PublicKey.Taproot.Bytes));
        Assert.Same(key.PublicKey.Taproot, key.PublicKey.Taproot);
    }

    [Fact]
    public static void Other_curve_code_finds_the_same_key_and_takes_the_signature()
    {
        var random = new SeededRandom(341);
        for (var round = 0; round < 200; round++)
        {
            using var key = Secp256k1Keys.FromSecret(SecretBytes.Take(random.Bytes(32)));
            var digest = random.Bytes(32);
            var theirs = new NBitcoin.PubKey(key.PublicKey.Bytes.ToArray()).GetTaprootFullPubKey().OutputKey;
            Assert.Equal(theirs.ToBytes(), key.PublicKey.Taproot.Bytes.ToArray());

            var signature = key.SignTaproot(digest);
            Assert.Equal(signature, key.SignTaproot(digest));
            Assert.True(theirs.VerifySignature(new NBitcoin.uint256(digest), new NBitcoin.Crypto.SchnorrSignature(signature)));
            signature[random.Below(64)] ^= 1;
            Assert.False(Schnorr.IsValid(key.PublicKey.Taproot.Bytes, digest, signature));
        }
    }

    [Fact]
    public static void Lets_no_signature_out_that_does_not_verify()
    {
        using var key = Secp256k1Keys.Generate();
        using var other = Secp256k1Keys.Generate();
        var native = new byte[Schnorr.OpaqueSize];
        Assert.Equal(1, LibSecp256k1.secp256k1_xonly_pubkey_parse(LibSecp256k1.Context, native, other.PublicKey.Taproot.Bytes));
        var error = Assert.Throws<KmsException>(() => Schnorr.Sign(key.Export.Span, key.PublicKey.Taproot.Tweak, new byte[32], native));
        Assert.Equal(Failure.Internal, error.Failure);
    }
}

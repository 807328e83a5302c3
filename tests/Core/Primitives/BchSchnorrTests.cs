using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Primitives;

/// <summary>Signing vectors of Bitcoin ABC's key_tests.cpp; verification vectors of sipa's bip-schnorr, whose rules the specification took over.</summary>
public static class BchSchnorrTests
{
    private const string SomeKey = "03DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659";
    private const string SomeDigest = "243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89";

    [Theory]
    [InlineData("12b004fff7f4b69ef8650e767f18f11ede158148b425660723b9f9a66e61f747", "2c56731ac2f7a7e7f11518fc7722a166b02438924ca9d8b4d111347b81d0717571846de67ad3d913a8fdf9d8f3f73161a4c48ae81cb183b214765feb86e255ce")]
    [InlineData("b524c28b61c9b2c49b2c7dd4c2d75887abb78768c054bd7c01af4029f6c0d117", "e7167ae0afbba6019b4c7fcfe6de79165d555e8295bd72da1b8aa1a5b54305880517cace1bcb0cb515e2eeaffd49f1e4dd49fd72826b4b1573c84da49a38405d")]
    public static void Signs_as_the_nodes_do(string secret, string signature)
    {
        var digest = Digests.Sha256d("Very deterministic message"u8);
        Assert.Equal(signature, Convert.ToHexStringLower(BchSchnorr.Sign(Convert.FromHexString(secret), digest)));
    }

    [Theory]
    [InlineData("0279BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798", "0000000000000000000000000000000000000000000000000000000000000000", "787A848E71043D280C50470E8E1532B2DD5D20EE912A45DBDD2BD1DFBF187EF67031A98831859DC34DFFEEDDA86831842CCD0079E1F92AF177F7F22CC1DCED05")]
    [InlineData("02DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659", SomeDigest, "2A298DACAE57395A15D0795DDBFD1DCB564DA82B0F269BC70A74F8220429BA1D1E51A22CCEC35599B8F266912281F8365FFC2D035A230434A1A64DC59F7013FD")]
    [InlineData("03FAC2114C2FBB091527EB7C64ECB11F8021CB45E8E7809D3C0938E4B8C0E5F84B", "5E2D58D8B3BCDF1ABADEC7829054F90DDA9805AAB56C77333024B9D0A508B75C", "00DA9B08172A9B6F0466A2DEFD817F2D7AB437E0D253CB5395A963866B3574BE00880371D01766935B92D2AB4CD5C8A2A5837EC57FED7660773A05F0DE142380")]
    [InlineData("03DEFDEA4CDB677750A420FEE807EACF21EB9898AE79B9768766E4FAA04A2D4A34", "4DF3C3F68FCC83B27E9D42C90431A72499F17875C81A599B566C9889B9696703", "00000000000000000000003B78CE563F89A0ED9414F5AA28AD0D96D6795F9C6302A8DC32E64E86A333F20EF56EAC9BA30B7246D6D25E22ADB8C6BE1AEB08D49D")]
    [InlineData("031B84C5567B126440995D3ED5AABA0565D71E1834604819FF9C17F5E9D5DD078F", "0000000000000000000000000000000000000000000000000000000000000000", "52818579ACA59767E3291D91B76B637BEF062083284992F2D95F564CA6CB4E3530B1DA849C8E8304ADC0CFE870660334B3CFC18E825EF1DB34CFAE3DFC5D8187")]
    [InlineData("03FAC2114C2FBB091527EB7C64ECB11F8021CB45E8E7809D3C0938E4B8C0E5F84B", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "570DD4CA83D4E6317B8EE6BAE83467A1BF419D0767122DE409394414B05080DCE9EE5F237CBD108EABAE1E37759AE47F8E4203DA3532EB28DB860F33D62D49BD")]
    public static void Accepts_the_valid_signatures(string publicKey, string digest, string signature) =>
        Assert.True(IsValid(publicKey, digest, signature));

    [Theory]
    [InlineData("02DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659", SomeDigest, "2A298DACAE57395A15D0795DDBFD1DCB564DA82B0F269BC70A74F8220429BA1DFA16AEE06609280A19B67A24E1977E4697712B5FD2943914ECD5F730901B4AB7")] // R.y is no square
    [InlineData("03FAC2114C2FBB091527EB7C64ECB11F8021CB45E8E7809D3C0938E4B8C0E5F84B", "5E2D58D8B3BCDF1ABADEC7829054F90DDA9805AAB56C77333024B9D0A508B75C", "00DA9B08172A9B6F0466A2DEFD817F2D7AB437E0D253CB5395A963866B3574BED092F9D860F1776A1F7412AD8A1EB50DACCC222BC8C0E26B2056DF2F273EFDEC")] // negated digest
    [InlineData("0279BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798", "0000000000000000000000000000000000000000000000000000000000000000", "787A848E71043D280C50470E8E1532B2DD5D20EE912A45DBDD2BD1DFBF187EF68FCE5677CE7A623CB20011225797CE7A8DE1DC6CCD4F754A47DA6C600E59543C")] // negated s
    [InlineData(SomeKey, SomeDigest, "2A298DACAE57395A15D0795DDBFD1DCB564DA82B0F269BC70A74F8220429BA1D1E51A22CCEC35599B8F266912281F8365FFC2D035A230434A1A64DC59F7013FD")] // negated key
    [InlineData(SomeKey, SomeDigest, "00000000000000000000000000000000000000000000000000000000000000009E9D01AF988B5CEDCE47221BFA9B222721F3FA408915444A4B489021DB55775F")] // R at infinity
    [InlineData(SomeKey, SomeDigest, "0000000000000000000000000000000000000000000000000000000000000001D37DDF0254351836D84B1BD6A795FD5D523048F298C4214D187FE4892947F728")] // R at infinity
    [InlineData(SomeKey, SomeDigest, "4A298DACAE57395A15D0795DDBFD1DCB564DA82B0F269BC70A74F8220429BA1D1E51A22CCEC35599B8F266912281F8365FFC2D035A230434A1A64DC59F7013FD")] // r is on no point
    [InlineData(SomeKey, SomeDigest, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F1E51A22CCEC35599B8F266912281F8365FFC2D035A230434A1A64DC59F7013FD")] // r is the field
    [InlineData("02DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659", SomeDigest, "2A298DACAE57395A15D0795DDBFD1DCB564DA82B0F269BC70A74F8220429BA1DFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141")] // s is the order
    [InlineData("02DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659", SomeDigest, "2A298DACAE57395A15D0795DDBFD1DCB564DA82B0F269BC70A74F8220429BA1D0000000000000000000000000000000000000000000000000000000000000000")] // s is zero
    public static void Rejects_the_invalid_signatures(string publicKey, string digest, string signature) =>
        Assert.False(IsValid(publicKey, digest, signature));

    [Fact]
    public static void Signs_with_random_keys_what_it_verifies_and_nothing_else()
    {
        var random = new SeededRandom(2019);
        for (var round = 0; round < 200; round++)
        {
            var (secret, digest) = (random.Bytes(32), random.Bytes(32));
            var signature = BchSchnorr.Sign(secret, digest);
            Assert.Equal(signature, BchSchnorr.Sign(secret, digest));
            Assert.True(BchSchnorr.IsValid(Secp256k1.PublicKey(secret), digest, signature));
            Assert.True(BchSchnorr.IsValid(Secp256k1.PublicKey(secret, compressed: false), digest, signature));
            signature[random.Below(64)] ^= (byte)(1 << random.Below(8));
            Assert.False(BchSchnorr.IsValid(Secp256k1.PublicKey(secret), digest, signature));
        }
    }

    [Fact]
    public static void Takes_another_nonce_than_ecdsa()
    {
        var secret = Convert.FromHexString("12b004fff7f4b69ef8650e767f18f11ede158148b425660723b9f9a66e61f747");
        var digest = Digests.Sha256d("Very deterministic message"u8);
        Assert.NotEqual(Secp256k1.Sign(secret, digest)[..32], BchSchnorr.Sign(secret, digest)[..32]);
    }

    [Theory, InlineData(31, 32), InlineData(33, 32), InlineData(32, 31), InlineData(32, 33), InlineData(0, 32), InlineData(32, 0)]
    public static void Refuses_wrong_lengths(int key, int digest) =>
        Assert.Throws<KmsException>(() => BchSchnorr.Sign(Enumerable.Repeat((byte)1, key).ToArray(), new byte[digest]));

    [Fact]
    public static void Refuses_keys_out_of_range()
    {
        Assert.Throws<KmsException>(() => BchSchnorr.Sign(new byte[32], new byte[32]));
        Assert.Throws<KmsException>(() => BchSchnorr.Sign(Enumerable.Repeat((byte)0xff, 32).ToArray(), new byte[32]));
    }

    [Theory, InlineData(0), InlineData(63), InlineData(65)]
    public static void Calls_malformed_input_invalid(int length)
    {
        var publicKey = Convert.FromHexString(SomeKey);
        Assert.False(BchSchnorr.IsValid(publicKey, new byte[32], new byte[length]));
        Assert.False(BchSchnorr.IsValid(publicKey, new byte[31], new byte[64]));
        Assert.False(BchSchnorr.IsValid(publicKey.AsSpan(1), new byte[32], new byte[64]));
        Assert.False(BchSchnorr.IsValid([], new byte[32], new byte[64]));
    }

    private static bool IsValid(string publicKey, string digest, string signature) =>
        BchSchnorr.IsValid(Convert.FromHexString(publicKey), Convert.FromHexString(digest), Convert.FromHexString(signature));
}

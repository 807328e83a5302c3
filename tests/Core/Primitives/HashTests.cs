using System.Text;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Primitives;

/// <summary>The vectors of the hashes' own standards.</summary>
public static class HashTests
{
    private const string TwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    private const string FourBlocks = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";

    [Theory] // the Keccak team's KAT, pre-FIPS padding
    [InlineData("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData(TwoBlocks, "45d3b367a6904e6e8d502ee04999a7c27647f91fa845d456525fd352ae3d7371")]
    public static void Keccak256_matches_its_known_answers(string text, string hash) => Is(hash, Keccak256.Hash(Ascii(text)));

    [Theory] // FIPS 202 examples
    [InlineData("", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a")]
    [InlineData("abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]
    [InlineData(TwoBlocks, "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376")]
    [InlineData(FourBlocks, "916f6061fe879741ca6469b43971dfdb28b1a32dc36cb3254e812be27aad1d18")]
    public static void Sha3_matches_fips_202(string text, string hash) => Is(hash, Keccak256.Sha3(Ascii(text)));

    [Fact]
    public static void Sha3_matches_the_platform_at_every_length_around_a_block()
    {
        Assert.SkipUnless(System.Security.Cryptography.SHA3_256.IsSupported, "the platform has no SHA-3");
        for (var length = 0; length < 300; length++)
        {
            var data = Enumerable.Range(0, length).Select(i => (byte)(i & 0xff)).ToArray();
            Assert.Equal(System.Security.Cryptography.SHA3_256.HashData(data), Keccak256.Sha3(data));
        }
    }

    [Theory] // the authors' page
    [InlineData("", "9c1185a5c5e9fc54612808977ee8f548b2258d31")]
    [InlineData("a", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe")]
    [InlineData("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc")]
    [InlineData("message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "f71c27109c692c1b56bbdceb5b9d2865b3708dbc")]
    [InlineData(TwoBlocks, "12a053384a9c0c88e405a06c27dcf49ada62eb2b")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "b0e20b6e3116640286ed3a87a5713079b21f5189")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "9b752e45573d4b39f4dbd3323cab82bf63326bfb")]
    public static void Ripemd160_matches_its_authors(string text, string hash) => Is(hash, Ripemd160.Hash(Ascii(text)));

    [Fact]
    public static void Ripemd160_of_a_million_a() =>
        Is("52783243c1697bdbe16d37f97f68f08325dc1528", Ripemd160.Hash(Ascii(new string('a', 1_000_000))));

    [Theory] // RFC 7693 appendix A, and the reference KAT for a key
    [InlineData("616263", "", "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")]
    [InlineData("", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f", "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568")]
    public static void Blake2b_matches_rfc_7693(string data, string key, string hash) =>
        Is(hash, Blake2b.Hash(Convert.FromHexString(data), 64, Convert.FromHexString(key)));

    [Fact]
    public static void Blake2b_has_the_sizes_the_chains_use()
    {
        Is("9bd237b02a29e43bdd6738afa5b53ff0eee178d6210b618e4511aec8", Blake2b.Hash("abc"u8, 28));
        Is("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319", Blake2b.Hash("abc"u8, 32));
        Assert.Throws<ArgumentOutOfRangeException>(() => Blake2b.Hash("abc"u8, 15));
        Assert.Throws<ArgumentOutOfRangeException>(() => Blake2b.Hash("abc"u8, 65));
    }

    [Theory] // NIST's SHA-512/256 examples
    [InlineData("abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")]
    [InlineData(FourBlocks, "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a")]
    [InlineData("", "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a")]
    public static void Sha512_256_matches_nist(string text, string hash) => Is(hash, Sha512Truncated.Hash(Ascii(text)));

    [Fact]
    public static void Compound_hashes_are_those_of_bitcoin()
    {
        Is("9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50", Digests.Sha256d("hello"u8));
        Is("b6a9c8c230722b7c748331a8b450f05566dc7d0f", Digests.Hash160("hello"u8));
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static void Is(string expected, byte[] actual) => Assert.Equal(expected, Convert.ToHexStringLower(actual));
}

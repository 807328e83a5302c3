using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Primitives;

/// <summary>ECDSA on secp256k1: known answers, and what must never pass.</summary>
public static class Secp256k1Tests
{
    private static readonly BigInteger Order = BigInteger.Parse("0fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
    private static readonly byte[] Digest = SHA256.HashData("a digest"u8);
    private static readonly byte[] Key = [.. Enumerable.Repeat((byte)0, 31), 7];

    [Theory] // RFC 6979 nonces on secp256k1 with SHA-256, the vectors python-ecdsa, Trezor and bitcoinjs share; all low S
    [InlineData("1", "Satoshi Nakamoto", "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8", "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5")]
    [InlineData("1", "All those moments will be lost in time, like tears in rain. Time to die...", "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b", "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140", "Satoshi Nakamoto", "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0", "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5")]
    [InlineData("f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181", "Alan Turing", "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c", "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea")]
    [InlineData("e91671c46231f833a6406ccbea0e3e392c76c167bac1cb013f6f1013980455c2", "There is a computer disease that anybody who works with computers knows about. It's a very serious disease and it interferes completely with the work. The trouble with computers is that you 'play' with them!", "b552edd27580141f3b2a5463048cb7cd3e047b97c9f98076c32dbdf85a68718b", "279fa72dd19bfae05577e06c7c0c1900c371fcd5893f7e1d56a37d30174671f6")]
    public static void Signs_deterministically(string key, string message, string r, string s)
    {
        var secret = Convert.FromHexString(key.PadLeft(64, '0'));
        var signature = Secp256k1.Sign(secret, SHA256.HashData(Encoding.UTF8.GetBytes(message)));
        Assert.Equal(r + s, Convert.ToHexStringLower(signature));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")] // n
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142")] // n + 1
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("01")] // wrong length
    public static void Refuses_a_key_out_of_range(string hex)
    {
        var key = Convert.FromHexString(hex);
        Assert.False(Secp256k1.IsSecretKey(key));
        Assert.Throws<KmsException>(() => Secp256k1.PublicKey(key));
        Assert.Throws<KmsException>(() => Secp256k1.Sign(key, Digest));
    }

    [Fact]
    public static void Takes_the_largest_key() => Assert.True(Secp256k1.IsSecretKey(Bytes(Order - 1)));

    [Fact]
    public static void Recovers_the_key_that_signed()
    {
        var (signature, id) = Secp256k1.SignRecoverable(Key, Digest);
        Assert.Equal(Secp256k1.PublicKey(Key, compressed: false), Secp256k1.Recover(Digest, signature, id));
        Assert.NotEqual(Secp256k1.PublicKey(Key, compressed: false), Secp256k1.Recover(Digest, signature, id ^ 1));
    }

    [Fact]
    public static void Refuses_the_high_s_twin_of_a_good_signature()
    {
        var signature = Secp256k1.Sign(Key, Digest);
        byte[] high = [.. signature[..32], .. Bytes(Order - Number(signature.AsSpan(32)))];
        Assert.True(Secp256k1.IsValid(Secp256k1.PublicKey(Key), Digest, signature));
        Assert.False(Secp256k1.IsValid(Secp256k1.PublicKey(Key), Digest, high));
    }

    [Fact]
    public static void Refuses_r_and_s_of_zero_or_at_least_n()
    {
        var (signature, publicKey) = (Secp256k1.Sign(Key, Digest), Secp256k1.PublicKey(Key));
        foreach (var bad in new[] { BigInteger.Zero, Order, Order + 1, (BigInteger.One << 256) - 1 })
        {
            Assert.False(Secp256k1.IsValid(publicKey, Digest, [.. Bytes(bad), .. signature[32..]]));
            Assert.False(Secp256k1.IsValid(publicKey, Digest, [.. signature[..32], .. Bytes(bad)]));
        }
    }

    [Fact]
    public static void Refuses_any_flipped_bit()
    {
        var (signature, publicKey) = (Secp256k1.Sign(Key, Digest), Secp256k1.PublicKey(Key));
        for (var bit = 0; bit < 512; bit++)
        {
            var bent = signature.ToArray();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Secp256k1.IsValid(publicKey, Digest, bent));
        }
    }

    [Fact]
    public static void Der_goes_there_and_back()
    {
        var signature = Secp256k1.Sign(Key, Digest);
        Assert.True(Secp256k1.TryFromDer(Secp256k1.ToDer(signature), out var back));
        Assert.Equal(signature, back);
    }

    [Theory] // BIP-66 and our own
    [InlineData("")]
    [InlineData("30")]
    [InlineData("3006020101020101" + "00")] // trailing byte
    [InlineData("3007020101020101")] // length says more
    [InlineData("300702020001020101")] // r padded with a needless zero
    [InlineData("3006020181020101")] // r negative
    [InlineData("3005020002010100")] // empty r
    [InlineData("3006020100020101")] // r zero
    [InlineData("3006020101020100")] // s zero
    [InlineData("30810602010102" + "0101")] // long form of a short length
    [InlineData("31060201010201" + "01")] // not a sequence
    [InlineData("3006030101020101")] // not an integer
    [InlineData("3026022100fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141020101")] // r = n
    public static void Refuses_der_that_is_not_strict(string hex) => Assert.False(Secp256k1.TryFromDer(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("020000000000000000000000000000000000000000000000000000000000000005")] // x³+7 is no square
    [InlineData("05c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5")] // unknown prefix
    [InlineData("02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")] // x ≥ p
    [InlineData("0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b9")] // off the curve
    public static void Refuses_what_is_no_point(string hex)
    {
        Assert.False(Secp256k1.IsPublicKey(Convert.FromHexString(hex)));
        Assert.False(Secp256k1.IsValid(Convert.FromHexString(hex), Digest, Secp256k1.Sign(Key, Digest)));
        Assert.Throws<KmsException>(() => Secp256k1.Convert(Convert.FromHexString(hex), compressed: true));
    }

    [Fact]
    public static void Tweaks_secret_and_public_key_alike()
    {
        var tweak = SHA256.HashData("tweak"u8);
        var secret = Key.ToArray();
        Assert.True(Secp256k1.TryAdd(secret, tweak));
        Assert.True(Secp256k1.TryAddPublic(Secp256k1.PublicKey(Key), tweak, out var sum));
        Assert.Equal(Secp256k1.PublicKey(secret), sum);
        Assert.False(Secp256k1.TryAdd(Key.ToArray(), Bytes(Order - 7))); // the sum is zero
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(0)]
    public static void Refuses_a_digest_of_another_length(int length) => Assert.Throws<KmsException>(() => Secp256k1.Sign(Key, new byte[length]));

    private static byte[] Bytes(BigInteger number)
    {
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}

using System.Security.Cryptography;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Tests.Primitives;

/// <summary>AES-256-GCM, HKDF, Argon2id and the self-test.</summary>
public static class SymmetricTests
{
    [Theory] // the GCM specification's AES-256 test cases 13, 14, 15 and 16
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919")]
    [InlineData("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "", "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255", "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad", "b094dac5d93471bdec1a502270e3cc6c")]
    [InlineData("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39", "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662", "76fc6ece0f4e1768cddf8853bb2d551b")]
    public static void Aes_gcm_opens_the_specification_s_boxes(string key, string nonce, string associated, string plaintext, string ciphertext, string tag)
    {
        using var opened = AesGcmBox.Open(Convert.FromHexString(key), Convert.FromHexString(nonce + ciphertext + tag), Convert.FromHexString(associated));
        Assert.Equal(plaintext, Convert.ToHexStringLower(opened!.Span));
        using var inPlace = AesGcmBox.OpenInPlace(Convert.FromHexString(key), SecretBytes.Copy(Convert.FromHexString(associated + nonce + ciphertext + tag)), associated.Length / 2);
        Assert.Equal(plaintext, Convert.ToHexStringLower(inPlace!.Span));
    }

    [Fact]
    public static void Aes_gcm_refuses_every_change()
    {
        var (key, associated) = (new byte[32], "aad"u8.ToArray());
        var box = AesGcmBox.Seal(key, "secret"u8, associated);
        using (var whole = AesGcmBox.Open(key, box, associated))
        {
            Assert.Equal("secret"u8.ToArray(), whole!.Span.ToArray());
        }

        for (var at = 0; at < box.Length; at++)
        {
            var bent = box.ToArray();
            bent[at] ^= 1;
            Assert.Null(AesGcmBox.Open(key, bent, associated));
            Assert.Null(AesGcmBox.Open(key, box.AsSpan(0, at), associated));
        }

        Assert.Null(AesGcmBox.Open(key, box, "aaD"u8));
        Assert.NotEqual(box, AesGcmBox.Seal(key, "secret"u8, associated));
    }

    [Fact]
    public static void Aes_gcm_in_place_refuses_every_change_and_wipes_what_it_was_given()
    {
        var key = new byte[32];
        byte[] file = [.. "aad"u8, .. AesGcmBox.Seal(key, "secret"u8, "aad"u8)];
        for (var at = 0; at < file.Length; at++)
        {
            var bent = file.ToArray();
            bent[at] ^= 1;
            Refuses(bent);
            if (at >= 3)
            {
                Refuses(file[..at]);
            }
        }

        var memory = SecretBytes.Copy(file);
        var front = memory.Part(0, 3);
        using (var opened = AesGcmBox.OpenInPlace(key, memory, 3))
        {
            Assert.Equal("secret"u8.ToArray(), opened!.Span.ToArray());
            Assert.Throws<ObjectDisposedException>(() => memory.Span.Length); // taken over
            Assert.Equal("aad"u8.ToArray(), front.Span.ToArray());
        }

        Assert.Throws<ObjectDisposedException>(() => front.Span.Length); // gone with all of it

        void Refuses(byte[] changed)
        {
            var given = SecretBytes.Copy(changed);
            Assert.Null(AesGcmBox.OpenInPlace(key, given, 3));
            Assert.Throws<ObjectDisposedException>(() => given.Span.Length);
        }
    }

    [Theory] // RFC 5869 appendix A, cases 1 to 3
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f", "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf", "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", 82, "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87")]
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")]
    public static void Hkdf_matches_rfc_5869(string ikm, string salt, string info, int length, string okm) => Assert.Equal(
        okm,
        Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, Convert.FromHexString(ikm), length, Convert.FromHexString(salt), Convert.FromHexString(info))));

    [Theory] // the reference implementation (python3-argon2) at one lane; RFC 9106's own vector has four lanes and a secret, which libsodium's interface cannot express
    [InlineData("password", "somesaltsomesalt", 1, 8192, "05b6ca8f8038b683887ad4916533858b49cb52040126c134f4c6e9d8711b8c09")]
    public static void Argon2id_matches_the_reference(string password, string salt, int opslimit, int memlimit, string key)
    {
        using var derived = Argon2id.DeriveKey(System.Text.Encoding.ASCII.GetBytes(password), System.Text.Encoding.ASCII.GetBytes(salt), (ulong)opslimit, (ulong)memlimit);
        Assert.Equal(key, Convert.ToHexStringLower(derived.Span));
    }

    [Fact]
    public static void Self_test_passes_on_this_machine() => SelfTest.Run();
}

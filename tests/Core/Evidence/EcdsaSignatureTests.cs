using System.Security.Cryptography;
using KmsCloud.Evidence;

namespace KmsCloud.Tests.Approver;

/// <summary>DER as X.690 wants it, and nothing beside it.</summary>
public static class EcdsaSignatureTests
{
    [Fact]
    public static void Reads_what_the_platform_writes()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        for (var i = 0; i < 200; i++)
        {
            var plain = key.SignData([(byte)i], HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            var der = Der(plain);
            var read = new byte[64];
            Assert.True(EcdsaSignature.TryRead(der, read));
            Assert.Equal(plain, read);
        }
    }

    [Theory]
    [InlineData("3006020101020101", true)]
    [InlineData("3006020100020100", true)] // a signature of zeros is well written, and no key's
    [InlineData("300702020081020101", true)] // a zero that keeps it positive
    [InlineData("30070202008102010100", false)]
    [InlineData("3007020200ff020101", true)]
    [InlineData("30070202007f020101", false)] // a zero that is not needed
    [InlineData("3006020181020101", false)] // negative
    [InlineData("30060201010201", false)]
    [InlineData("3005020002 0101", false)]
    [InlineData("3106020101020101", false)]
    [InlineData("3006030101020101", false)]
    [InlineData("308106020101020101", false)]
    [InlineData("30050201010201", false)]
    [InlineData("3003020101", false)]
    [InlineData("", false)]
    public static void Takes_one_encoding(string hex, bool isOne) =>
        Assert.Equal(isOne, EcdsaSignature.TryRead(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), new byte[64]));

    private static byte[] Der(byte[] numbers)
    {
        byte[] r = Number(numbers.AsSpan(0, 32)), s = Number(numbers.AsSpan(32));
        return [0x30, (byte)(r.Length + s.Length), .. r, .. s];
    }

    private static byte[] Number(ReadOnlySpan<byte> bytes)
    {
        var digits = bytes.TrimStart((byte)0);
        byte[] padded = digits[0] >= 0x80 ? [0, .. digits] : [.. digits];
        return [0x02, (byte)padded.Length, .. padded];
    }
}

using System.Text;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Primitives;

public static class Sha512TruncatedTests
{
    // NIST's examples for SHA-512/256, and the empty message of its CAVP short messages
    [Theory]
    [InlineData("", "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a")]
    [InlineData("abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")]
    [InlineData(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a")]
    public static void Hashes_as_the_standard_says(string message, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Sha512Truncated.Hash(Encoding.ASCII.GetBytes(message))));
}

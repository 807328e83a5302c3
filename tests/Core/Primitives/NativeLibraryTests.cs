using System.Security.Cryptography;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Primitives;

/// <summary>The two native libraries are the very files whose sums docs/decisions/0007-native-libraries-from-nuget.md names.</summary>
public static class NativeLibraryTests
{
    private static readonly string Record = File.ReadAllText(Path.Combine(Peer.SourceRoot, "docs", "decisions", "0007-native-libraries-from-nuget.md"));

    [Theory]
    [InlineData("linux-x64", "libsecp256k1.so")]
    [InlineData("linux-x64", "libsodium.so")]
    [InlineData("linux-arm64", "libsecp256k1.so")]
    [InlineData("linux-arm64", "libsodium.so")]
    public static void Are_the_files_on_record(string runtime, string name)
    {
        var sum = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "runtimes", runtime, "native", name))));
        Assert.Contains($"`{sum}`", Record.Split('\n').Single(line => line.StartsWith($"| `{name}`", StringComparison.Ordinal)).Split('|')[runtime == "linux-x64" ? 2 : 3], StringComparison.Ordinal);
    }

    [Theory, InlineData("libsecp256k1.so"), InlineData("libsodium.so")]
    public static void The_program_carries_them(string name) => Assert.Contains(
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(Run.KmsProgram)!, name)))), Record, StringComparison.Ordinal);
}

using System.Text.RegularExpressions;
using KmsCloud.Tests.Docs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Architecture;

/// <summary>A newcomer gets from the README to the line that signs an ETH transaction in few files, and docs/architecture.md says in which.</summary>
public static partial class ReadingPathTests
{
    private const int Most = 15; // README and the page itself among them

    [Fact]
    public static void Each_file_on_the_way_is_there_and_named_in_one_before_it_and_the_last_one_signs()
    {
        Assert.Contains("docs/architecture.md", Page.Read("README.md").Links);
        var text = Page.Read("docs/architecture.md").Text;
        var section = text[text.IndexOf("## Where to begin reading", StringComparison.Ordinal)..];
        var files = Step().Matches(section).Select(match => match.Groups[1].Value).ToList();
        Assert.InRange(files.Count, 5, Most - 2);
        Assert.Contains($"{files.Count} files", section, StringComparison.Ordinal);

        var before = "";
        foreach (var file in files)
        {
            var path = Path.Combine(Peer.SourceRoot, file);
            Assert.True(File.Exists(path), $"{file} is not there");
            Assert.True(before.Length == 0 || Regex.IsMatch(before, $"\\b{Path.GetFileNameWithoutExtension(file)}\\b"), $"nothing before {file} leads to it");
            before += File.ReadAllText(path);
        }

        Assert.Contains("secp256k1_ecdsa_sign_recoverable", File.ReadAllText(Path.Combine(Peer.SourceRoot, files[^1])), StringComparison.Ordinal);
    }

    [GeneratedRegex("(?m)^[0-9]+[.] `([^`]+)`")]
    private static partial Regex Step();
}

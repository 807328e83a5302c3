using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Docs;

/// <summary>What the pages say can be followed: links lead somewhere, commands exist, and every block is run or says why not.</summary>
public static partial class DocsTests
{
    /// <summary>Pages that are lists or records and not guides, and those whose form is decided elsewhere.</summary>
    private static readonly string[] NoGuides = ["README.md", "docs/CHANGELOG.md", "docs/SECURITY.md", "docs/key-ceremony-form.md", "infra/README.md"];

    private static readonly string[] Sources = ["cli", "core"];
    private static readonly string[] OfOthers = ["docs/cloud.md", "infra/README.md"];

    public static IEnumerable<TheoryDataRow<string>> Names() => Page.All().Select(page => new TheoryDataRow<string>(page.Name) { TestDisplayName = page.Name });

    [Theory, MemberData(nameof(Names))]
    public static void Every_link_leads_somewhere(string name)
    {
        foreach (var link in Page.Read(name).Links.Where(link => !link.StartsWith("https://", StringComparison.Ordinal)))
        {
            var parts = link.Split('#');
            var target = parts[0].Length == 0 ? name : Path.GetRelativePath(Peer.SourceRoot, Path.GetFullPath(Path.Combine(Peer.SourceRoot, Path.GetDirectoryName(name)!, parts[0])));
            Assert.True(Path.Exists(Path.Combine(Peer.SourceRoot, target)), $"{name} links to {link}, and nothing is there");
            Assert.True(parts.Length == 1 || Page.Read(target).Anchors.Contains(parts[1]), $"{name} links to {link}, and {target} has no such heading");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public static void Every_page_that_is_named_is_there(string name)
    {
        foreach (Match match in PageName().Matches(Page.Read(name).Text))
        {
            Assert.True(File.Exists(Path.Combine(Peer.SourceRoot, match.Value)), $"{name} names {match.Value}");
        }
    }

    [Fact]
    public static void Every_page_is_linked_from_the_map_and_every_guide_says_who_when_and_how_long()
    {
        var map = Page.Read("README.md").Links.Concat(Page.Read("docs/getting-started.md").Links.Select(link => "docs/" + link)).ToHashSet();
        Assert.All(Page.All().Where(page => page.Name != "README.md" && !page.Name.StartsWith("docs/decisions/", StringComparison.Ordinal)), page => Assert.True(map.Contains(page.Name), $"nothing leads to {page.Name}"));
        Assert.All(Page.All().Where(page => !NoGuides.Contains(page.Name) && !page.Name.StartsWith("docs/decisions/", StringComparison.Ordinal)), page =>
            Assert.True(Opening().IsMatch(page.Text), $"{page.Name} does not begin with: Who, When, How long"));
    }

    [Theory, MemberData(nameof(Names))]
    public static void Every_block_is_run_by_a_test_or_says_why_not(string name)
    {
        Assert.All(OfOthers.Contains(name) ? [] : Page.Read(name).Blocks, block => Assert.True(block.Mark.Length > 0, $"{name}: no mark above\n{block.Code}"));
        Assert.All(Page.Read(name).Blocks.Where(block => block.Mark.StartsWith("run: ", StringComparison.Ordinal)), block => Assert.Contains(block.Mark[5..], CommandBlockTests.Marks));
    }

    [Theory, MemberData(nameof(Names))]
    public static void Every_kms_command_is_one(string name)
    {
        var page = Page.Read(name);
        var root = KmsCloud.Cli.Program.CreateRoot();
        var names = root.Subcommands.Select(command => command.Name).Append("help").ToHashSet();
        var lines = page.Blocks.Where(block => block.Fence.Length > 0 || block.Mark.Contains("run: ", StringComparison.Ordinal)).SelectMany(block => block.Commands).Concat(page.Codes);
        foreach (Match match in lines.SelectMany(line => Call().Matches(line)))
        {
            var words = Word().Matches(match.Groups[1].Value.Split(["  #", " | ", " > ", " && ", " 2>"], StringSplitOptions.None)[0]).Select(word => word.Value.Trim('\'', '"')).ToList();
            if (words.Count == 0 || words[0].StartsWith('-'))
            {
                continue;
            }

            Assert.True(names.Contains(words[0]), $"{name}: there is no kms {words[0]}");
            var parsed = root.Parse([.. words], new() { EnablePosixBundling = false });
            var strange = parsed.UnmatchedTokens.FirstOrDefault(token => token.StartsWith("--", StringComparison.Ordinal));
            Assert.True(strange is null || words[0] == "help", $"{name}: kms {words[0]} has no {strange}");
        }
    }

    [Fact]
    public static void Every_message_of_the_troubleshooting_page_is_one_that_kms_says()
    {
        var sources = string.Concat(Sources.SelectMany(part => Directory.GetFiles(Path.Combine(Peer.SourceRoot, part), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        var rows = Page.Read("docs/troubleshooting.md").Text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();
        Assert.True(rows.Count > 12);
        Assert.All(rows.SelectMany(row => row.Split('`')[1].Split('…')), said => Assert.Contains(Network().Replace(Number().Split(said).MaxBy(part => part.Length)!, "").Trim(' ', ',', '.'), sources, StringComparison.Ordinal));
    }

    [Fact]
    public static void The_compose_file_the_page_and_the_image_agree()
    {
        var compose = File.ReadAllText(Path.Combine(Peer.SourceRoot, "docs", "compose.yaml"));
        var image = File.ReadAllText(Path.Combine(Peer.SourceRoot, "infra", "daemon", "Dockerfile"));
        var page = Page.Read("docs/docker.md");
        Assert.Contains("context: ..\n      dockerfile: infra/daemon/Dockerfile\n", compose, StringComparison.Ordinal);
        Assert.Contains("VOLUME /home/kms/.tatumrc\n", image, StringComparison.Ordinal);
        Assert.Contains("ENTRYPOINT [\"/opt/kms/kms\"]", image, StringComparison.Ordinal);
        Assert.Matches("(?m)^USER [1-9]", image);
        Assert.Contains("HOME=/home/kms\n", image, StringComparison.Ordinal); // where every command looks for what is mounted
        Assert.DoesNotContain("--path", image + compose, StringComparison.Ordinal);
        foreach (var both in new[] { "./kms-data:/home/kms/.tatumrc", "no-new-privileges", "linux/amd64", "67108864" })
        {
            Assert.Contains(both, compose, StringComparison.Ordinal);
            Assert.Contains(both, page.Text, StringComparison.Ordinal);
        }

        foreach (var safe in new[] { "read_only: true", "cap_drop:\n      - ALL\n", "core: 0", "user: \"${UID:-1000}:${GID:-1000}\"" })
        {
            Assert.Contains(safe, compose, StringComparison.Ordinal);
        }

        Assert.DoesNotMatch("(?i)(password|api_?key)\\s*[:=]\\s*\\S", compose.Replace("TATUM_API_KEY and TATUM_KMS_PASSWORD", "", StringComparison.Ordinal));
        var root = KmsCloud.Cli.Program.CreateRoot();
        var command = Quoted().Matches(compose.Split('\n').Single(line => line.Contains("command:", StringComparison.Ordinal))).Select(match => match.Groups[1].Value).ToArray();
        Assert.Empty(root.Parse(command).Errors);
        var runs = page.Blocks.SelectMany(block => block.Commands).Where(line => line.StartsWith("docker run", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, runs.Count);
        Assert.All(runs, line => Assert.Empty(root.Parse(line[(line.LastIndexOf(" kms ", StringComparison.Ordinal) + 5)..]).Errors));
    }

    [Fact]
    public static void What_every_newcomer_must_hear_is_said_where_they_look()
    {
        foreach (var (name, words) in new[]
        {
            ("README.md", "loses the keys"), ("docs/getting-started.md", "loses the keys"), ("docs/backup-and-recovery.md", "loses the keys"), ("docs/concepts.md", "25,000 signature ids"),
            ("docs/getting-started.md", "25,000 signature ids"), ("docs/concepts.md", "exists before the request"), ("docs/getting-started.md", "exists before the request"),
            ("docs/getting-started.md", "the same API key"), ("docs/concepts.md", "let your application keep what it asked"),
        })
        {
            Assert.Contains(words, Page.Read(name).Text, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("(?<![\\w/])docs/[a-z-]+\\.md")]
    private static partial Regex PageName();

    [GeneratedRegex("\\A# [^\\n]+\\n\\nWho: [^\\n]+[.] When: .+?[.] How long: ", RegexOptions.Singleline)]
    private static partial Regex Opening();

    [GeneratedRegex("(?:^|[|;&(] ?|sudo )(?:cli/|\\./)?kms ((?:'[^']*'|[^;&)'])+)")]
    private static partial Regex Call();

    [GeneratedRegex("'[^']*'|\"[^\"]*\"|[^ ]+")]
    private static partial Regex Word();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(" mainnet$")]
    private static partial Regex Network();

    [GeneratedRegex("[0-9]{3}")]
    private static partial Regex Number();
}

using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Docs;

/// <summary>A page of the documentation: its links, headings and blocks of code.</summary>
internal sealed partial class Page
{
    private readonly List<CodeBlock> blocks = [];

    private Page(string name, string text)
    {
        Name = name;
        Text = text;
        Prose = WithoutBlocks(text);
    }

    /// <summary>Its path in the repository.</summary>
    internal string Name { get; }

    /// <summary>All of it.</summary>
    internal string Text { get; }

    /// <summary>All of it but blocks of code.</summary>
    internal string Prose { get; }

    /// <summary>Its blocks of code, with the mark above each.</summary>
    internal IReadOnlyList<CodeBlock> Blocks => blocks;

    /// <summary>Targets of its links.</summary>
    internal IEnumerable<string> Links => Link().Matches(Code().Replace(Prose, "")).Select(match => match.Groups[1].Value);

    /// <summary>Its headings as links name them.</summary>
    internal IEnumerable<string> Anchors => Heading().Matches(Prose).Select(match => Anchor(match.Groups[1].Value));

    /// <summary>What stands between backticks.</summary>
    internal IEnumerable<string> Codes => Code().Matches(Prose).Select(match => match.Groups[1].Value);

    /// <summary>README and every page of docs/.</summary>
    internal static IEnumerable<Page> All() =>
        Directory.GetFiles(Path.Combine(Peer.SourceRoot, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Peer.SourceRoot, "README.md"))
            .Append(Path.Combine(Peer.SourceRoot, "infra", "README.md")).Select(file => Path.GetRelativePath(Peer.SourceRoot, file)).Order(StringComparer.Ordinal).Select(Read);

    /// <summary>One of them.</summary>
    internal static Page Read(string name) => new(name, File.ReadAllText(Path.Combine(Peer.SourceRoot, name)));

    /// <summary>The commands of all blocks with this mark, one after the other.</summary>
    internal string Script(string mark) => string.Concat(blocks.Where(block => block.Mark == "run: " + mark).Select(block => block.Code + "\n"));

    private static string Anchor(string heading) =>
        NotInAnchor().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    private string WithoutBlocks(string text)
    {
        var (prose, before) = (new List<string>(), "");
        CodeBlock? open = null;
        foreach (var line in text.Split('\n'))
        {
            var trimmed = line.Trim();
            if (open is null && (trimmed.StartsWith("```", StringComparison.Ordinal) || IsIndented(line, before)))
            {
                var mark = Mark().Match(prose.LastOrDefault(item => item.Trim().Length > 0) ?? "");
                open = new(mark.Groups[1].Value, trimmed.StartsWith("```", StringComparison.Ordinal) ? "```" : "");
                open.Add(open.Fence.Length > 0 ? null : line);
            }
            else if (open is { Fence.Length: > 0 } && trimmed == "```")
            {
                Close(ref open);
            }
            else if (open is { Fence.Length: 0 } && trimmed.Length > 0 && !line.StartsWith("    ", StringComparison.Ordinal))
            {
                Close(ref open);
                prose.Add(line);
            }
            else if (open is not null)
            {
                open.Add(line);
            }
            else
            {
                prose.Add(line);
            }

            before = line;
        }

        Close(ref open);
        return string.Join('\n', prose);
    }

    private void Close(ref CodeBlock? open)
    {
        if (open is not null)
        {
            blocks.Add(open);
        }

        open = null;
    }

    /// <summary>Four blanks after an empty line, and no part of a list.</summary>
    private static bool IsIndented(string line, string before) => line.StartsWith("    ", StringComparison.Ordinal) && before.Trim().Length == 0 && line.Trim().Length > 0;

    [GeneratedRegex("\\[[^\\]]+\\]\\(([^)]+)\\)")]
    private static partial Regex Link();

    [GeneratedRegex("(?m)^#+ (.*)$")]
    private static partial Regex Heading();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("<!-- (run: [a-z -]+|not run: .+?) -->")]
    private static partial Regex Mark();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchor();
}

/// <summary>A block of code.</summary>
/// <param name="mark">"run: NAME" or "not run: why"; empty without one.</param>
/// <param name="fence">What began it; empty for an indented one.</param>
internal sealed class CodeBlock(string mark, string fence)
{
    private readonly List<string> lines = [];

    internal string Mark => mark;

    internal string Fence => fence;

    internal string Code => string.Join('\n', lines);

    /// <summary>Its commands, those that go on in the next line put together.</summary>
    internal IEnumerable<string> Commands => Code.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Select(line => line.Trim());

    internal void Add(string? line)
    {
        if (line is not null)
        {
            lines.Add(line);
        }
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace KmsCloud.Tests.Cli;

/// <summary>
/// A readable record of a command, as <c>tests/Cli/Scripts/README.md</c> describes it: what was typed and piped in, what came out
/// on stdout and stderr or stood on the terminal, the exit code, and the files it all began with.
/// </summary>
internal sealed partial class Transcript
{
    /// <summary>Runs and settings, in order.</summary>
    public List<Step> Steps { get; } = [];

    /// <summary>What stands in the folder at the start: name, words after the name, lines.</summary>
    public List<(string Name, string Kind, List<string> Lines)> Files { get; } = [];

    /// <summary>Reads one.</summary>
    public static Transcript Read(string path)
    {
        var (transcript, number) = (new Transcript(), 0);
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (FileLine().Match(line) is { Success: true } header)
            {
                transcript.Files.Add((header.Groups[1].Value, header.Groups[2].Value, []));
            }
            else if (transcript.Files.Count > 0)
            {
                transcript.Files[^1].Lines.Add(line);
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                transcript.Add(line, $"{Path.GetFileName(path)}:{number}");
            }
        }

        return transcript;
    }

    private void Add(string line, string where)
    {
        var word = line.Split(' ')[0];
        var rest = line.Length > word.Length ? line[(word.Length + 1)..] : "";
        switch (word)
        {
            case "env":
                Steps.Add(new(where, word, rest));
                return;
            case "$" or "tty$":
                Steps.Add(new(where, word, rest));
                return;
        }

        var step = Steps.LastOrDefault(step => step.IsRun) ?? throw new InvalidDataException($"{where}: nothing runs yet");
        switch (word)
        {
            case "exit":
                step.ExitCode = int.Parse(rest, CultureInfo.InvariantCulture);
                break;
            case "signal":
                step.Signal = rest;
                break;
            case "<" or "<*" or ">" or "!" or "|" or "~":
                step.Lines.Add((word, rest));
                break;
            default:
                throw new InvalidDataException($"{where}: '{word}' is not understood");
        }
    }

    [GeneratedRegex("^-- ([^ ]+) ?(.*?) ?--$")]
    private static partial Regex FileLine();
}

/// <summary>One run of kms with all that is said of it, or a setting for those that follow.</summary>
internal sealed class Step(string where, string kind, string text)
{
    public string Where => where;

    public string Text => text;

    public bool IsRun => kind != "env";

    public bool OnTerminal => kind == "tty$";

    public int ExitCode { get; set; }

    /// <summary><c>TERM when TEXT</c>: a signal for a command that does not end by itself, sent when stderr says TEXT.</summary>
    public string? Signal { get; set; }

    /// <summary>
    /// Lines by their first word: <c>&lt;</c> typed or piped in, <c>&lt;*</c> typed without echo, <c>&gt;</c> stdout, <c>!</c> stderr,
    /// <c>|</c> on the screen at the end, <c>~</c> on the screen at some time.
    /// </summary>
    public List<(string Kind, string Text)> Lines { get; } = [];

    public IEnumerable<string> Of(string kind) => Lines.Where(line => line.Kind == kind).Select(line => line.Text);
}

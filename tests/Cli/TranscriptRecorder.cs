using System.Text.RegularExpressions;

namespace KmsCloud.Tests.Cli;

/// <summary>
/// Writes what really happened in the form of a transcript, for <c>KMS_TRANSCRIPTS_TO=FOLDER</c>: a run that reads as
/// written keeps its lines; another gets new ones, to be read before they are taken.
/// </summary>
internal static partial class TranscriptRecorder
{
    /// <summary>The lines of a run on pipes.</summary>
    public static IEnumerable<(string Kind, string Text)> OnPipes(Step step, string output, string error) =>
        [.. step.Of("<").Select(line => ("<", line)), .. Lines(output).Select(line => (">", line)), .. Lines(error).Select(line => ("!", line))];

    /// <summary>The lines of a run on a terminal: the screen, with what was typed after the prompt it answers.</summary>
    public static IEnumerable<(string Kind, string Text)> OnTerminal(Step step, IReadOnlyList<(string Prompt, string Answer)> typed, string screen)
    {
        var (kinds, next) = (step.Lines.Where(line => line.Kind is "<" or "<*").ToList(), 0);
        foreach (var line in Lines(screen))
        {
            var isPrompt = next < typed.Count && line.Contains(typed[next].Prompt, StringComparison.Ordinal);
            yield return ("|", isPrompt && kinds[next].Kind == "<" ? line[..(line.IndexOf(typed[next].Prompt, StringComparison.Ordinal) + typed[next].Prompt.Length)] : line);
            if (isPrompt)
            {
                yield return kinds[next++];
            }
        }

        foreach (var once in step.Of("~"))
        {
            yield return ("~", once);
        }
    }

    /// <summary>Writes the file with new lines for some runs.</summary>
    public static void Write(string source, string target, IReadOnlyList<(Step Step, IEnumerable<(string Kind, string Text)> Lines, int ExitCode)> runs)
    {
        var (written, run, skipping) = (new List<string>(), -1, false);
        var foot = false;
        foreach (var line in File.ReadLines(source))
        {
            foot |= line.StartsWith("-- ", StringComparison.Ordinal);
            var isRun = !foot && (line.StartsWith("$ ", StringComparison.Ordinal) || line.StartsWith("tty$ ", StringComparison.Ordinal));
            skipping &= !foot && !isRun && line.Split(' ')[0] is "<" or "<*" or ">" or "!" or "|" or "~" or "exit";
            if (!skipping)
            {
                written.Add(line);
            }

            if (isRun)
            {
                run++;
                skipping = true;
                written.AddRange(runs[run].Lines.Select(part => $"{part.Kind} {part.Text}".TrimEnd()));
                if (runs[run].ExitCode != 0)
                {
                    written.Add($"exit {runs[run].ExitCode}");
                }
            }
        }

        File.WriteAllLines(target, written);
    }

    private static IEnumerable<string> Lines(string text) => text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n').Select(line =>
        Time().Replace(Xpub().Replace(Words().Replace(Uuid().Replace(line, "‹uuid›"), "‹words›"), "‹xpub›"), "‹time›").TrimEnd());

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z")]
    private static partial Regex Time();

    [GeneratedRegex("(?:[a-z]+ ){23}[a-z]+")]
    private static partial Regex Words();

    [GeneratedRegex("[xt]pub[1-9A-HJ-NP-Za-km-z]{100,110}")]
    private static partial Regex Xpub();
}

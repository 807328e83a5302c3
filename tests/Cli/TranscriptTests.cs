using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>
/// One readable file per command in tests/Cli/Scripts, run in a fresh folder. Lines: <c>kms …</c> must exit 0, <c>! kms …</c> must not;
/// <c>exit N</c>, <c>stdout 'regex'</c>, <c>stderr 'regex'</c> and <c>!stdout 'regex'</c> look at the run before; <c>stdin 'text'</c> and
/// <c>env NAME=value</c> prepare the next ones; <c>set NAME 'regex'</c> keeps the regex's first group from stdout for <c>$NAME</c>;
/// <c>-- file --</c> starts a file of the folder, at the end.
/// </summary>
public static class TranscriptTests
{
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Cli", "Scripts");

    public static IEnumerable<TheoryDataRow<string>> Names() =>
        from file in Directory.GetFiles(Scripts, "*.txt").Order(StringComparer.Ordinal)
        select new TheoryDataRow<string>(Path.GetFileName(file)) { TestDisplayName = $"transcript {Path.GetFileName(file)}" };

    [Theory, MemberData(nameof(Names))]
    public static void Reads_as_written(string name)
    {
        using var folder = new TempFolder();
        new Transcript(folder.Root).Play(File.ReadAllLines(Path.Combine(Scripts, name)));
    }

    private sealed class Transcript(string folder)
    {
        private readonly Dictionary<string, string?> environment = [];
        private readonly Dictionary<string, string> kept = new(StringComparer.Ordinal);
        private string? input;
        private Run? last;

        public void Play(string[] lines)
        {
            var files = Array.FindIndex(lines, line => line.StartsWith("-- ", StringComparison.Ordinal));
            WriteFiles(files < 0 ? [] : lines[files..]);
            var number = 0;
            foreach (var line in files < 0 ? lines : lines[..files])
            {
                number++;
                if (line.Length > 0 && line[0] != '#')
                {
                    Step(Expand(line), $"line {number}: {line}");
                }
            }
        }

        private void Step(string line, string where)
        {
            var word = line.Split(' ')[0];
            var rest = line[word.Length..].Trim();
            switch (word)
            {
                case "kms" or "!":
                    last = Run.Kms(Words(word == "!" ? rest["kms".Length..] : rest), input, environment, folder);
                    input = null;
                    Assert.True(last.ExitCode == 0 == (word == "kms"), $"{where}\nexit {last.ExitCode}\n{last.Output}\n{last.Error}");
                    Assert.DoesNotContain("   at ", last.Error, StringComparison.Ordinal);
                    break;
                case "exit":
                    Assert.True(last!.ExitCode == int.Parse(rest, System.Globalization.CultureInfo.InvariantCulture), $"{where}\nexit {last.ExitCode}\n{last.Error}");
                    break;
                case "stdout" or "stderr" or "!stdout" or "!stderr":
                    var text = word.EndsWith("stdout", StringComparison.Ordinal) ? last!.Output : last!.Error;
                    Assert.True(Regex.IsMatch(text, Words(rest)[0]) == (word[0] != '!'), $"{where}\n{text}");
                    break;
                case "stdin":
                    input += Words(rest)[0].Replace("\\n", "\n", StringComparison.Ordinal);
                    break;
                case "env":
                    environment[rest.Split('=')[0]] = rest.Contains('=', StringComparison.Ordinal) ? rest[(rest.IndexOf('=', StringComparison.Ordinal) + 1)..] : null;
                    break;
                case "set":
                    var match = Regex.Match(last!.Output, Words(rest)[1]);
                    Assert.True(match.Success, $"{where}\n{last.Output}");
                    kept[Words(rest)[0]] = match.Groups[1].Value;
                    break;
                default:
                    Assert.Fail("not understood: " + where);
                    break;
            }
        }

        private string Expand(string line) => kept.Aggregate(line, (text, pair) => text.Replace("$" + pair.Key, pair.Value, StringComparison.Ordinal));

        private void WriteFiles(string[] lines)
        {
            string? name = null;
            foreach (var line in lines)
            {
                if (Regex.Match(line, "^-- (.+) --$") is { Success: true } header)
                {
                    name = Path.Combine(folder, header.Groups[1].Value);
                    File.WriteAllText(name, "");
                    File.SetUnixFileMode(name, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                    continue;
                }

                File.AppendAllText(name!, line + "\n");
            }
        }

        private static List<string> Words(string text) => [.. Regex.Matches(text, "'([^']*)'|(\\S+)").Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value)];
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Cli;

/// <summary>Plays a transcript in a fresh folder, compares every word, and looks for secrets where none belong.</summary>
internal sealed partial class TranscriptPlayer : IDisposable
{
    private static readonly Dictionary<string, string> Patterns = new(StringComparer.Ordinal)
    {
        ["uuid"] = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ["words"] = "(?:[a-z]+ ){23}[a-z]+",
        ["xpub"] = "[xt]pub[1-9A-HJ-NP-Za-km-z]{100,110}",
        ["hex"] = "[0-9a-f]{32,}",
        ["base58"] = "[1-9A-HJ-NP-Za-km-z]{25,}",
        ["address"] = "[0-9a-zA-Z]{25,}",
        ["number"] = "[0-9.]+",
        ["time"] = "20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{8,12}Z",
        ["text"] = ".*?",
    };

    private readonly TempFolder folder = new();
    private readonly Dictionary<string, string?> environment = [];
    private readonly Dictionary<string, string> kept = new(StringComparer.Ordinal);
    private readonly List<(string Request, Reply Reply)> answers = [];
    private readonly Canaries canaries = new();
    private LoopbackServer? server;
    private bool recording;

    public void Dispose()
    {
        server?.Dispose();
        folder.Dispose();
    }

    /// <summary>What each run really did, in the order of the transcript; null for one that did as written.</summary>
    public List<(Step Step, IEnumerable<(string Kind, string Text)> Lines, int ExitCode)> Happened { get; } = [];

    /// <summary>Plays all of it.</summary>
    /// <param name="transcript">What is to happen.</param>
    /// <param name="record">Take note of what differs instead of failing.</param>
    public void Play(Transcript transcript, bool record = false)
    {
        recording = record;
        foreach (var (name, kind, lines) in transcript.Files)
        {
            Write(name, kind, lines);
        }

        kept["FOLDER"] = folder.Root;
        kept["PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["TMPDIR"] = Directory.CreateDirectory(folder.File("tmp")).FullName;
        foreach (var step in transcript.Steps)
        {
            if (!step.IsRun)
            {
                var parts = Expand(step.Text).Split('=', 2);
                environment[parts[0]] = parts.Length > 1 ? parts[1] : null;
                continue;
            }

            Assert.StartsWith("kms", step.Text, StringComparison.Ordinal);
            if (step.OnTerminal)
            {
                PlayOnTerminal(step);
            }
            else
            {
                PlayOnPipes(step);
            }

            Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("tmp"))); // nothing is left behind
            canaries.RequireNoneInFiles(folder.Root, step.Where, [.. transcript.Files.Select(file => file.Name).Append("secrets.json")]);
        }
    }

    private void PlayOnPipes(Step step)
    {
        var input = string.Concat(step.Of("<").Select(line => Expand(line) + "\n"));
        var run = step.Signal is null
            ? Run.Kms(Words(step.Text), input, environment, folder.Root)
            : Signalled(step);
        if (recording)
        {
            var same = Differs(step, step.Of(">"), run.Output) is null & Differs(step, step.Of("!"), run.Error) is null;
            Happened.Add((step, same ? step.Lines : TranscriptRecorder.OnPipes(step, Kept(run.Output), Kept(run.Error)), run.ExitCode));
            return;
        }

        Compare(step, "stdout", step.Of(">"), run.Output);
        Compare(step, "stderr", step.Of("!"), run.Error);
        Assert.True(step.ExitCode == run.ExitCode, $"{step.Where}: {step.Text}\nexit {run.ExitCode}, not {step.ExitCode}\n{run.Error}");
        canaries.RequireNone(run.Error, step.Where + " stderr");
        if (!Canaries.MayPrint(step.Text))
        {
            canaries.RequireNone(run.Output, step.Where + " stdout");
        }
    }

    private void PlayOnTerminal(Step step)
    {
        var (screen, typed, before) = (new List<string>(), new List<(string, string)>(), "");
        foreach (var (kind, text) in step.Lines)
        {
            switch (kind)
            {
                case "|":
                    screen.Add(before = Expand(text));
                    break;
                case "~":
                    before = Expand(text);
                    break;
                case "<" or "<*":
                    typed.Add((Placeholder().Split(before)[^1].TrimEnd(), Expand(text)));
                    if (kind == "<")
                    {
                        screen[^1] += (screen[^1].EndsWith(' ') ? "" : " ") + Expand(text);
                    }

                    break;
            }
        }

        var (written, code) = Pty.Kms(folder.Root, environment, Words(step.Text), [.. typed]);
        var shown = Screen.Render(written, Pty.Columns);
        if (recording)
        {
            Happened.Add((step, Differs(step, screen, shown) is null ? step.Lines : TranscriptRecorder.OnTerminal(step, [.. typed.Select(answer => (Kept(answer.Item1), answer.Item2))], Kept(shown)), code));
            return;
        }

        Compare(step, "screen", screen, shown);
        foreach (var once in step.Of("~"))
        {
            Assert.True(Escapes().Replace(written, "").Contains(once, StringComparison.Ordinal), $"{step.Where}: the screen never showed: {once}\n{written}");
        }

        Assert.True(step.ExitCode == code, $"{step.Where}: {step.Text}\nexit {code}, not {step.ExitCode}\n{written}");
        if (!Canaries.MayPrint(step.Text))
        {
            canaries.RequireNone(written, step.Where + " screen");
        }
    }

    private Run Signalled(Step step)
    {
        var (signal, text) = (step.Signal!.Split(' ')[0], step.Signal[(step.Signal.IndexOf(" when ", StringComparison.Ordinal) + 6)..]);
        var start = new ProcessStartInfo("env", [$"--default-signal={signal}", Run.KmsProgram, .. Words(step.Text)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Root,
        };
        foreach (var (name, value) in Run.Environment(environment, folder.Root))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = new StringBuilder();
        while (process.StandardError.ReadLine() is { } line)
        {
            error.Append(line).Append('\n');
            if (line.Contains(text, StringComparison.Ordinal))
            {
                Run.Program("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
            }
        }

        Assert.True(process.WaitForExit(60_000), $"{step.Where}: it did not end");
        return new(process.ExitCode, output.Result, error.ToString());
    }

    private void Compare(Step step, string what, IEnumerable<string> expected, string actual)
    {
        var difference = Differs(step, expected, actual);
        Assert.True(difference is null, $"{step.Where}: {step.Text}\n{what} is not as written, it is:\n{difference}");
    }

    /// <summary>The text when it is not as expected, else null; keeps what has a name.</summary>
    private string? Differs(Step step, IEnumerable<string> expected, string actual)
    {
        var text = actual.Length == 0 ? "" : string.Concat(actual.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd() + "\n"));
        var match = Regex.Match(text, "\\A" + string.Concat(expected.Select(line => Pattern(Expand(line)))) + "\\z");
        foreach (var name in match.Groups.Keys.Where(name => char.IsAsciiLetterUpper(name[0])))
        {
            kept[name] = match.Groups[name].Value;
        }

        return match.Success ? null : text;
    }

    /// <summary>A line as a regular expression: ‹kind› and ‹kind=NAME› stand for what changes, a line … for any lines.</summary>
    private static string Pattern(string line)
    {
        if (line == "…")
        {
            return "(?:.*\\n)*?";
        }

        var parts = Placeholder().Split(line.TrimEnd());
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = i % 2 == 0 ? Regex.Escape(parts[i])
                : parts[i].Split('=') is [var kind, var name] ? $"(?<{name}>{Patterns[kind]})"
                : $"(?:{Patterns[parts[i]]})";
        }

        return string.Concat(parts) + "\\n";
    }

    private string Kept(string text) => kept.OrderByDescending(pair => pair.Value.Length).Aggregate(text, (line, pair) => line.Replace(pair.Value, "$" + pair.Key, StringComparison.Ordinal));

    private string Expand(string line) => kept.OrderByDescending(pair => pair.Key.Length).Aggregate(line, (text, pair) => text.Replace("$" + pair.Key, pair.Value, StringComparison.Ordinal));

    private List<string> Words(string text) =>
        [.. Word().Matches(Expand(text)["kms".Length..]).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value)];

    private void Write(string name, string kind, List<string> lines)
    {
        var path = folder.File(name);
        if (kind == "answers")
        {
            server = new(request => answers.FirstOrDefault(answer => $"{request.Method} {request.Path}".StartsWith(answer.Request, StringComparison.Ordinal)).Reply ?? new(404));
            kept["GATEWAY"] = server.Url.AbsoluteUri.TrimEnd('/');
            answers.AddRange(lines.Where(line => line.Length > 0).Select(line => line.Split(' ', 4)).Select(parts => ($"{parts[0]} {parts[1]}", new Reply(int.Parse(parts[2], CultureInfo.InvariantCulture), parts.Length > 3 ? parts[3] : "{}"))));
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var (format, password) = (kind.Split(' ')[0], kind.Contains(' ', StringComparison.Ordinal) ? kind[(kind.IndexOf(' ', StringComparison.Ordinal) + 1)..] : Canaries.Password);
        var text = string.Join('\n', lines).TrimEnd('\n') is { Length: > 0 } own ? own : File.ReadAllText(Path.Combine(TranscriptTests.Scripts, "wallets.json"));
        switch (format)
        {
            case "wallet":
                MakeWallet(path, password, text);
                break;
            case "tatum-kms":
                File.WriteAllBytes(path, LegacyWallet.Encrypt(text, password));
                break;
            default:
                File.WriteAllText(path, string.Join('\n', lines).TrimEnd('\n') + "\n");
                break;
        }

        File.SetUnixFileMode(path, Path.GetFileName(name).StartsWith("loose", StringComparison.Ordinal) ? (UnixFileMode)0b110_100_100 : UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>A wallet file under a password that costs next to nothing to try.</summary>
    internal static void MakeWallet(string path, string password, string json)
    {
        using var secret = SecretBytes.FromString(password);
        using var edit = WalletEdit.OpenOrCreate(path, secret, new PasswordCost(1, 8192));
        foreach (var entry in JsonDocument.Parse(json).RootElement.EnumerateObject())
        {
            edit.Contents.Add(entry.Name, SigningRun.ReadEntry(entry.Value));
        }

        edit.Save();
    }

    [GeneratedRegex("‹([^›]+)›")]
    private static partial Regex Placeholder();

    [GeneratedRegex("'([^']*)'|(\\S+)")]
    private static partial Regex Word();

    [GeneratedRegex("\\e\\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();
}

using System.Buffers;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives.Native;
using KmsCloud.Secrets;
using Spectre.Console;

namespace KmsCloud.Cli;

/// <summary>What the commands say and ask: results on stdout, everything else on stderr.</summary>
internal static class Terminal
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n", Encoder = PeopleEncoder.Instance };
    private const int NarrowestWrapped = 20;
    private static readonly JsonWriterOptions Compact = new() { Encoder = PeopleEncoder.Instance };

    /// <summary>Spectre.Console goes by the encoding's display name, which the trimmed offline build does not have.</summary>
    private static bool IsUtf8 => Console.OutputEncoding.CodePage == 65001;

    /// <summary>Whether stderr is a terminal: people get text, programs one line of JSON.</summary>
    internal static bool IsInteractive => !Console.IsErrorRedirected;

    /// <summary>Prints a table on stdout: colours only on a terminal and without NO_COLOR, as wide as it is where nobody looks.</summary>
    internal static void PrintTable(ResultTable table)
    {
        var console = Stdout();
        table.Write(console, Console.IsOutputRedirected ? null : console.Profile.Width);
    }

    private static IAnsiConsole Stdout()
    {
        var plain = Console.IsOutputRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(Console.Out),
        });
        console.Profile.Capabilities.Unicode = IsUtf8;
        return console;
    }

    /// <summary>Prints a line of a result on stdout, coloured where colours are shown.</summary>
    internal static void PrintLine(string line, string? colour)
    {
        var console = Stdout();
        console.Profile.Width = int.MaxValue / 2; // the terminal itself goes on in its next line
        console.Write(new Text(Printable.Line(line, Printable.LongestLogLine) + "\n", colour is null ? null : Style.Parse(colour)));
    }

    /// <summary>Runs something under a progress bar on the terminal that stderr is; the bar goes away at the end.</summary>
    internal static Task<T> UnderBarAsync<T>(string what, int steps, Func<ProgressTask, Task<T>> run)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Profile.Capabilities.Unicode = IsUtf8;
        return console.Progress().AutoClear(true).StartAsync(progress => run(progress.AddTask(what, maxValue: steps)));
    }

    /// <summary>Prints a JSON result. It may hold secrets: it is built in locked memory and wiped.</summary>
    internal static void PrintJson(Action<Utf8JsonWriter> write, bool indented = true)
    {
        using var buffer = new SecretBuffer();
        using (var json = new Utf8JsonWriter(buffer, indented ? Indented : Compact))
        {
            write(json);
        }

        buffer.Write("\n"u8);
        using var stdout = Console.OpenStandardOutput();
        stdout.Write(buffer.Written);
    }

    /// <summary>A line for the person in front of the screen.</summary>
    internal static void Say(string line) => Console.Error.WriteLine(Lines(line));

    /// <summary>A warning.</summary>
    internal static void Warn(string line) => Console.Error.WriteLine(Lines("warning: " + line));

    /// <summary>What is said may have several lines, and none of them steers the terminal.</summary>
    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => Wrapped(Printable.Line(line, Printable.LongestLogLine))));

    /// <summary>On a terminal no word is broken at its edge.</summary>
    private static string Wrapped(string line) => IsInteractive && WidthOfStderr is > NarrowestWrapped and var width ? WordWrap.Text(line, width, 0) : line;

    private static int WidthOfStderr => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }).Profile.Width;

    /// <summary>Shows why a command stopped: text on a terminal, one JSON line otherwise.</summary>
    internal static void ShowError(KmsException error)
    {
        if (IsInteractive)
        {
            Console.Error.WriteLine(Lines(error.Text));
            return;
        }

        Console.Error.WriteLine(CompactJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("error", error.Message);
            if (error.Hint is not null)
            {
                json.WriteString("hint", error.Hint);
            }

            json.WriteNumber("code", error.ExitCode);
            json.WriteEndObject();
        }));
    }

    /// <summary>Asks for a secret without echo.</summary>
    /// <exception cref="KmsException">Input ended.</exception>
    internal static SecretBytes AskSecret(string question, string insteadHint)
    {
        var answer = TryAskSecret(question);
        return answer ?? throw new KmsException(Failure.Usage, $"'{question.TrimEnd(':', ' ')}' was not answered: input ended", insteadHint);
    }

    /// <summary>Asks for a secret without echo; null when input ended.</summary>
    internal static SecretBytes? TryAskSecret(string question)
    {
        StandardInput.HideEcho();
        Console.Error.Write(Lines(question));
        var answer = StandardInput.ReadLine(hidden: true);
        Console.Error.WriteLine();
        return answer;
    }

    /// <summary>Asks yes or no; no terminal means no.</summary>
    internal static bool Confirm(string question)
    {
        if (!StandardInput.IsTerminal)
        {
            return false;
        }

        Console.Error.Write(Lines(question) + " [y/N] ");
        using var answer = StandardInput.ReadLine(hidden: false);
        return answer is not null && (answer.Span.SequenceEqual("y"u8) || answer.Span.SequenceEqual("yes"u8) || answer.Span.SequenceEqual("Y"u8));
    }
}

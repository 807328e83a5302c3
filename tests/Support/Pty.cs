using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support;

/// <summary>kms on a pseudo terminal, its prompts answered.</summary>
internal static class Pty
{
    /// <summary>How wide the terminal is.</summary>
    public const int Columns = 160;

    /// <summary>Runs kms; returns what was written to the terminal and the exit code.</summary>
    public static (string Screen, int ExitCode) Kms(string folder, IEnumerable<string> arguments, params (string Prompt, string Answer)[] answers) => Kms(folder, null, arguments, answers);

    /// <summary>The same with more of an environment.</summary>
    public static (string Screen, int ExitCode) Kms(
        string folder, IReadOnlyDictionary<string, string?>? more, IEnumerable<string> arguments, params (string Prompt, string Answer)[] answers)
    {
        using var answersFolder = new TempFolder();
        File.WriteAllText(answersFolder.File("answers.json"), new JsonArray([.. answers.Select(answer => new JsonArray(answer.Prompt, answer.Answer))]).ToJsonString());
        var run = Run.Program(
            "/usr/bin/python3",
            [Path.Combine(Peer.Scripts, "pty_run.py"), answersFolder.File("answers.json"), Columns.ToString(System.Globalization.CultureInfo.InvariantCulture), Run.KmsProgram, .. arguments],
            environment: Run.Environment(new Dictionary<string, string?>(more ?? new Dictionary<string, string?>()) { ["TERM"] = "xterm-256color", ["COLORTERM"] = null }, folder),
            folder: folder);
        Assert.True(run.ExitCode == 0, run.Error);
        var end = run.Output.LastIndexOf("\nexit ", StringComparison.Ordinal);
        return (run.Output[..end], int.Parse(run.Output[(end + 6)..], System.Globalization.CultureInfo.InvariantCulture));
    }
}

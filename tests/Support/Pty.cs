using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support;

/// <summary>kms on a pseudo terminal, its prompts answered.</summary>
internal static class Pty
{
    /// <summary>Runs kms; returns what the terminal showed and the exit code.</summary>
    public static (string Screen, int ExitCode) Kms(string folder, IEnumerable<string> arguments, params (string Prompt, string Answer)[] answers)
    {
        var file = Path.Combine(folder, "answers.json");
        File.WriteAllText(file, new JsonArray([.. answers.Select(answer => new JsonArray(answer.Prompt, answer.Answer))]).ToJsonString());
        var run = Run.Program(
            "/usr/bin/python3",
            [Path.Combine(AppContext.BaseDirectory, "Support", "pty_run.py"), file, Run.KmsProgram, .. arguments],
            environment: Run.Environment(new Dictionary<string, string?> { ["TERM"] = "xterm" }, folder),
            folder: folder);
        Assert.True(run.ExitCode == 0, run.Error);
        var end = run.Output.LastIndexOf("\nexit ", StringComparison.Ordinal);
        return (run.Output[..end], int.Parse(run.Output[(end + 6)..], System.Globalization.CultureInfo.InvariantCulture));
    }
}

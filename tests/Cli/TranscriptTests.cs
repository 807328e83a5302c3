using System.CommandLine;
using KmsCloud.Cli;

namespace KmsCloud.Tests.Cli;

/// <summary>Every command does what its transcript in tests/Cli/Scripts says, on pipes and on a terminal.</summary>
public static class TranscriptTests
{
    internal static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Scripts");

    public static IEnumerable<TheoryDataRow<string>> Names() =>
        from file in Directory.GetFiles(Scripts, "*.txt").Order(StringComparer.Ordinal)
        select new TheoryDataRow<string>(Path.GetFileName(file)) { TestDisplayName = $"transcript {Path.GetFileName(file)}" };

    [Theory, MemberData(nameof(Names))]
    public static void Reads_as_written(string name)
    {
        using var player = new TranscriptPlayer();
        var path = Path.Combine(Scripts, name);
        if (Environment.GetEnvironmentVariable("KMS_TRANSCRIPTS_TO") is not { Length: > 0 } folder)
        {
            player.Play(Transcript.Read(path));
            return;
        }

        player.Play(Transcript.Read(path), record: true);
        TranscriptRecorder.Write(path, Path.Combine(folder, name), player.Happened);
        Assert.Fail("recorded, not compared");
    }

    [Fact]
    public static void Every_command_has_a_transcript_and_every_transcript_a_command()
    {
        var commands = Leaves(KmsCloud.Cli.Program.CreateRoot()).Select(command => CommandPath.Of(command).Replace(' ', '-')).Append("kms");
        Assert.Equal(commands.Order(StringComparer.Ordinal), Directory.GetFiles(Scripts, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Names))]
    public static void Shows_the_command_doing_its_work_and_refusing_bad_input_on_pipes_and_on_a_terminal(string name)
    {
        var words = name == "kms.txt" ? "kms" : "kms " + string.Join(' ', Leaves(KmsCloud.Cli.Program.CreateRoot()).Select(CommandPath.Of).Single(path => path.Replace(' ', '-') + ".txt" == name));
        var runs = Transcript.Read(Path.Combine(Scripts, name)).Steps.Where(step => step.IsRun && (step.Text + " ").StartsWith(words + " ", StringComparison.Ordinal)).ToList();
        foreach (var onTerminal in new[] { false, true })
        {
            Assert.Contains(runs, run => run.OnTerminal == onTerminal && (run.ExitCode == 0 || run.Signal is not null || run.Lines.Any(line => line.Text == "^C")));
            Assert.Contains(runs, run => run.OnTerminal == onTerminal && run.ExitCode != 0);
        }
    }

    /// <summary>The commands that do something by themselves.</summary>
    internal static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.SelectMany(Leaves).Concat(command.Action is null || command is RootCommand ? [] : [command]);
}

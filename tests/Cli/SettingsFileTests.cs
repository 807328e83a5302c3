using System.Diagnostics;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>Settings come from files that nobody but the caller and root can write, and each value's file is named.</summary>
public sealed class SettingsFileTests : IDisposable
{
    private const string Name = "TATUM_KMS_AWS_REGION";
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("chmod 620 .env")]
    [InlineData("chmod 602 .env")]
    [InlineData("chown 12345 .env")]
    [InlineData("chmod 770 .")]
    [InlineData("chmod 707 .")]
    [InlineData("chown 12345 .")]
    [InlineData("chmod 1777 . && chown 12345 .env")]
    [InlineData("mkdir far && mv .env far/real && chmod 777 far && ln -s far/real .env")]
    [InlineData("mv .env real && ln -s real .env && chown -h 12345 .env")]
    [InlineData("mkdir far && mv .env real && chmod 777 far && ln -s ../real far/hop && ln -s far/hop .env")]
    public void A_file_that_others_can_write_or_exchange_is_refused(string change)
    {
        Write(".env", $"{Name}=there");
        Shell(change);
        var run = CheckConfig();
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("others", run.Error, StringComparison.Ordinal);
        Assert.Contains("\"hint\":", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("there", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chmod 644 .env")]
    [InlineData("chmod 1777 .")]
    [InlineData("mv .env real && ln -s real .env")]
    public void A_file_of_ones_own_is_read_and_named(string change)
    {
        Write(".env", $"{Name}=there");
        Shell(change);
        var run = CheckConfig();
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(": there (./.env)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_named_file_is_checked_too_and_wins_over_the_folders_own()
    {
        Write(".env", $"{Name}=here\nTATUM_API_KEY=one");
        Write("named.env", $"{Name}=named\nTATUM_API_KEY=two");
        var run = CheckConfig("--env-file", "named.env");
        Assert.Contains(": named (named.env)", run.Output, StringComparison.Ordinal);
        var warning = Assert.Single(run.Error.Split('\n'), line => line.StartsWith("warning: ", StringComparison.Ordinal));
        Assert.Contains($"TATUM_API_KEY, {Name}", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("two", run.Output + run.Error, StringComparison.Ordinal);
        Shell("chmod 666 named.env");
        Assert.Equal(2, CheckConfig("--env-file", "named.env").ExitCode);
    }

    private Run CheckConfig(params string[] more) => Run.Kms(["checkconfig", .. more], folder: folder.Root);

    private void Write(string name, string text) => File.WriteAllText(folder.File(name), text + "\n");

    private void Shell(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { WorkingDirectory = folder.Root })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Infra;

/// <summary>The real compiler over infra/: it builds, is formatted, breaks no rule, and deploys what the committed snapshots say.</summary>
public sealed class BicepCompilerTests
{
    private static readonly string[] Suffixes = [".bicep", ".bicepparam"];

    public static TheoryData<string> Templates() => [.. Bicep.Templates, "group"];

    public static TheoryData<string, string> Deployments()
    {
        var deployments = new TheoryData<string, string>();
        foreach (var environment in Bicep.Environments)
        {
            foreach (var template in Bicep.Templates)
            {
                deployments.Add(template, environment);
            }
        }

        return deployments;
    }

    [Theory, MemberData(nameof(Templates))]
    public void Builds_and_breaks_no_rule(string template)
    {
        var clock = Stopwatch.StartNew();
        Silent(Bicep.Call(["lint", template + ".bicep"]));
        var built = Silent(Bicep.Call(["build", template + ".bicep", "--stdout"]));
        Assert.True(JsonNode.Parse(built.Output)!["resources"] is JsonObject { Count: > 0 } or JsonArray { Count: > 0 }); // a list where there are no names to refer by
        Shown.Line("compiler", $"{template}.bicep: built and linted in {clock.Elapsed.TotalSeconds:F1} s");
    }

    [Theory, MemberData(nameof(Deployments))]
    public void Parameters_fit_and_the_snapshot_is_what_would_be_deployed(string template, string environment)
    {
        var clock = Stopwatch.StartNew();
        Silent(Bicep.Call(["build-params", $"{template}.{environment}.bicepparam", "--stdout"]));
        var checkedOne = Bicep.Call(Bicep.Snapshot(template, environment, "validate"));
        Assert.True(checkedOne.ExitCode == 0, checkedOne.Output + checkedOne.Error + $"\nsee the difference, and keep it with: bicep {string.Join(' ', Bicep.Snapshot(template, environment, "overwrite"))}");
        var resources = Bicep.Resources(environment).Count(resource => resource.Template == template);
        Shown.Line("compiler", $"{template}.{environment}.bicepparam: fits, and its {resources} resources are those of the snapshot, in {clock.Elapsed.TotalSeconds:F1} s");
    }

    [Fact]
    public void Every_file_is_formatted()
    {
        var clock = Stopwatch.StartNew();
        using var folder = new TempFolder();
        var files = Directory.GetFiles(Bicep.Folder, "*", SearchOption.AllDirectories).Where(path => Suffixes.Contains(Path.GetExtension(path))).Select(path => Path.GetRelativePath(Bicep.Folder, path)).ToList();
        Assert.True(files.Count > 15);
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
            File.Copy(Path.Combine(Bicep.Folder, file), folder.File(file));
        }

        File.WriteAllText(folder.File("unformatted.bicep"), "param   one string\n");
        Silent(Bicep.Call(["format", "--pattern", folder.File("**/*.bicep*")])); // one start of the compiler for all
        Assert.NotEqual("param   one string\n", File.ReadAllText(folder.File("unformatted.bicep")));
        Assert.All(files, file => Assert.Equal(File.ReadAllText(Path.Combine(Bicep.Folder, file)), File.ReadAllText(folder.File(file))));
        Shown.Line("compiler", $"{files.Count} files are formatted, in {clock.Elapsed.TotalSeconds:F1} s");
    }

    [Fact]
    public void What_is_wrong_is_seen()
    {
        using var folder = new TempFolder();
        File.Copy(Path.Combine(Bicep.Folder, "bicepconfig.json"), folder.File("bicepconfig.json"));
        File.WriteAllText(folder.File("wrong.bicep"), "param unused string\nresource a 'Microsoft.Storage/storageAccounts@2025-06-01' = {\n  name: 'x'\n  propertees: {}\n}\n");
        var lint = Bicep.Call(["lint", folder.File("wrong.bicep")]);
        Assert.NotEqual(0, lint.ExitCode);
        Assert.Contains("no-unused-params", lint.Error + lint.Output, StringComparison.Ordinal);
        Assert.Contains("propertees", lint.Error + lint.Output, StringComparison.Ordinal);
    }

    private static Run Silent(Run run)
    {
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Empty(run.Error);
        return run;
    }
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>infra/github-workflow.yml, the workflow for customers: its form, its pins, and its steps run against doubles.</summary>
public sealed partial class WorkflowTests : IDisposable
{
    private static readonly string Source = Path.Combine(Bicep.Folder, "github-workflow.yml");
    private readonly JsonObject file = Yaml.Read(Source);
    private readonly AzDouble az = new();

    public void Dispose() => az.Dispose();

    [Fact]
    public void Says_where_to_copy_it_and_nothing_has_more_rights_than_it_needs()
    {
        Assert.StartsWith("# Copy to .github/workflows/infra.yml ", File.ReadAllText(Source), StringComparison.Ordinal);
        Assert.All(file, member => Assert.Contains(member.Key, (string[])["name", "on", "permissions", "concurrency", "env", "jobs"]));
        Assert.Equal("{}", file["permissions"]!.ToJsonString());
        Assert.Equal(["pull_request"], file["on"]!.AsObject().Select(trigger => trigger.Key)); // never pull_request_target, whose token writes
        Assert.Equal("""{"contents":"read"}""", file["jobs"]!["check"]!["permissions"]!.ToJsonString());
        Assert.Equal("""{"contents":"read","id-token":"write","pull-requests":"write"}""", file["jobs"]!["what-if"]!["permissions"]!.ToJsonString());
        Assert.Contains("head.repo.full_name == github.repository", (string)file["jobs"]!["what-if"]!["if"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Jobs_and_steps_have_the_members_that_there_are()
    {
        Assert.All(file["jobs"]!.AsObject(), job =>
        {
            Assert.All(job.Value!.AsObject(), member => Assert.Contains(member.Key, (string[])["needs", "if", "runs-on", "timeout-minutes", "permissions", "steps"]));
            Assert.Matches("^ubuntu-[0-9]+\\.04$", (string)job.Value!["runs-on"]!);
            Assert.InRange((int)job.Value!["timeout-minutes"]!, 1, 60);
        });
        Assert.All(Steps(), step =>
        {
            Assert.All(step, member => Assert.Contains(member.Key, (string[])["name", "uses", "with", "run", "env", "if", "working-directory"]));
            Assert.NotEqual(step.ContainsKey("uses"), step.ContainsKey("run"));
            Assert.DoesNotContain("${{", (string?)step["run"] ?? "", StringComparison.Ordinal); // what a pull request says is no part of a script
        });
        var expressions = Expression().Matches(File.ReadAllText(Source)).Select(match => match.Groups[1].Value.Trim()).ToList();
        Assert.All(expressions, expression => Assert.Contains(expression, (string[])["github.ref", "github.token", "github.event.number", "vars.AZURE_CLIENT_ID", "vars.AZURE_TENANT_ID", "vars.AZURE_SUBSCRIPTION_ID"]));
        Assert.Equal(6, expressions.Count);
    }

    [Fact]
    public void Every_action_is_pinned_by_a_commit_that_was_looked_up()
    {
        // both read in the stored copies of these repositories, at these commits
        string[] known = ["actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "azure/login@a65d910e8af852a8061c627c456678983e180302"];
        var used = Uses().Matches(File.ReadAllText(Source)).ToList();
        Assert.Equal(Steps().Count(step => step.ContainsKey("uses")), used.Count);
        Assert.All(used, match =>
        {
            Assert.Contains(match.Groups[1].Value, known);
            Assert.Matches("^v[0-9]+\\.[0-9]+\\.[0-9]+$", match.Groups[2].Value);
        });
        Assert.All(Steps().Where(step => ((string?)step["uses"])?.StartsWith("actions/checkout", StringComparison.Ordinal) == true), step => Assert.False((bool)step["with"]!["persist-credentials"]!));
    }

    [Fact]
    public void Its_compiler_is_ours()
    {
        var pinned = Regex.Match(File.ReadAllText(Path.Combine(CloudWorld.Repository, "Directory.Packages.props")), "Azure\\.Bicep\\.CommandLine\\.linux-x64\" Version=\"([0-9.]+)\"").Groups[1].Value;
        Assert.Contains($"az bicep install --version v{pinned}\n", File.ReadAllText(Source), StringComparison.Ordinal);
    }

    [Fact]
    public void Its_checks_are_those_of_our_tests()
    {
        var called = Checks(says: "");
        foreach (var template in Bicep.Templates)
        {
            Assert.Contains($"bicep lint {template}.bicep", called);
            Assert.Contains($"bicep build {template}.bicep --stdout", called);
            foreach (var environment in Bicep.Environments)
            {
                Assert.Contains($"bicep build-params {template}.{environment}.bicepparam --stdout", called);
                Assert.Contains("bicep " + string.Join(' ', Bicep.Snapshot(template, environment, "validate")), called);
            }
        }

        Assert.Equal(2, Checks(says: "Warning BCP036").Count); // one word of the compiler ends the first step; the second has its own
    }

    [Fact]
    public void The_comment_has_what_would_change_in_each_environment()
    {
        var run = Script("What would change", "");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain(az.Calls, call => call.Contains(" create ", StringComparison.Ordinal));
        var comment = File.ReadAllText(Path.Combine(az.Folder, "comment.md"));
        Assert.Equal(2, Regex.Count(comment, "^### What this would change in kms-(dev|prod)$", RegexOptions.Multiline));
        Assert.Equal(4, Regex.Count(comment, "^\\+ a change$", RegexOptions.Multiline)); // platform and app
        Assert.Equal(comment, File.ReadAllText(Path.Combine(az.Folder, "summary")));
        az.Fails = "what-if";
        Assert.NotEqual(0, Script("What would change", "").ExitCode);
        Assert.Contains("error: what would change: platform failed", File.ReadAllText(Path.Combine(az.Folder, "comment.md")), StringComparison.Ordinal); // which is the comment then
        Assert.Equal(0, Script("As a comment", "").ExitCode);
        Assert.Equal("pr comment 7 --edit-last --create-if-none --body-file comment.md\n", File.ReadAllText(Path.Combine(az.Folder, "gh-calls")));
    }

    private IEnumerable<JsonObject> Steps() => file["jobs"]!.AsObject().SelectMany(job => job.Value!["steps"]!.AsArray()).Select(step => step!.AsObject());

    /// <summary>What is called of a compiler that says something, or nothing, on stderr.</summary>
    private List<string> Checks(string says)
    {
        File.Delete(Path.Combine(az.Folder, "bicep-calls"));
        foreach (var step in (string[])["Build and lint without a word, and formatted", "Snapshots are what would be deployed"])
        {
            Assert.Equal(says.Length == 0 || step.StartsWith("Snapshots", StringComparison.Ordinal), Script(step, says).ExitCode == 0);
        }

        var called = File.ReadAllLines(Path.Combine(az.Folder, "bicep-calls"));
        return says.Length == 0 ? [.. called] : [.. called.Select(call => call.Split(' ')[1]).Distinct()];
    }

    /// <summary>A step as a runner runs it: bash that ends at the first failure, with doubles of az, bicep and gh, in the checkout.</summary>
    private Run Script(string name, string compilerSays)
    {
        Double("bicep", $"echo \"bicep $*\" >>'{az.Folder}/bicep-calls'; printf '%s' '{compilerSays}' >&2; case $1 in format) cat \"$2\" ;; esac");
        Double("gh", $"echo \"$*\" >>'{az.Folder}/gh-calls'");
        var step = Steps().Single(step => (string?)step["name"] == name);
        var script = Path.Combine(az.Folder, "script");
        File.WriteAllText(script, (string)step["run"]!);
        var checkout = Path.Combine(az.Folder, "checkout"); // whose files a step may write beside
        if (!Directory.Exists(checkout))
        {
            Assert.Equal(0, Run.Program("/bin/bash", ["-ec", "mkdir checkout && cp -r \"$0\" checkout/infra && cd checkout && git init -q . && git add -A", Bicep.Folder], folder: az.Folder).ExitCode);
        }

        var run = az.Shell(
            "exec /bin/bash --noprofile --norc -eo pipefail \"$1\"",
            [script],
            "",
            Path.Combine(checkout, (string?)step["working-directory"] ?? ""),
            [("ENVIRONMENTS", (string)file["env"]!["ENVIRONMENTS"]!), ("LOCATION", (string)file["env"]!["LOCATION"]!), ("NUMBER", "7"), ("GITHUB_STEP_SUMMARY", Path.Combine(az.Folder, "summary"))]);
        if (File.Exists(Path.Combine(checkout, "comment.md")))
        {
            File.Move(Path.Combine(checkout, "comment.md"), Path.Combine(az.Folder, "comment.md"), overwrite: true);
        }

        return run;
    }

    private void Double(string name, string text)
    {
        var path = Path.Combine(az.Folder, name);
        File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [GeneratedRegex(@"\$\{\{(.*?)\}\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"uses: (\S+) # (\S+)\n")]
    private static partial Regex Uses();
}

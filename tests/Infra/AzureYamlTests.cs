using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Infra;

/// <summary>infra/azure.yaml has the form that the Azure Developer CLI's schema asks for, and its hooks do what infra/deploy does.</summary>
public sealed class AzureYamlTests : IDisposable
{
    // from schemas/alpha/azure.yaml.json of Azure/azure-dev at 00cddf7, which is stricter than v1.0 where both know a member
    private static readonly string[] Members =
        ["name", "resourceGroup", "metadata", "infra", "services", "resources", "pipeline", "hooks", "requiredVersions", "state", "platform", "workflows", "cloud"];

    private static readonly string[] Commands = ["provision", "infracreate", "infradelete", "up", "down", "package", "publish", "deploy", "restore", "build"];
    private static readonly string[] HookMembers = ["shell", "kind", "dir", "run", "continueOnError", "interactive", "windows", "posix", "secrets", "config"];

    private readonly JsonObject file = Yaml.Read(Path.Combine(Bicep.Folder, "azure.yaml"));
    private readonly AzDouble az = new();

    public void Dispose() => az.Dispose();

    [Fact]
    public void Has_the_members_and_values_of_the_schema()
    {
        Assert.All(file, member => Assert.Contains(member.Key, Members));
        Assert.Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", (string)file["name"]!);
        var infra = file["infra"]!.AsObject();
        Assert.Equal(["provider", "path", "module"], infra.Select(member => member.Key));
        Assert.Equal("bicep", (string)infra["provider"]!);
        var template = Path.Combine(Bicep.Folder, (string)infra["path"]!, (string)infra["module"]!);
        Assert.True(File.Exists(template + ".bicep") && File.Exists(template + ".bicepparam"));
        Assert.Equal(["up"], file["workflows"]!.AsObject().Select(member => member.Key));
        Assert.Equal("""{"azd":"provision"}""", Assert.Single(file["workflows"]!["up"]!["steps"]!.AsArray())!.ToJsonString());
        Assert.All(file["hooks"]!.AsObject(), hook =>
        {
            Assert.Contains(hook.Key, Commands.SelectMany(command => (string[])["pre" + command, "post" + command]));
            Assert.All(hook.Value!.AsObject(), member => Assert.Contains(member.Key, HookMembers));
            Assert.Equal("sh", (string)hook.Value!["shell"]!); // an inline script must say it
            Assert.NotEmpty((string)hook.Value!["run"]!);
        });
    }

    [Fact]
    public void The_group_builds_and_has_what_azd_reads()
    {
        var run = Bicep.Call(["build-params", "group.bicepparam", "--stdout"], ("AZURE_ENV_NAME", "prod"), ("AZURE_LOCATION", "westeurope"));
        Assert.True(run.ExitCode == 0 && run.Error.Length == 0, run.Error);
        var template = JsonNode.Parse((string)JsonNode.Parse(run.Output)!["templateJson"]!)!;
        Assert.Equal(["AZURE_RESOURCE_GROUP"], template["outputs"]!.AsObject().Select(output => output.Key));
        Assert.Contains("azd-env-name", template.ToJsonString(), StringComparison.Ordinal);
        Assert.NotEqual(0, Bicep.Call(["build-params", "group.bicepparam", "--stdout"], ("AZURE_ENV_NAME", null), ("AZURE_LOCATION", null)).ExitCode); // no group of a name nobody gave
    }

    [Fact]
    public void Its_hooks_call_what_infra_deploy_calls()
    {
        var deployed = az.Shell("exec \"$@\"", [Path.Combine(Bicep.Folder, "deploy"), "--group", "kms-prod", "--environment", "prod", "--subscription", "the-subscription", "--package", "kms.zip"], "y\ny\n", az.Folder);
        Assert.True(deployed.ExitCode == 0, deployed.Error);
        var calls = Lines();
        az.Forget();
        Assert.Equal(0, Hook("postprovision", "y\ny\n").ExitCode);
        Assert.DoesNotContain(az.Calls, call => call.Contains("grantSecretAccess=true", StringComparison.Ordinal) || call.Contains("config-zip", StringComparison.Ordinal));
        var first = Lines();
        az.Forget();
        Assert.Equal(0, Hook("postup", "").ExitCode);
        Assert.Equal(calls, first.Concat(Lines()[2..])); // signed in, and the group is there
    }

    [Fact]
    public void A_no_ends_azd_up_and_without_a_package_nothing_is_published()
    {
        Assert.Equal(3, Hook("postprovision", "n\n").ExitCode);
        az.Forget();
        Assert.Equal(0, Hook("postup", "", package: null).ExitCode);
        Assert.DoesNotContain(az.Calls, call => call.Contains("config-zip", StringComparison.Ordinal));
    }

    [Fact]
    public void Azd_down_is_refused()
    {
        var run = Hook("predown", "");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Tear down", run.Error, StringComparison.Ordinal);
        Assert.Empty(az.Calls);
    }

    private List<string> Lines() =>
        [.. az.Transcript.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace(az.Folder + "/kms.zip", "kms.zip", StringComparison.Ordinal))];

    /// <summary>As azd runs it: in the folder of azure.yaml, with the environment's values.</summary>
    private Run Hook(string name, string input, string? package = "kms.zip") => az.Shell(
        (string)file["hooks"]![name]!["run"]!,
        [],
        input,
        Bicep.Folder,
        [("AZURE_RESOURCE_GROUP", "kms-prod"), ("AZURE_ENV_NAME", "prod"), ("AZURE_SUBSCRIPTION_ID", "the-subscription"), ("KMS_PACKAGE", package is null ? null : Path.Combine(az.Folder, package))]);
}

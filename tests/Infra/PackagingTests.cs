using System.Text.RegularExpressions;
using KmsCloud.Chains;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>The image of the function, read; and the settings' table against the code.</summary>
public static partial class PackagingTests
{
    private static readonly string[] Folders = ["functions", "core/Passwords", "core/Azure", "core/Aws", "core/Vgs"];

    [Fact]
    public static void The_image_has_pinned_bases_no_root_and_no_secret()
    {
        var lines = File.ReadAllText(Path.Combine(CloudWorld.Repository, "functions", "Dockerfile")).Replace("\\\n", "", StringComparison.Ordinal)
            .Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToList();
        var bases = lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).ToList();
        Assert.Equal(2, bases.Count);
        Assert.All(bases, name => Assert.Matches("^[a-z0-9./-]+:(?!latest)[a-z0-9.-]*(bookworm|[0-9])[a-z0-9.-]*$", name));
        var last = lines.Skip(lines.FindLastIndex(line => line.StartsWith("FROM ", StringComparison.Ordinal))).ToList();
        Assert.Matches("^USER [1-9][0-9]+:[1-9][0-9]+$", last.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.True(last.FindIndex(line => line.StartsWith("USER ", StringComparison.Ordinal)) > last.FindIndex(line => line.StartsWith("COPY ", StringComparison.Ordinal))); // its files belong to root
        Assert.All(lines.Where(line => line.StartsWith("ENV ", StringComparison.Ordinal) || line.StartsWith("ARG ", StringComparison.Ordinal)), line => Assert.DoesNotMatch("(?i)password|secret|key|token", line));
        Assert.DoesNotContain(lines, line => line.StartsWith("ADD ", StringComparison.Ordinal) || line.Contains("COPY . ", StringComparison.Ordinal)); // nothing of the checkout but the package
        Assert.Contains("COPY artifacts/kms-functions.zip ", string.Concat(lines.Select(line => line + "\n")), StringComparison.Ordinal);
        Assert.Contains("zip=${1:-\"$root/artifacts/kms-functions.zip\"}", File.ReadAllText(Path.Combine(CloudWorld.Repository, "functions", "publish")), StringComparison.Ordinal);
        Assert.Contains(last, line => line.Contains("AzureWebJobsScriptRoot=/home/site/wwwroot", StringComparison.Ordinal));
        Assert.Contains(last, line => line == "COPY --from=package /app /home/site/wwwroot");
    }

    [Fact]
    public static void Every_setting_the_code_reads_has_a_row_and_every_row_is_read()
    {
        var sources = Folders.Select(folder => Path.Combine(CloudWorld.Repository, folder))
            .SelectMany(folder => Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal))).Select(File.ReadAllText).ToList();
        Assert.True(sources.Count > 15);
        var read = sources.SelectMany(text => SettingName().Matches(text)).Select(match => match.Groups[1].Value).ToHashSet();
        var document = File.ReadAllText(Path.Combine(CloudWorld.Repository, "docs", "azure.md"));
        var section = document[document.IndexOf("## App settings", StringComparison.Ordinal)..document.IndexOf("## Logs and metrics", StringComparison.Ordinal)];
        var rows = section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(line => Spelled(line.Split('|')[1])).ToHashSet();
        var host = CodeName().Matches(section[section.IndexOf("Set by the host", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Empty(read.Except(rows).Except(host).Except(["AZURE_TENANT_ID"])); // of a developer's machine
        var ofChains = ChainSettings.All.Select(setting => setting.Variable("BTC")).Append(KmsCloud.Gateway.SecondNodes.Variable("BTC")).Concat(ChainCatalog.All.Values.Select(chain => chain.Info.Node?.Setting).OfType<string>()); // an example of them, whose own table is tested in ChainSettingsTests
        string[] platform =
        [
            "KMS_POLL_SCHEDULE", "KMS_QUEUE", "DOTNET_EnableDiagnostics", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__queueServiceUri", "WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED",
            "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
        ];
        Assert.Equal(platform.Order(), rows.Except(read).Except(ofChains).Order()); // read by the host and the runtime
        var deployed = Bicep.OfType("prod", "Microsoft.Web/sites/config").Single().Json["properties"]!.AsObject().Select(member => member.Key);
        Assert.Empty(deployed.Except(rows));
    }

    /// <summary>`A_B`, `_C` spells A_B and A_C.</summary>
    private static IEnumerable<string> Spelled(string cell)
    {
        var names = CodeName().Matches(cell).Select(match => match.Groups[1].Value).ToList();
        var stem = names[0].StartsWith("TATUM_KMS_AWS", StringComparison.Ordinal) ? "TATUM_KMS_AWS" : names[0].StartsWith("TATUM_KMS_VGS", StringComparison.Ordinal) ? "TATUM_KMS_VGS" : "";
        return names.Select(name => name[0] == '_' ? stem + name : name);
    }

    [GeneratedRegex("\"((?:KMS|TATUM|AZURE|AWS|FUNCTIONS|IDENTITY|OTEL)_[A-Z0-9_]+)\"")]
    private static partial Regex SettingName();

    [GeneratedRegex("`([A-Za-z_]+)`")]
    private static partial Regex CodeName();
}

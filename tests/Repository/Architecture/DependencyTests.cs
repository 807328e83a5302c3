using System.Reflection;
using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Cloud;
using KmsCloud.Ledger;
using KmsCloud.Passwords;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Architecture;

/// <summary>
/// Which folder of core may use which, and which assembly: these tables are the architecture, docs/architecture.md draws them. A new arrow is a
/// decision: it is written here by the commit that needs it, with the reason.
/// </summary>
public static class DependencyTests
{
    private static readonly string[] ProductFolders = ["core", "cli", "functions"];

    private static readonly Assembly[] Assemblies =
    [
        typeof(IChain).Assembly, typeof(FourEye).Assembly, typeof(BlobStore).Assembly, typeof(AwsPassword).Assembly, typeof(VgsPassword).Assembly, typeof(SecondReader).Assembly, typeof(LedgerBuilder).Assembly,
    ];

    private static readonly Dictionary<string, string[]> MayUse = new(StringComparer.Ordinal)
    {
        ["Errors"] = [],
        ["Native"] = ["Secrets"],
        ["Secrets"] = ["Errors", "Native"],
        ["Primitives"] = ["Errors", "Native", "Secrets"],
        ["Codecs"] = ["Errors", "Primitives"],
        ["Keys"] = ["Errors", "Codecs", "Primitives", "Secrets"],
        ["Chains"] = ["Errors", "Codecs", "Keys"],
        ["Chains.Contracts"] = ["Errors", "Chains", "Codecs", "Keys", "Primitives"],
        ["Chains.*"] = ["Errors", "Chains", "Chains.Contracts", "Codecs", "Keys", "Primitives", "Secrets"],
        ["State"] = ["Errors", "Codecs", "Native", "Secrets"], // the head is JSON under a MAC
        ["Wallets"] = ["Errors", "Codecs", "Keys", "Primitives", "Secrets", "State"],
        ["Policy"] = ["Errors", "Chains", "Codecs", "State"],
        ["Anomalies"] = ["Errors", "Codecs", "Policy"], // the policy's: spans of the day
        ["Evidence"] = ["Errors", "Anomalies", "Chains", "Codecs", "Keys", "Policy"], // the network; a policy's recipients and sums
        ["Audit"] = ["Errors", "Anomalies", "Codecs", "Secrets", "State"], // the report names what looks odd
        ["Gateway"] = ["Errors", "Chains", "Codecs", "Keys"],
        ["Approvals"] = ["Errors", "Anomalies", "Chains", "Codecs", "Evidence", "Gateway", "Keys", "Secrets"], // the gateway's: which addresses are private
        ["Alerts"] = ["Errors", "Approvals", "Codecs", "Secrets"], // the approver's: connections to private addresses
        ["Readers"] = ["Chains", "Codecs", "Keys", "Primitives"], // the network; of BCH also the check of a Schnorr signature and the letters of an address
        ["Ledger"] = ["Errors", "Audit", "Chains", "Codecs", "Secrets", "Signing", "State"], // made from the logs alone: no wallet, no gateway
        ["Telemetry"] = ["Errors", "Codecs"], // log lines as JSON
        ["Cloud"] = ["Errors", "Secrets", "State", "Wallets"],
        ["Passwords"] = ["Errors", "Cloud", "Codecs", "Secrets"],
        ["Signing"] = ["Errors", "Alerts", "Anomalies", "Approvals", "Audit", "Chains", "Codecs", "Evidence", "Gateway", "Keys", "Policy", "Secrets", "State", "Telemetry", "Wallets"],
    };

    [Fact]
    public static void Folders_use_only_what_the_table_allows()
    {
        var forbidden = TypeUses.Of(Assemblies)
            .Select(use => (From: Folder(use.User), To: Folder(use.Used), Text: $"{use.User.Name} uses {use.Used.Name}"))
            .Where(use => use.From is not null && use.To is not null && !IsAllowed(use.From, use.To))
            .GroupBy(use => $"{use.From} -> {use.To}", use => use.Text)
            .Select(arrow => $"{arrow.Key}: {string.Join(", ", arrow.Order(StringComparer.Ordinal))}")
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.True(forbidden.Count == 0, string.Join('\n', forbidden));
    }

    [Fact]
    public static void Each_assembly_references_what_its_trust_allows()
    {
        Assert.Equal(["KmsCloud.Core", "KmsCloud.Service", "KmsCloud.Azure", "KmsCloud.Aws", "KmsCloud.Vgs", "KmsCloud.SecondReader", "KmsCloud.Ledger"], Assemblies.Select(assembly => assembly.GetName().Name));
        Assert.All(Assemblies[1..], assembly => Assert.Equal(["KmsCloud.Core"], References(assembly, "KmsCloud."))); // none knows the service or another vendor
        Assert.Empty(References(Assemblies[0], "KmsCloud."));
        Assert.All(Assemblies[..5], assembly => Assert.Empty(References(assembly, "NBitcoin").Concat(References(assembly, "Nethereum")))); // what holds keys has no codec of others
        Assert.Empty(References(Assemblies[0], "System.Net")); // nor sockets, nor HTTP, nor names
        Assert.All(References(Assemblies[0], ""), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
        Assert.All(Assemblies.Take(2), assembly => Assert.Empty(References(assembly, "Azure").Concat(References(assembly, "AWSSDK"))));
    }

    [Fact]
    public static void The_offline_program_stands_on_assemblies_without_a_network()
    {
        var shared = typeof(KmsCloud.Cli.Shell).Assembly;
        Assert.Equal(["KmsCloud.Core"], References(shared, "KmsCloud."));
        Assert.Empty(References(shared, "System.Net"));
        Assert.Equal(["Spectre.Console", "System.CommandLine"], References(shared, "").Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("KmsCloud.", StringComparison.Ordinal)).Append("System.CommandLine"));
        var project = File.ReadAllText(Path.Combine(Peer.SourceRoot, "cli", "Offline", "KmsCloud.Cli.Offline.csproj"));
        Assert.Equal(["<ProjectReference Include=\"../Shared/KmsCloud.Cli.csproj\" />"], project.Split('\n').Select(line => line.Trim()).Where(line => line.Contains("Reference Include", StringComparison.Ordinal)));
    }

    [Fact]
    public static void Kms_and_its_sandbox_do_not_know_each_other()
    {
        var (online, sandbox) = (typeof(KmsCloud.Cli.OnlineEdition).Assembly, typeof(KmsCloud.Cli.Sandbox.SandboxRun).Assembly);
        Assert.DoesNotContain("kms-sandbox", References(online, ""));
        Assert.Equal(["KmsCloud.Cli", "KmsCloud.Core", "KmsCloud.SecondReader", "KmsCloud.Service"], References(sandbox, "KmsCloud.").Order(StringComparer.Ordinal));
        Assert.DoesNotContain("kms", References(sandbox, ""));
    }

    [Fact]
    public static void No_product_project_lists_files_to_leave_out_and_no_source_is_compiled_in_two_ways()
    {
        var files = ProductFolders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Peer.SourceRoot, folder), "*", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .ToList();
        Assert.DoesNotContain(files, path => path.EndsWith(".csproj", StringComparison.Ordinal) && File.ReadAllText(path).Contains("Compile Remove", StringComparison.Ordinal));
        Assert.DoesNotContain(files, path => path.EndsWith(".cs", StringComparison.Ordinal) && File.ReadLines(path).Any(line => line.StartsWith("#if", StringComparison.Ordinal)));
    }

    [Fact]
    public static void Every_folder_is_in_the_table_and_uses_what_it_may()
    {
        var arrows = TypeUses.Of(Assemblies).Select(use => (From: Folder(use.User), To: Folder(use.Used))).Where(use => use.From is not null && use.To is not null).Distinct().ToList();
        Assert.Equal(MayUse.Keys.Where(row => row != "Chains.*").Order(StringComparer.Ordinal), arrows.SelectMany(arrow => new[] { arrow.From!, arrow.To! }).Select(RowOf).Where(row => row != "Chains.*").Distinct().Order(StringComparer.Ordinal));
        var unused = MayUse.SelectMany(row => row.Value, (row, to) => (From: row.Key, To: to)).Where(allowed => !arrows.Exists(arrow => RowOf(arrow.From!) == allowed.From && arrow.To == allowed.To));
        Assert.Empty(unused); // what nobody needs is not allowed
    }

    private static IEnumerable<string> References(Assembly assembly, string prefix) =>
        assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsAllowed(string from, string to) =>
        from == to
        || (from == "Chains" && to.StartsWith("Chains.", StringComparison.Ordinal)) // the catalog names every chain
        || MayUse[RowOf(from)].Contains(to);

    private static string RowOf(string folder) => MayUse.ContainsKey(folder) ? folder : folder.StartsWith("Chains.", StringComparison.Ordinal) ? "Chains.*" : folder;

    /// <summary>The folder of a type, such as Wallets, Native or Chains.Evm; null for what the compiler makes.</summary>
    private static string? Folder(Type type) => type.Namespace?.Split('.') switch
    {
        ["KmsCloud", "Chains", var chain] => $"Chains.{chain}",
        ["KmsCloud", _, "Native"] => "Native",
        ["KmsCloud", var folder] => folder,
        _ => null,
    };
}

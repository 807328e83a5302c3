using System.Text.RegularExpressions;
using KmsCloud.Chains;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Architecture;

/// <summary>What is known of a chain is in its folder: outside of it only the catalog names it.</summary>
public static partial class ChainAtHomeTests
{
    private static readonly string[] Roots = ["core", "functions"];

    [Fact]
    public static void No_file_outside_a_chains_folder_names_it_but_the_catalog()
    {
        var families = Directory.GetDirectories(Path.Combine(Peer.SourceRoot, "core", "Chains")).Select(Path.GetFileName).Where(name => name != "Contracts" && name != "Broadcasts").ToList();
        Assert.Equal(12, families.Count);
        var guests =
            from root in Roots
            from path in Directory.EnumerateFiles(Path.Combine(Peer.SourceRoot, root), "*.cs", SearchOption.AllDirectories)
            where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal) && Path.GetFileName(path) != "ChainCatalog.cs"
            let code = Comment().Replace(File.ReadAllText(path), "")
            from family in families
            where !path.Contains($"/Chains/{family}/", StringComparison.Ordinal) && code.Contains($"Chains.{family}", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Peer.SourceRoot, path)} names {family}";
        Assert.Empty(guests);
    }

    [Fact]
    public static void No_file_outside_the_chains_writes_a_chains_code()
    {
        var guests =
            from root in Roots
            from path in Directory.EnumerateFiles(Path.Combine(Peer.SourceRoot, root), "*.cs", SearchOption.AllDirectories)
            where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal) && !IsOfOneChain(path)
            let code = Comment().Replace(File.ReadAllText(path), "")
            from chain in ChainCatalog.Codes
            where code.Contains($"\"{chain}\"", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Peer.SourceRoot, path)} writes {chain}";
        Assert.Empty(guests);
    }

    /// <summary>
    /// A folder below core/Chains that is one chain's or one family's, or the second reader: which chains it reads, and by which prefixes, is its
    /// own knowledge on purpose, since what it took from the chains it could not hold against them.
    /// </summary>
    private static bool IsOfOneChain(string path) =>
        path.Contains("/core/SecondReader/", StringComparison.Ordinal)
        || (path.Split("/core/Chains/") is [_, var rest] && rest.Contains('/', StringComparison.Ordinal));

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();
}

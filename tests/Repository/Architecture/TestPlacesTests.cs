using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Architecture;

/// <summary>Tests are where one looks for them: in the project of the assembly, in the folder of the class.</summary>
public static class TestPlacesTests
{
    private const string Suffix = "Tests.cs";

    /// <summary>The folder of an assembly, the innermost first, and that of its tests.</summary>
    private static readonly (string Product, string Tests)[] Places =
    [
        ("core/Service", "Service"), ("core/Azure", "Azure"), ("core/Aws", "Aws"), ("core/Vgs", "Vgs"),
        ("core/SecondReader", "SecondReader"), ("core/Ledger", "Ledger"), ("core", "Core"),
        ("cli/Shared", "Cli"), ("cli/Online", "Cli"), ("cli/Sandbox", "Cli"), ("functions", "Functions"),
    ];

    [Fact]
    public static void Every_source_of_tests_belongs_to_a_project() => Assert.All(Sources("tests"), file =>
    {
        var folder = Path.Combine(Peer.SourceRoot, "tests", file.Split('/')[1]);
        Assert.True(Directory.GetFiles(folder, "*.csproj").Length == 1, $"{file} is in no test project");
    });

    [Fact]
    public static void A_class_has_its_tests_in_the_folder_of_its_own_name()
    {
        var homes = Places.SelectMany(place => Sources(place.Product)).Distinct().ToLookup(Path.GetFileName, Home, StringComparer.Ordinal);
        var elsewhere =
            from file in Sources("tests")
            where file.EndsWith(Suffix, StringComparison.Ordinal)
            let expected = homes[Path.GetFileName(file)[..^Suffix.Length] + ".cs"].ToList()
            where expected.Count > 0 && !expected.Contains(Path.GetDirectoryName(file)!)
            select $"{file} belongs into {string.Join(" or ", expected)}";
        Assert.Empty(elsewhere);
    }

    private static string Home(string file)
    {
        var (product, tests) = Places.First(place => file.StartsWith(place.Product + "/", StringComparison.Ordinal));
        return Path.Combine("tests", tests, Path.GetDirectoryName(file)![product.Length..].TrimStart('/')).TrimEnd('/');
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Peer.SourceRoot, folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Peer.SourceRoot, file))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "node_modules"));
}

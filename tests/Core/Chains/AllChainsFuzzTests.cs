using KmsCloud.Chains;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains;

/// <summary>Mutated vectors and answers for every decoder, counted: 200,000 in the suite, ten million in <c>tests/run --long</c>.</summary>
public static class AllChainsFuzzTests
{
    public static TheoryData<string> Chains => [.. ChainCatalog.All.Keys.Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Chains))]
    public static void Whatever_comes_is_signed_or_refused(string chain) =>
        ChainFuzz.Run(chain, (ChainFuzz.Inputs + ChainCatalog.All.Count - 1) / ChainCatalog.All.Count);
}

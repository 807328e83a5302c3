using System.Reflection;
using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Cloud;
using KmsCloud.Functions;
using KmsCloud.Ledger;
using KmsCloud.Passwords;
using KmsCloud.Readers;

namespace KmsCloud.Tests.Architecture;

/// <summary>A type of core is public because another assembly of the product uses it, or because the signature of one that is used names it.</summary>
public static class PublicTypesTests
{
    private static readonly Assembly[] Core =
    [
        typeof(IChain).Assembly, typeof(FourEye).Assembly, typeof(BlobStore).Assembly, typeof(AwsPassword).Assembly,
        typeof(VgsPassword).Assembly, typeof(SecondReader).Assembly, typeof(LedgerBuilder).Assembly,
    ];

    private static readonly Assembly[] Hosts =
    [
        typeof(KmsCloud.Cli.Shell).Assembly, typeof(KmsCloud.Cli.OnlineEdition).Assembly,
        typeof(KmsCloud.Cli.Sandbox.SandboxRun).Assembly, typeof(FunctionSettings).Assembly,
    ];

    [Fact]
    public static void Every_public_type_of_core_is_used_by_another_assembly()
    {
        var used = TypeUses.Of([.. Core, .. Hosts]).Where(use => use.User.Assembly != use.Used.Assembly).Select(use => use.Used).ToHashSet();
        var reached = new Stack<Type>(used.Where(IsOfCore));
        while (reached.TryPop(out var type))
        {
            foreach (var named in TypeUses.InSignatures(type).Where(IsOfCore).Where(used.Add))
            {
                reached.Push(named);
            }
        }

        var idle = Core.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => !type.IsNested && !used.Contains(type))
            .Select(type => type.FullName)
            .Order(StringComparer.Ordinal);
        Assert.Empty(idle);
    }

    private static bool IsOfCore(Type type) => Core.Contains(type.Assembly);
}

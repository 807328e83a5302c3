using KmsCloud.Ledger;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Ledger;

/// <summary>Issue 23: a log of any length is made into a ledger in the same memory.</summary>
[Collection(typeof(MeasuresMemory))]
public static class LedgerMemoryTests
{
    [Fact] // a million lines need no more memory than a thousand
    public static async Task Memory_does_not_grow_with_the_log()
    {
        var few = await AllocatedPerLine(6_000);
        var many = await AllocatedPerLine(18_000);
        Assert.True(many.Kept < few.Kept + (512 << 10), $"{few.Kept} bytes kept after {few.Lines} lines, {many.Kept} after {many.Lines}");
    }

    private static async Task<(long Kept, long Lines)> AllocatedPerLine(int count)
    {
        using var own = new TempFolder();
        await SimulatedYear.WriteAsync(own.Root, count);
        using var key = SimulatedYear.Key();
        var most = 0L;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var source = new LedgerBuilder(own.Root, key, null) { Progress = _ => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before) }.Build(own.File("ledger.db"));
        most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        return (most, source.AuditLines);
    }
}

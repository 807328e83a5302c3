using KmsCloud.Ledger;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Ledger;

/// <summary>Issue 23: a log of any length is made into a ledger in the same memory.</summary>
[Collection(typeof(MeasuresMemory))]
public static class LedgerMemoryTests
{
    private const int Tries = 3; // the runtime trims its pools when it likes; what a log would fill, it fills each time

    [Fact] // a million lines need no more memory than a thousand
    public static async Task Memory_does_not_grow_with_the_log()
    {
        List<string> seen = [];
        while (seen.Count < Tries)
        {
            var few = await AllocatedPerLine(6_000);
            var many = await AllocatedPerLine(18_000);
            if (many.Kept < few.Kept + (512 << 10))
            {
                return;
            }

            seen.Add($"{few.Kept} bytes kept after {few.Lines} lines, {many.Kept} after {many.Lines}");
        }

        Assert.Fail(string.Join('\n', seen));
    }

    private static async Task<(long Kept, long Lines)> AllocatedPerLine(int count)
    {
        using var own = new TempFolder();
        await SimulatedYear.WriteAsync(own.Root, count);
        using var key = SimulatedYear.Key();
        var most = 0L;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        void Measure() => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        var builder = new LedgerBuilder(own.Root, key, null) { Progress = _ => Measure() };
        var source = builder.Build(own.File("ledger.db"));
        Measure();
        return (most, source.AuditLines);
    }
}

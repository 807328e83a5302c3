using System.Diagnostics;
using System.Globalization;
using KmsCloud.Chains;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>A long journal opens fast and takes little memory (red team F12).</summary>
[Collection(typeof(MeasuresMemory))]
public sealed class JournalMemoryTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>A million with KMS_JOURNAL_ENTRIES=1000000: the figures are in docs/performance.md.</summary>
    [Fact]
    public async Task Opens_a_long_journal_in_little_memory()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("KMS_JOURNAL_ENTRIES"), CultureInfo.InvariantCulture, out var chosen) ? chosen : 60_000;
        using (var books = new SealedJournal(folder, TimeProvider.System))
        {
            for (var i = 0; i < count; i += 2000)
            {
                await Task.WhenAll(Enumerable.Range(i, Math.Min(2000, count - i)).Select(async n =>
                {
                    var id = new Guid(n, 0, 0, new byte[8]).ToString();
                    await SignAsync(books.Journal, id, (ulong)n);
                    await books.Journal.RecordStateAsync(id, JournalState.Accepted, null, null);
                }));
            }

            await books.Journal.DrainAsync();
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        using var opened = new SealedJournal(folder, TimeProvider.System);
        var took = watch.Elapsed;
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(count, opened.Journal.Count);
        Assert.True(opened.Journal.LinesRead <= 2 * (JournalCheckpoints.Between + 4000), $"{opened.Journal.LinesRead} lines were read");
        Assert.True(memory / count < 130, $"{memory / count} bytes an entry");
        Assert.Equal(JournalState.Accepted, (await opened.Journal.FindAsync(new Guid(count / 2, 0, 0, new byte[8]).ToString()))!.State);
        Shown.Line("long journal", $"{count} entries open in {took.TotalMilliseconds:0} ms, {memory / count} bytes each, {new FileInfo(folder.File(SealedJournal.JournalName)).Length >> 20} MiB of lines, {new FileInfo(folder.File(JournalCheckpoints.Name)).Length >> 20} MiB of index");
    }

    private static Task<JournalEntry> SignAsync(Journal journal, string id, ulong number) => journal.RecordSignedAsync(
        new PendingTransaction { Id = id, Chain = "ETH", SerializedTransaction = "{}" },
        "c0ffee",
        new("0x" + new string('f', 400), number % 2 == 0 ? $"0x{number:x64}" : null) { SequenceAccount = "ETH:a", Sequence = number });
}

using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Which numbers of an account are held, free and next.</summary>
public static class SequenceBookTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public static void Says_what_a_plain_set_says(int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var (book, plain) = (new SequenceBook(), new SortedSet<ulong>());
        ulong? start = null;
        var lowest = ulong.MaxValue;
        for (var step = 0; step < 4000; step++)
        {
            var number = (ulong)random.Below(60);
            switch (random.Below(20))
            {
                case 0:
                    start = number;
                    book.StartAt("a", number);
                    break;
                case < 8:
                    plain.Remove(number);
                    book.Free("a", number);
                    break;
                default:
                    plain.Add(number);
                    lowest = Math.Min(lowest, number);
                    book.Take("a", number);
                    break;
            }

            var next = start is { } from ? FirstFree(plain, from) : plain.Count > 0 ? plain.Max + 1 : (ulong?)null;
            Assert.Equal(next, book.Next("a"));
            var missing = plain.Count == 0 ? [] : Enumerable.Range(0, (int)plain.Max).Select(i => (ulong)i).Where(i => i >= Math.Min(lowest, start ?? lowest) && !plain.Contains(i));
            Assert.Equal(missing, book.Gaps("a").SelectMany(gap => Enumerable.Range((int)gap.First, (int)(gap.Last - gap.First) + 1)).Select(i => (ulong)i));
        }

        Assert.Null(book.Next("b"));
        Assert.Empty(book.Gaps("b"));
    }

    [Fact]
    public static async Task A_gap_is_shown_and_given_to_the_next_transaction_also_after_a_restart()
    {
        using var folder = new TempFolder();
        using (var log = FileAppendLog.Open(folder.File("journal.jsonl")))
        {
            var journal = Journal.Open(log, TimeProvider.System);
            foreach (var number in new ulong[] { 7, 8, 9, 10 })
            {
                await SignAsync(journal, number);
            }

            await journal.RecordStateAsync("7", JournalState.Rejected, null, "no");
            await journal.RecordStateAsync("9", JournalState.Rejected, null, "no");
            var state = Assert.Single(journal.SequenceStates());
            Assert.Equal("7, 9", string.Join(", ", state.Gaps));
            Assert.Equal((2, 8UL, 10UL, 11UL), (state.Waiting, state.Lowest, state.Highest, state.Next));
            await Assert.ThrowsAsync<KmsException>(() => journal.RenumberAsync("ETH:a", 11));
            await Assert.ThrowsAsync<KmsException>(() => journal.RenumberAsync("ETH:b", 1));
            await journal.RenumberAsync("ETH:a", 7);
        }

        using (var log = FileAppendLog.Open(folder.File("journal.jsonl")))
        {
            var journal = Journal.Open(log, TimeProvider.System);
            foreach (var expected in new ulong[] { 7, 9, 11, 12 })
            {
                Assert.Equal(expected, journal.NextSequence("ETH:a"));
                await SignAsync(journal, expected, "again ");
            }

            Assert.Empty(Assert.Single(journal.SequenceStates()).Gaps);
        }
    }

    private static Task<JournalEntry> SignAsync(Journal journal, ulong number, string prefix = "") => journal.RecordSignedAsync(
        new PendingTransaction { Id = $"{prefix}{number}", Chain = "ETH", SerializedTransaction = "{}" }, "00", new("0x", "ab") { SequenceAccount = "ETH:a", Sequence = number });

    private static ulong FirstFree(SortedSet<ulong> held, ulong from)
    {
        while (held.Contains(from))
        {
            from++;
        }

        return from;
    }
}

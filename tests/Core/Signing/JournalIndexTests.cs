using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>The index beside the journal changes how fast it opens and how much memory it takes, and nothing else (red team F12).</summary>
public sealed class JournalIndexTests : IDisposable
{
    private const string JournalName = SealedJournal.JournalName;
    private const string IndexName = JournalCheckpoints.Name;
    private readonly TempFolder folder = new();
    private readonly SetClock clock = new() { Now = new(2026, 11, 27, 8, 0, 0, TimeSpan.Zero) };

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 20)]
    [InlineData(3, 50)]
    [InlineData(4, 1)]
    public async Task Says_after_every_restart_what_the_whole_journal_says(int seed, int between)
    {
        var random = new SeededRandom((ulong)seed);
        var ids = 0;
        for (var life = 0; life < 12; life++)
        {
            using var books = Open(between);
            await Compare(books);
            for (var step = random.Below(60); step > 0; step--)
            {
                clock.Now += TimeSpan.FromSeconds(1);
                var id = ids == 0 || random.Below(3) == 0 ? $"id-{ids++}" : $"id-{random.Below(ids)}";
                await StepAsync(books.Journal, random, id);
            }

            await Compare(books);
            await books.Journal.DrainAsync();
        }

        using var last = Open(between);
        Assert.True(last.Journal.LinesRead < last.Log.Number, $"the whole journal was read, {last.Journal.LinesRead} lines");
        Assert.Null(last.Journal.VerifyOld(CancellationToken.None));
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("emptied")]
    [InlineData("a byte changed")]
    [InlineData("the last line removed")]
    [InlineData("torn")]
    [InlineData("an older one put back")]
    public async Task An_index_that_does_not_fit_is_made_anew(string how)
    {
        await FillAsync(40);
        var path = folder.File(IndexName);
        var older = File.ReadAllBytes(path);
        await FillAsync(40);
        var bytes = File.ReadAllBytes(path);
        switch (how)
        {
            case "removed":
                File.Delete(path);
                break;
            case "emptied":
                File.WriteAllBytes(path, []);
                break;
            case "a byte changed":
                bytes[bytes.Length / 3] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "the last line removed":
                File.WriteAllBytes(path, bytes[..(bytes.AsSpan()[..^1].LastIndexOf((byte)'\n') + 1)]);
                break;
            case "torn":
                File.WriteAllBytes(path, bytes[..^9]);
                break;
            default:
                File.WriteAllBytes(path, older);
                break;
        }

        for (var life = 0; life < 3; life++)
        {
            using var books = Open(5);
            await Compare(books);
            await books.Journal.DrainAsync();
        }

        using var healed = Open(5);
        Assert.True(healed.Journal.LinesRead < healed.Log.Number, "it was never made anew");
    }

    [Theory]
    [InlineData("an old line changed")]
    [InlineData("an old line removed")]
    [InlineData("two old lines exchanged")]
    public async Task What_was_done_to_lines_that_are_not_read_is_noticed_beside_the_work_and_stops_it(string how)
    {
        await FillAsync(60);
        var path = folder.File(JournalName);
        var lines = File.ReadAllText(path).Split('\n');
        switch (how)
        {
            case "an old line changed":
                lines[3] = lines[3].Replace("\"event\":\"signed\"", "\"event\":\"signEd\"", StringComparison.Ordinal).Replace("\"event\":\"accepted\"", "\"event\":\"rejected\"", StringComparison.Ordinal);
                break;
            case "an old line removed":
                lines = [.. lines[..4], new string(' ', lines[4].Length), .. lines[5..]];
                break;
            default:
                (lines[4], lines[5]) = (lines[5], lines[4]);
                break;
        }

        File.WriteAllText(path, string.Join('\n', lines));
        KmsException? error = null;
        try
        {
            using var books = Open(5);
            error = books.Journal.VerifyOld(CancellationToken.None);
            Assert.NotNull(error);
            await Assert.ThrowsAsync<KmsException>(() => books.Journal.FindAsync("id-1"));
            await Assert.ThrowsAsync<KmsException>(() => SignAsync(books.Journal, "new", 1));
        }
        catch (KmsException refused)
        {
            error = refused; // the mark itself no longer fits, and the whole journal was read
        }

        Assert.Equal(Failure.WalletFile, error!.Failure);
    }

    [Fact]
    public async Task A_check_of_old_lines_that_cannot_read_them_or_is_stopped_says_nothing_about_them()
    {
        await FillAsync(60);
        using (var stopped = Open(5))
        {
            Assert.Null(stopped.Journal.VerifyOld(new CancellationToken(canceled: true)));
            Assert.NotNull(await stopped.Journal.FindAsync("id-1"));
        }

        var closed = Open(5);
        closed.Dispose(); // the key is gone: as when the network is
        Assert.Null(closed.Journal.VerifyOld(CancellationToken.None));
    }

    [Fact]
    public async Task A_line_that_is_on_disk_and_not_in_memory_is_never_left_out_by_a_mark_behind_it()
    {
        FailingPlaces? places = null;
        using (var books = new SealedJournal(folder, clock, between: 5, inner => places = new(inner)))
        {
            await SignAsync(books.Journal, "first", 1);
            places!.Fails = true;
            await Assert.ThrowsAsync<KmsException>(() => SignAsync(books.Journal, "lost", 2)); // durable, and then the head could not be written
            places.Fails = false;
            for (var i = 0; i < 20; i++)
            {
                await SignAsync(books.Journal, $"id-{i}", (ulong)i + 3);
            }

            await books.Journal.DrainAsync();
        }

        using var again = Open(5);
        Assert.NotNull(await again.Journal.FindAsync("lost"));
        await Compare(again);
    }

    [Fact]
    public async Task A_journal_that_was_cut_does_not_open_however_well_the_index_fits()
    {
        await FillAsync(60);
        var bytes = File.ReadAllBytes(folder.File(JournalName));
        var cut = bytes.AsSpan()[..^1].LastIndexOf((byte)'\n') + 1;
        File.WriteAllBytes(folder.File(JournalName), bytes[..cut]);
        Assert.Throws<KmsException>(() => Open(5).Dispose());
    }

    [Fact]
    public void A_table_says_what_a_dictionary_says()
    {
        var random = new SeededRandom(9);
        var (table, plain) = (new FingerprintTable<long>(), new Dictionary<UInt128, long>());
        for (var i = 0; i < 200_000; i++)
        {
            var key = FingerprintTable<long>.Of($"{random.Below(30_000)}");
            var value = random.Below(5);
            table[key] = plain[key] = value;
            var other = FingerprintTable<long>.Of($"{random.Below(40_000)}");
            Assert.Equal(plain.GetValueOrDefault(other), table[other]);
        }
    }

    private async Task FillAsync(int ids)
    {
        using var books = Open(5);
        var first = books.Journal.Count;
        for (var i = first; i < first + ids; i++)
        {
            await SignAsync(books.Journal, $"id-{i}", (ulong)i);
            await books.Journal.RecordStateAsync($"id-{i}", JournalState.Accepted, null, null);
        }

        await books.Journal.DrainAsync();
    }

    private static async Task StepAsync(Journal journal, SeededRandom random, string id)
    {
        var entry = await journal.FindAsync(id);
        if (entry is null or { MaySignAfresh: true })
        {
            var account = $"ETH:{random.Below(3)}";
            var next = journal.NextSequence(account) ?? 5;
            await SignAsync(journal, id, next + (ulong)random.Below(3), account, isDated: random.Coin());
            return;
        }

        switch (random.Below(8))
        {
            case 0:
                await journal.RecordHeardAsync(id, $"heard {random.Below(3)}", JournalDoubt.None, random.Below(5));
                break;
            case 1:
                await journal.RecordStateAsync(id, JournalState.Released, null, "released");
                break;
            case 2 when entry.State is JournalState.Outstanding:
                await journal.RecordStateAsync(id, JournalState.Rejected, null, "no");
                break;
            case 3:
                await journal.RecordStateAsync(id, JournalState.Expired, "named", "too late");
                break;
            case 4 when entry.SequenceAccount is { } account && journal.NextSequence(account) is > 6 and var next:
                await journal.RenumberAsync(account, next - 2);
                break;
            default:
                await journal.RecordStateAsync(id, JournalState.Accepted, random.Coin() ? "named" : null, random.Coin() ? "words" : null);
                break;
        }
    }

    private static Task<JournalEntry> SignAsync(Journal journal, string id, ulong number, string account = "ETH:a", bool isDated = false) => journal.RecordSignedAsync(
        new PendingTransaction { Id = id, Chain = "ETH", SerializedTransaction = "{}" },
        "c0ffee",
        new("0x" + new string('f', 400), isDated || number % 2 == 0 ? $"0x{number:x64}" : null) { SequenceAccount = account, Sequence = number, IsDated = isDated });

    /// <summary>Every entry, number and claim as a plain reading of all lines has them.</summary>
    private async Task Compare(SealedJournal books)
    {
        using var log = FileAppendLog.OpenForReading(folder.File(JournalName));
        var whole = JournalLog.ReadAll(log);
        using var again = FileAppendLog.OpenForReading(folder.File(JournalName));
        var plain = Journal.Open(again, clock);
        Assert.Equal(whole.Count, books.Journal.Count);
        Assert.Equal(plain.Count, books.Journal.Count);
        foreach (var (id, entry) in whole)
        {
            var found = (await books.Journal.FindAsync(id))!;
            Assert.Equal(entry with { HeardAt = null, Sent = 0, Doubt = JournalDoubt.None }, found with { HeardAt = null, Sent = 0, Doubt = JournalDoubt.None });
            Assert.Equal(entry.MaySignAfresh, found.MaySignAfresh);
        }

        Assert.Equal(plain.Unsettled.Select(entry => entry.Id).Order(StringComparer.Ordinal), books.Journal.Unsettled.Select(entry => entry.Id).Order(StringComparer.Ordinal));
        foreach (var account in new[] { "ETH:0", "ETH:1", "ETH:2" })
        {
            Assert.Equal(plain.NextSequence(account), books.Journal.NextSequence(account));
        }

        Assert.Equal(plain.SequenceStates().Select(state => $"{state with { Gaps = [] }} {string.Join(',', state.Gaps)}"), books.Journal.SequenceStates().Select(state => $"{state with { Gaps = [] }} {string.Join(',', state.Gaps)}"));
        Assert.Null(await books.Journal.FindAsync("nobody"));
        foreach (var entry in whole.Values.Where(entry => entry is { IsDated: true, TransactionId: not null }))
        {
            var signed = new SignedTransaction("0x", entry.TransactionId) { IsDated = true };
            Assert.Equal(plain.TryClaim("nobody", signed), books.Journal.TryClaim("nobody", signed));
        }
    }

    private SealedJournal Open(int between = JournalCheckpoints.Between) => new(folder, clock, between);

    /// <summary>A head that cannot be written while a test says so.</summary>
    private sealed class FailingPlaces(IRecordPlaces inner) : IRecordPlaces
    {
        public int Count => inner.Count;

        public bool IsAllOrNothing => inner.IsAllOrNothing;

        internal bool Fails { get; set; }

        public byte[]? Read(int place) => inner.Read(place);

        public void Write(int place, ReadOnlySpan<byte> record, bool flush = true)
        {
            if (Fails)
            {
                throw new KmsException(Failure.WalletFile, "the disk says no");
            }

            inner.Write(place, record, flush);
        }

        public void Dispose() => inner.Dispose();
    }
}

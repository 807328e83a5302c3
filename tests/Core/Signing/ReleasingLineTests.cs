using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>An older line that its index stands for is read back only when it is asked for, before or while it is checked: whatever it says by then, it frees nothing.</summary>
public sealed class ReleasingLineTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly SetClock clock = new() { Now = new(2026, 11, 27, 8, 0, 0, TimeSpan.Zero) };

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_changed_line_of_one_that_has_expired_does_not_let_it_be_signed_afresh(bool isChangedBeforeTheStart)
    {
        const string Id = "id-7";
        using (var books = new SealedJournal(folder, clock, between: 5))
        {
            for (var i = 0; i < 5000; i++) // more than are kept in memory
            {
                await SignAsync(books.Journal, $"id-{i}", (ulong)i);
                await books.Journal.RecordStateAsync($"id-{i}", i == 7 ? JournalState.Expired : JournalState.Accepted, null, null);
            }

            Assert.False((await books.Journal.FindAsync(Id))!.MaySignAfresh);
            await books.Journal.DrainAsync();
            if (!isChangedBeforeTheStart)
            {
                Change();
                await RequireHeldAsync(books.Journal);
                return;
            }
        }

        Change();
        using var again = new SealedJournal(folder, clock, between: 5);
        Assert.True(again.Journal.LinesRead < again.Log.Number, "the whole journal was read");
        await RequireHeldAsync(again.Journal);

        void Change()
        {
            var path = folder.File(SealedJournal.JournalName);
            var text = File.ReadAllText(path);
            var at = text.IndexOf("\"id\":\"id-7\"", StringComparison.Ordinal);
            const string Room = "\"txId\":\"0x0000000000000000000000000000000000000000000000000000000000000007\"";
            const string Lie = "\"dated\":true,\"x\":\"00000000000000000000000000000000000000000000000000000000\"";
            Assert.Equal(Room.Length, Lie.Length);
            var room = text.IndexOf(Room, at, StringComparison.Ordinal);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.Position = room;
            file.Write(System.Text.Encoding.ASCII.GetBytes(Lie));
        }
    }

    private static async Task RequireHeldAsync(Journal journal)
    {
        JournalEntry? entry;
        try
        {
            entry = await journal.FindAsync("id-7");
        }
        catch (KmsException error)
        {
            Assert.Equal(Failure.WalletFile, error.Failure);
            return;
        }

        Assert.False(entry!.MaySignAfresh, "it may be signed a second time");
    }

    private static Task<JournalEntry> SignAsync(Journal journal, string id, ulong number) => journal.RecordSignedAsync(
        new PendingTransaction { Id = id, Chain = "ADA", SerializedTransaction = "{}" },
        "c0ffee",
        new("0x" + new string('f', 40), $"0x{number:d64}"));
}

using KmsCloud.Chains;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>What the journal knows with its index is what it knows without.</summary>
public sealed class JournalIndexMembersTests
{
    [Fact]
    public async Task Digest_and_fee_of_a_payment_that_is_out_outlive_a_start_from_the_index()
    {
        using var folder = new TempFolder();
        var clock = TimeProvider.System;
        using (var sealedJournal = new SealedJournal(folder, clock, between: 2))
        {
            for (var i = 0; i < 6; i++)
            {
                var pending = new PendingTransaction { Id = $"id-{i}", Chain = "ETH", SerializedTransaction = "{}" };
                await sealedJournal.Journal.RecordSignedAsync(pending, "00", new SignedTransaction("0x" + i, "0xab" + i), new TransactionDigests("aa", "bb"), 21000);
                await sealedJournal.Journal.DrainAsync();
            }
        }

        using var again = new SealedJournal(folder, clock, between: 2);
        var entry = await again.Journal.FindAsync("id-0");
        Assert.True(again.Journal.LinesRead < 6, "the index was not used");
        Assert.Equal("bb", entry!.TransactionDigest);
        Assert.Equal(21000, entry.Fee);
    }

    // What is sent again is read back from the file: edited in place while the daemon runs, it is sent as it stands there (SOL: the id that is asked for is in it, too).
    [Fact]
    public async Task What_was_edited_in_the_journal_of_a_running_daemon_is_not_sent()
    {
        using var folder = new TempFolder();
        using var sealedJournal = new SealedJournal(folder, TimeProvider.System);
        var pending = new PendingTransaction { Id = "id-0", Chain = "SOL", SerializedTransaction = "{}" };
        var entry = await sealedJournal.Journal.RecordSignedAsync(pending, "00", new SignedTransaction("OURS-OURS-OURS", "ab"));
        var path = folder.File(SealedJournal.JournalName);
        var at = System.Text.Encoding.UTF8.GetString(File.ReadAllBytes(path)).IndexOf("OURS-OURS-OURS", StringComparison.Ordinal);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = at;
            file.Write("EVIL-EVIL-EVIL"u8);
        }

        var sent = "nothing";
        try
        {
            sent = (await sealedJournal.Journal.ReadSignedAsync(entry)).Data;
        }
        catch (KmsCloud.Errors.KmsException)
        {
            // as it should be
        }

        Assert.NotEqual("EVIL-EVIL-EVIL", sent);
    }
}

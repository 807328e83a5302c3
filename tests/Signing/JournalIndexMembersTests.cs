using KmsCloud.Approvals;
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
}

using System.Text;
using Azure.Core;
using KmsCloud.Chains;
using KmsCloud.Cloud;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Cloud;

/// <summary>The journal's index in a state container, where nothing is ever taken away.</summary>
public sealed class BlobJournalIndexTests : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);
    private readonly CloudNames names = new();
    private readonly AzuriteServer azurite;
    private readonly Uri container;

    public BlobJournalIndexTests()
    {
        azurite = new(names);
        container = azurite.Make("state");
    }

    public void Dispose()
    {
        azurite.Dispose();
        names.Dispose();
    }

    [Theory]
    [InlineData(45_000)]
    [InlineData(3)] // blocks of a segment
    public async Task A_start_reads_the_lines_behind_the_last_mark_alone(int mostBlocks)
    {
        for (var life = 1; life <= 3; life++)
        {
            using (var books = new Books(this, mostBlocks))
            {
                await books.FillAsync($"{life}", 120);
                Assert.Equal(120 * life, books.Journal.Count);
            }

            using var again = new Books(this, mostBlocks);
            Assert.Equal(120 * life, again.Journal.Count);
            Assert.True(again.Journal.LinesRead < 100, $"{again.Journal.LinesRead} of {again.Log.Number} lines were read");
            Assert.Equal(JournalState.Accepted, (await again.Journal.FindAsync("1-7"))!.State);
            Assert.Null(again.Journal.VerifyOld(CancellationToken.None));
        }
    }

    [Fact]
    public async Task An_index_that_was_changed_is_not_used_and_does_no_harm()
    {
        using (var books = new Books(this, 45_000))
        {
            await books.FillAsync("1", 120);
        }

        var url = new Uri(BlobStore.Below(container, JournalCheckpoints.Name).AbsoluteUri + ".00000");
        var bytes = Encoding.UTF8.GetBytes(azurite.Text(url));
        bytes[bytes.Length / 2] ^= 1;
        Put(url, bytes);
        for (var life = 2; life < 4; life++)
        {
            using var books = new Books(this, 45_000);
            Assert.Equal(120 * (life - 1), books.Journal.Count);
            await books.FillAsync($"{life}", 120);
        }
    }

    private void Put(Uri url, byte[] bytes)
    {
        using (azurite.Rest.Send(RequestMethod.Delete, url))
        {
        }

        using (azurite.Rest.Send(RequestMethod.Put, url, request =>
        {
            request.Headers.SetValue("x-ms-blob-type", "AppendBlob");
            request.Content = RequestContent.Create(Array.Empty<byte>());
        }))
        {
        }

        using var appended = azurite.Rest.Send(RequestMethod.Put, new(url.AbsoluteUri + "?comp=appendblock"), request => request.Content = RequestContent.Create(bytes));
        Assert.Equal(201, appended.Status);
    }

    private sealed class Books : IDisposable
    {
        private readonly StateHead head;
        private readonly SealedLog index;

        internal Books(BlobJournalIndexTests world, int mostBlocks)
        {
            var record = BlobRecord.Open(world.azurite.Store, BlobStore.Below(world.container, StateHead.RecordName), StateHead.Size);
            head = StateHead.Open(record, SecretBytes.Copy(Encoding.ASCII.GetBytes("a key of the tests that seals it.")));
            Log = new(Open(world, "journal.jsonl", mostBlocks), "journal.jsonl", head);
            index = new(Open(world, JournalCheckpoints.Name, mostBlocks), JournalCheckpoints.Name, head);
            Journal = Journal.Open(Log, index, TimeProvider.System, between: 30);
        }

        internal SealedLog Log { get; }

        internal Journal Journal { get; }

        public void Dispose()
        {
            index.Dispose();
            Log.Dispose();
            head.Dispose();
        }

        internal async Task FillAsync(string prefix, int count)
        {
            for (var i = 0; i < count; i += 10)
            {
                await Task.WhenAll(Enumerable.Range(i, 10).Select(async n =>
                {
                    var pending = new PendingTransaction { Id = $"{prefix}-{n}", Chain = "ETH", SerializedTransaction = "{}" };
                    await Journal.RecordSignedAsync(pending, "c0ffee", new("0xff", $"0x{n:x64}"));
                    await Journal.RecordStateAsync(pending.Id, JournalState.Accepted, null, null);
                }));
            }

            await Journal.DrainAsync();
        }

        private static BlobAppendLog Open(BlobJournalIndexTests world, string name, int mostBlocks) =>
            BlobAppendLog.Open(world.azurite.Store, BlobStore.Below(world.container, name), Life, TimeProvider.System, mostBlocks);
    }
}

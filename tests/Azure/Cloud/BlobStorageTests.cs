using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using KmsCloud.Chains;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.State;
using KmsCloud.Tests.Support.Cloud;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Cloud;

/// <summary>Wallet file, journal and audit log on blobs: against Azurite over TLS with bearer tokens.</summary>
public sealed class BlobStorageTests : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(15);
    private static readonly PasswordCost Cheap = new(1, 8192);
    private readonly CloudNames names = new();
    private readonly AzuriteServer azurite;
    private readonly SecretBytes password = SecretBytes.FromString("correct horse battery staple");

    public BlobStorageTests() => azurite = new(names);

    public void Dispose()
    {
        azurite.Dispose();
        names.Dispose();
        password.Dispose();
    }

    [Fact]
    public void A_wallet_file_lives_in_a_blob_and_no_update_is_lost()
    {
        var wallet = new BlobWallet(azurite.Store, BlobStore.Below(azurite.Make("wallets"), "wallet.dat"));
        Assert.False(wallet.Exists());
        Assert.Equal(Failure.WalletFile, Assert.Throws<KmsException>(() => wallet.Read()).Failure);
        using (var edit = WalletEdit.OpenOrCreate(wallet, password, Cheap))
        {
            edit.Add(Entry());
            edit.Save();
        }

        using var store = WalletStore.Open(wallet, password, ChainCatalog.WalletsOf);
        Assert.Single(store.Wallets);
        Assert.False(store.ReloadIfReplaced());
        using (var first = WalletEdit.OpenOrCreate(wallet, password, Cheap))
        using (var second = WalletEdit.OpenOrCreate(wallet, password, Cheap))
        {
            first.Add(Entry());
            second.Add(Entry());
            first.Save();
            first.Add(Entry());
            first.Save();
            Assert.Contains("changed by somebody else", Assert.Throws<KmsException>(second.Save).Message, StringComparison.Ordinal);
        }

        Assert.True(store.ReloadIfReplaced());
        Assert.Equal(3, store.Count);
        using (var created = WalletEdit.OpenOrCreate(new BlobWallet(azurite.Store, AzuriteServer.Container("wallets/second.dat")), password, Cheap))
        using (var raced = WalletEdit.OpenOrCreate(new BlobWallet(azurite.Store, AzuriteServer.Container("wallets/second.dat")), password, Cheap))
        {
            created.Save();
            Assert.Throws<KmsException>(raced.Save);
        }
    }

    [Fact]
    public async Task A_log_keeps_its_lines_over_segments_and_openings()
    {
        var url = BlobStore.Below(azurite.Make("state"), "a/journal.jsonl");
        var expected = new List<string>();
        var positions = new List<long>();
        for (var opening = 0; opening < 2; opening++)
        {
            using var log = BlobAppendLog.Open(azurite.Store, url, Life, TimeProvider.System, mostBlocks: 3);
            Assert.Equal(expected, log.ReadLines().Select(line => Encoding.UTF8.GetString(line.Line.Span)));
            for (var batch = 0; batch < 4; batch++)
            {
                string[] lines = [$"{opening}-{batch}-one", $"{opening}-{batch}-two " + new string('x', 50_000)];
                positions.AddRange(await log.AppendAsync([.. lines.Select(line => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(line))]));
                expected.AddRange(lines);
            }

            for (var i = 0; i < expected.Count; i++)
            {
                Assert.Equal(expected[i], Encoding.UTF8.GetString((await log.ReadAsync(positions[i])).Span));
            }
        }

        using var last = BlobAppendLog.Open(azurite.Store, url, Life, TimeProvider.System, mostBlocks: 3);
        Assert.Equal(positions, last.ReadLines().Select(line => line.Position));
        Assert.All(Enumerable.Range(0, 3), segment => Assert.NotEmpty(azurite.Text(new($"{url}.0000{segment}"))));
    }

    [Fact]
    public async Task One_holder_at_a_time_and_a_paused_one_is_fenced_off()
    {
        var url = BlobStore.Below(azurite.Make("state"), "a/journal.jsonl");
        using var first = BlobAppendLog.Open(azurite.Store, url, Life, TimeProvider.System);
        await first.AppendAsync([Encoding.UTF8.GetBytes("first")]);
        Assert.Contains("held by another instance", Assert.Throws<KmsException>(() => BlobAppendLog.Open(azurite.Store, url, Life, TimeProvider.System)).Message, StringComparison.Ordinal);

        // what happens to a holder that was paused: its lease is gone, a successor has one and has written
        using (var broken = azurite.Rest.Send(RequestMethod.Put, new(url + ".00000?comp=lease"), request =>
        {
            request.Headers.SetValue("x-ms-lease-action", "break");
            request.Headers.SetValue("x-ms-lease-break-period", "0");
            request.Content = RequestContent.Create(Array.Empty<byte>());
        }))
        {
            Assert.Equal(202, broken.Status);
        }

        using var second = BlobAppendLog.Open(azurite.Store, url, Life, TimeProvider.System);
        Assert.Contains("no longer ours", (await Assert.ThrowsAsync<KmsException>(() => first.AppendAsync([Encoding.UTF8.GetBytes("late")]))).Message, StringComparison.Ordinal);
        Assert.True(first.IsClosed);
        await second.AppendAsync([Encoding.UTF8.GetBytes("second")]);
        Assert.Equal(["first", "second"], azurite.Text(new(url + ".00000")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await Assert.ThrowsAsync<KmsException>(() => first.AppendAsync([Encoding.UTF8.GetBytes("later")]));
    }

    [Fact]
    public async Task A_lost_answer_writes_a_line_once()
    {
        var url = BlobStore.Below(azurite.Make("state"), "a/journal.jsonl");
        var cuts = new CutAnswers(names.Handler());
        using var log = BlobAppendLog.Open(new(new AzuriteServer.StaticToken(), new HttpClientTransport(new HttpClient(cuts))), url, Life, TimeProvider.System);
        await log.AppendAsync([Encoding.UTF8.GetBytes("first")]);
        cuts.Next = true;
        await log.AppendAsync([Encoding.UTF8.GetBytes("second")]);
        Assert.False(cuts.Next);
        await log.AppendAsync([Encoding.UTF8.GetBytes("third")]);
        Assert.Equal("first\nsecond\nthird\n", azurite.Text(new(url + ".00000")));
    }

    [Fact]
    public async Task Without_network_an_append_fails_and_the_log_stays_closed()
    {
        var url = BlobStore.Below(azurite.Make("state"), "a/journal.jsonl");
        var handler = new CutAnswers(names.Handler());
        using var log = BlobAppendLog.Open(new(new AzuriteServer.StaticToken(), new HttpClientTransport(new HttpClient(handler))), url, Life, TimeProvider.System);
        handler.IsDown = true;
        Assert.Equal(Failure.Gateway, (await Assert.ThrowsAsync<KmsException>(() => log.AppendAsync([Encoding.UTF8.GetBytes("one")]))).Failure);
        handler.IsDown = false;
        await Assert.ThrowsAsync<KmsException>(() => log.AppendAsync([Encoding.UTF8.GetBytes("two")]));
    }

    [Fact]
    public void A_chain_belongs_to_one_journal()
    {
        var container = azurite.Make("state");
        using (new BlobStateFolder(azurite.Store, container, "evm", ["testnet-ETH"], Life, TimeProvider.System))
        {
        }

        using (new BlobStateFolder(azurite.Store, container, "evm", ["testnet-ETH", "testnet-BSC"], Life, TimeProvider.System))
        {
        }

        var error = Assert.Throws<KmsException>(() => new BlobStateFolder(azurite.Store, container, "other", ["testnet-ETH"], Life, TimeProvider.System));
        Assert.Contains("testnet-ETH belongs to another journal", error.Message, StringComparison.Ordinal);
    }

    [Fact] // issue 15, low: the claim is leased
    public void A_chain_stays_claimed_while_its_app_runs_whatever_is_done_to_the_claim()
    {
        var container = azurite.Make("state");
        var claim = BlobStore.Below(container, "chains/testnet-ETH");
        using (var running = new BlobStateFolder(azurite.Store, container, "evm", ["testnet-ETH"], Life, TimeProvider.System))
        {
            using (var deleted = azurite.Rest.Send(RequestMethod.Delete, claim))
            {
                Assert.Equal(412, deleted.Status);
            }

            var error = Assert.Throws<KmsException>(() => new BlobStateFolder(azurite.Store, container, "evm", ["testnet-ETH"], Life, TimeProvider.System));
            Assert.True(error.IsHeldElsewhere);
            using var broken = azurite.Rest.Send(RequestMethod.Put, new(claim.AbsoluteUri + "?comp=lease"), request =>
            {
                request.Headers.SetValue("x-ms-lease-action", "break");
                request.Headers.SetValue("x-ms-lease-break-period", "0");
                request.Content = RequestContent.Create(Array.Empty<byte>());
            });
            Assert.Equal(202, broken.Status);
            Assert.True(SpinWait.SpinUntil(() => running.IsLost, Life), "the app whose claim was broken goes on");
        }

        using (azurite.Rest.Send(RequestMethod.Delete, claim))
        {
        }

        using var successor = new BlobStateFolder(azurite.Store, container, "other", ["testnet-ETH"], Life, TimeProvider.System);
        Assert.False(successor.IsLost);
    }

    [Fact] // issue 14, low: a worker that hangs loses its lease
    public async Task An_app_that_hangs_lets_its_leases_run_out_and_is_fenced_off()
    {
        var container = azurite.Make("state");
        var works = true;
        using var hung = new BlobStateFolder(azurite.Store, container, "evm", ["testnet-ETH"], Life, TimeProvider.System, () => works);
        using var old = hung.Open("journal.jsonl");
        await old.AppendAsync([Encoding.UTF8.GetBytes("one")]);
        works = false;
        (BlobStateFolder Folder, IAppendLog Log)? taken = null;
        Assert.True(SpinWait.SpinUntil(() => (taken = TryOpen(container)) is not null, Life * 4), "nobody can take over");
        using (taken!.Value.Folder)
        using (var log = taken.Value.Log)
        {
            Assert.True(hung.IsLost);
            await Assert.ThrowsAsync<KmsException>(() => old.AppendAsync([Encoding.UTF8.GetBytes("late")]));
            await log.AppendAsync([Encoding.UTF8.GetBytes("two")]);
        }

        Assert.Equal("one\ntwo\n", azurite.Text(BlobStore.Below(container, "evm/journal.jsonl.00000")));
    }

    /// <summary>The claim and the log have a lease each, which need not run out in the same moment.</summary>
    private (BlobStateFolder Folder, IAppendLog Log)? TryOpen(Uri container)
    {
        BlobStateFolder? folder = null;
        try
        {
            folder = new(azurite.Store, container, "evm", ["testnet-ETH"], Life, TimeProvider.System);
            return (folder, folder.Open("journal.jsonl"));
        }
        catch (KmsException error) when (error.IsHeldElsewhere)
        {
            folder?.Dispose();
            Thread.Sleep(300);
            return null;
        }
    }

    private static WalletEntry Entry() => ChainCatalog.Get("ETH").Wallets.GenerateKey(Network.Testnet);

    /// <summary>A network that can lose one answer, or be down.</summary>
    private sealed class CutAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public bool Next { get; set; }

        public bool IsDown { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsDown)
            {
                throw new HttpRequestException("down");
            }

            var response = await base.SendAsync(request, cancellationToken);
            if (Next && request.RequestUri!.Query.Contains("appendblock", StringComparison.Ordinal))
            {
                Next = false;
                response.Dispose();
                throw new HttpRequestException("cut");
            }

            return response;
        }

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsDown ? throw new HttpRequestException("down") : base.Send(request, cancellationToken);
    }
}

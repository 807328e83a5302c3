using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using KmsCloud.Audit;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Cloud;

/// <summary>The end of the audit log and the stop switch in a state container, and its files in the hands of an operator.</summary>
public sealed class BlobStateTests : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(15);
    private readonly CloudWorld cloud = new();
    private readonly TempFolder folder = new();

    public void Dispose()
    {
        cloud.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task An_audit_log_whose_end_was_cut_off_is_noticed()
    {
        await AppendAsync("one");
        var short_ = cloud.Audit();
        await AppendAsync("two");
        await AppendAsync("three"); // opened again each time: the head is read back
        Put("default/audit.jsonl.00000", short_);
        var error = await Assert.ThrowsAsync<KmsException>(() => AppendAsync("four"));
        Assert.Contains("the end was cut off", error.Message, StringComparison.Ordinal);
        Delete("default/audit.head");
        Assert.Contains("audit.head is missing", (await Assert.ThrowsAsync<KmsException>(() => AppendAsync("four"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_is_never_put_back_by_one_who_was_overtaken()
    {
        var url = BlobStore.Below(cloud.State, "r/audit.head");
        var (first, second) = (BlobRecord.Open(cloud.Azurite.Store, url), BlobRecord.Open(cloud.Azurite.Store, url));
        second.Write(0, Record("new"));
        Assert.Contains("written by another instance", Assert.Throws<KmsException>(() => first.Write(0, Record("old"))).Message, StringComparison.Ordinal);
        Assert.True(first.IsClosed);
        Assert.Throws<KmsException>(() => first.Write(0, Record("old")));
        second.Write(1, Record("newer"));
        Assert.False(second.IsClosed);
        Assert.StartsWith("newer", Encoding.ASCII.GetString(BlobRecord.Open(cloud.Azurite.Store, url).Read(0)!), StringComparison.Ordinal);
    }

    [Fact]
    public void A_note_is_read_once_a_second_and_one_that_cannot_be_read_freezes()
    {
        var down = false;
        var reads = 0;
        var store = new BlobStore(new AzuriteServer.StaticToken(), new HttpClientTransport(new HttpClient(new Gate(cloud.Names.Handler(), () =>
        {
            reads++;
            return !down;
        }))));
        var clock = new Ticks();
        var freeze = new Freeze(new BlobNote(store, BlobStore.Below(cloud.State, "default/frozen.json"), clock));
        var switchOfOperator = new Freeze(new BlobNote(cloud.Azurite.Store, BlobStore.Below(cloud.State, "default/frozen.json"), TimeProvider.System));
        Assert.Null(freeze.Reason);
        switchOfOperator.Set("drill", "tester", TimeProvider.System.GetUtcNow());
        Assert.Null(freeze.Reason);
        Assert.Equal(1, reads);
        clock.Now += TimeSpan.TicksPerSecond;
        Assert.StartsWith("drill (tester", freeze.Reason, StringComparison.Ordinal);
        Assert.True(switchOfOperator.Clear());
        down = true;
        clock.Now += TimeSpan.TicksPerSecond;
        Assert.Contains("cannot be read", freeze.Reason, StringComparison.Ordinal);
        down = false;
        clock.Now += TimeSpan.TicksPerSecond;
        Assert.Null(freeze.Reason);
        Assert.False(switchOfOperator.Clear());
    }

    /// <summary>The procedure of docs/cloud.md, with this in place of az.</summary>
    [Fact]
    public async Task An_operator_reads_verifies_and_releases_in_a_copy_and_puts_it_back()
    {
        var id = cloud.World.Add("ETH", "native-transfer-private-key").GetProperty("pending").GetProperty("id").GetString()!;
        cloud.Upload();
        await TickAsync();
        var state = folder.File("state");
        Directory.CreateDirectory(state);
        foreach (var name in new[] { "journal.jsonl", "audit.jsonl" })
        {
            File.WriteAllText(Path.Combine(state, name), cloud.Azurite.Text(BlobStore.Below(cloud.State, $"default/{name}.00000")));
        }

        foreach (var name in Records)
        {
            File.WriteAllText(Path.Combine(state, name), cloud.Azurite.Text(BlobStore.Below(cloud.State, "default/" + name)));
        }

        Assert.Contains(id, Kms("journal", "list", "--state", state).Output, StringComparison.Ordinal);
        var verified = Kms("audit", "verify", "--azure", "--path", cloud.Wallet.AbsoluteUri, "--state", state);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        Assert.Contains("hash chain and MAC", verified.Output, StringComparison.Ordinal);
        var released = Run.Kms(["journal", "forget", id, "--azure", "--path", cloud.Wallet.AbsoluteUri, "--state", state], $"{id}\nit can never be included\n", cloud.Settings(), folder.Root);
        Assert.True(released.ExitCode == 0, released.Error);

        Put("default/journal.jsonl.00000", File.ReadAllText(Path.Combine(state, "journal.jsonl")));
        Put("default/audit.jsonl.00000", File.ReadAllText(Path.Combine(state, "audit.jsonl")));
        foreach (var name in Records)
        {
            using var head = cloud.Azurite.Rest.Send(RequestMethod.Put, BlobStore.Below(cloud.State, "default/" + name), request =>
            {
                request.Headers.SetValue("x-ms-blob-type", "BlockBlob");
                request.Content = RequestContent.Create(File.ReadAllBytes(Path.Combine(state, name)));
            });
            Assert.Equal(201, head.Status);
        }

        await TickAsync();
        Assert.Equal(2, cloud.Journal().Split('\n').Count(line => line.Contains("\"event\":\"signed\"", StringComparison.Ordinal))); // signed afresh
        Assert.Contains("\"decision\":\"released\"", cloud.Audit(), StringComparison.Ordinal);
    }

    private static readonly string[] Records = ["audit.head", "state.head"];

    private static byte[] Record(string text) => Encoding.ASCII.GetBytes(text.PadRight(256));

    private static SecretBytes Key()
    {
        var bytes = new byte[32];
        bytes.AsSpan().Fill(7);
        return SecretBytes.Take(bytes);
    }

    private Run Kms(params string[] arguments) => Run.Kms(arguments, environment: cloud.Settings(), folder: folder.Root);

    private async Task TickAsync()
    {
        using var host = new FunctionsHost(cloud.Package(), cloud.Settings());
        await host.StartAsync();
        var tick = await host.TickAsync();
        Assert.True(tick.Count("broadcast") == 1, tick.Text);
        Assert.Equal(200, await host.StopAsync());
    }

    private async Task AppendAsync(string decision)
    {
        using var state = new BlobStateFolder(cloud.Azurite.Store, cloud.State, "default", [], Life, TimeProvider.System);
        using var log = state.Open("audit.jsonl");
        using var head = new AuditHead(state.OpenRecord(AuditHead.RecordName));
        using var audit = AuditLog.Open(log, TimeProvider.System, Key(), head);
        await audit.AppendAsync(json => json.WriteString("decision", decision));
    }

    private void Put(string name, string text)
    {
        var url = BlobStore.Below(cloud.State, name);
        var bytes = Encoding.UTF8.GetBytes(text);
        Send(RequestMethod.Put, url, request =>
        {
            request.Headers.SetValue("x-ms-blob-type", "AppendBlob");
            request.Content = RequestContent.Create(Array.Empty<byte>());
        });
        Send(RequestMethod.Put, new(url + "?comp=appendblock"), request => request.Content = RequestContent.Create(bytes));
    }

    private void Delete(string name) => Send(RequestMethod.Delete, BlobStore.Below(cloud.State, name), _ => { });

    private void Send(RequestMethod method, Uri url, Action<Request> shape)
    {
        using var response = cloud.Azurite.Rest.Send(method, url, shape);
        Assert.InRange(response.Status, 200, 299);
    }

    private sealed class Ticks : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }

    /// <summary>A network that asks whether it is up.</summary>
    private sealed class Gate(HttpMessageHandler inner, Func<bool> isUp) : DelegatingHandler(inner)
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            isUp() ? base.Send(request, cancellationToken) : throw new HttpRequestException("down");
    }
}

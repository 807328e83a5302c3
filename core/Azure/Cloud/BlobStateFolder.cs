using System.Text;
using Azure.Storage.Blobs.Models;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Cloud;

/// <summary>
/// Journal and audit log in a blob container, below a name: <c>NAME/journal.jsonl.00000</c> …, each under its own lease. A chain
/// belongs to one journal: the blob <c>chains/NETWORK-CHAIN</c> names it, is made only when there is none, and is leased while the
/// app runs, so that two apps that were both given a chain cannot both sign for it, not even while it is handed over.
/// </summary>
public sealed class BlobStateFolder : IStateFolder
{
    private const int LargestOwner = 1024;
    private readonly BlobStore store;
    private readonly Uri container;
    private readonly string owner;
    private readonly TimeSpan life;
    private readonly TimeProvider clock;
    private readonly List<BlobAppendLog> open = [];
    private readonly List<BlobRecord> records = [];
    private readonly List<BlobLease> claims = [];
    private readonly Func<bool>? mayRenew;

    /// <summary>State below a name in a container.</summary>
    /// <param name="store">The storage client.</param>
    /// <param name="container">The container, or a folder in it.</param>
    /// <param name="owner">The app's own part of it.</param>
    /// <param name="chains">The chains the app signs, as <c>testnet-ETH</c>.</param>
    /// <param name="life">How long a lease lives unrenewed: 15 to 60 seconds.</param>
    /// <param name="clock">The time.</param>
    /// <param name="mayRenew">Whether the app still works, asked before each renewal; null for always. An app that hangs is fenced off.</param>
    /// <exception cref="KmsException">A chain belongs to another journal, or the container cannot be used.</exception>
    public BlobStateFolder(BlobStore store, Uri container, string owner, IEnumerable<string> chains, TimeSpan life, TimeProvider clock, Func<bool>? mayRenew = null)
    {
        (this.store, this.container, this.owner, this.life, this.clock, this.mayRenew) = (store, container, owner, life, clock, mayRenew);
        try
        {
            foreach (var chain in chains)
            {
                Claim(chain);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether a log was closed for good, its lease lost or a write in doubt: all must be opened again.</summary>
    public bool IsLost => open.Exists(log => log.IsClosed) || records.Exists(record => record.IsClosed) || claims.Exists(claim => claim.IsLost);

    /// <inheritdoc/>
    public string? ExpectedId { get; init; }

    /// <inheritdoc/>
    public IAppendLog Open(string name)
    {
        var log = BlobAppendLog.Open(store, BlobStore.Below(container, $"{owner}/{name}"), life, clock, mayRenew: mayRenew);
        open.Add(log);
        return log;
    }

    /// <inheritdoc/>
    public IRecordPlaces OpenRecord(string name, int size = 256)
    {
        var record = BlobRecord.Open(store, BlobStore.Below(container, $"{owner}/{name}"), size);
        records.Add(record);
        return record;
    }

    /// <inheritdoc/>
    public IStateNote Note(string name) => new BlobNote(store, BlobStore.Below(container, $"{owner}/{name}"), clock);

    /// <summary>Gives the chains back. Each log holds a lease of its own.</summary>
    public void Dispose()
    {
        claims.ForEach(claim => claim.Dispose());
        claims.Clear();
    }

    private void Claim(string chain)
    {
        var url = BlobStore.Below(container, "chains/" + chain);
        var content = Encoding.UTF8.GetBytes(owner);
        var shape = new BlobUploadOptions { HttpHeaders = new() { ContentType = "text/plain" }, Conditions = BlobStore.Replacing(null) };
        var made = store.Write(url, content, shape, out _);
        if (made.Status is not (200 or 409 or 412))
        {
            throw BlobStore.Problem(url, made, "the owner of the chain");
        }

        RequireOurs(url, chain, content); // before the lease: whose it is says more than that it is held
        claims.Add(BlobLease.Take(store, url, life, clock, mayRenew));
        RequireOurs(url, chain, content);
    }

    private void RequireOurs(Uri url, string chain, ReadOnlySpan<byte> content)
    {
        var read = store.Read(url, LargestOwner, out var there);
        if (!read.IsDone)
        {
            throw BlobStore.Problem(url, read, "the owner of the chain");
        }

        if (!there!.Bytes.AsSpan().SequenceEqual(content))
        {
            throw new KmsException(
                Failure.Usage, $"{chain} belongs to another journal than '{owner}'", $"take it out of KMS_CHAINS here, or hand it over as docs/cloud.md says (blob '{url.AbsolutePath}')");
        }
    }
}

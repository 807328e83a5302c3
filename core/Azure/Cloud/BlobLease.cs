using Azure.Storage.Blobs.Specialized;
using KmsCloud.Errors;

namespace KmsCloud.Cloud;

/// <summary>
/// A lease on one blob, renewed at a third of its life. The service refuses every write to the blob that does not carry
/// the current lease id, so a holder that was paused for too long is fenced off by the service itself.
/// </summary>
internal sealed class BlobLease : IDisposable
{
    private readonly BlobLeaseClient client;
    private readonly Uri url;
    private readonly TimeSpan life;
    private readonly TimeProvider clock;
    private readonly Func<bool>? mayRenew;
    private readonly ITimer renewal;
    private long renewed;
    private volatile bool lost;

    private BlobLease(
        BlobLeaseClient client, Uri url, TimeSpan life, TimeProvider clock, long since, Func<bool>? mayRenew)
    {
        this.client = client;
        this.url = url;
        this.life = life;
        this.clock = clock;
        this.mayRenew = mayRenew;
        renewed = since;
        renewal = clock.CreateTimer(_ => Renew(), null, life / 3, life / 3);
    }

    /// <summary>What each write carries.</summary>
    internal string Id => client.LeaseId;

    /// <summary>Whether it ran out or was broken, as far as is known here.</summary>
    internal bool IsLost => lost || clock.GetElapsedTime(Interlocked.Read(ref renewed)) >= life;

    /// <summary>Takes the lease of a blob that is there.</summary>
    /// <param name="store">The storage client.</param>
    /// <param name="url">The blob.</param>
    /// <param name="life">How long it lives unrenewed.</param>
    /// <param name="clock">The time.</param>
    /// <param name="mayRenew">
    /// Whether the holder still works; null for always. One that hangs lets the lease run out, so that another can go
    /// on.
    /// </param>
    /// <exception cref="KmsException">Another process holds it.</exception>
    internal static BlobLease Take(
        BlobStore store, Uri url, TimeSpan life, TimeProvider clock, Func<bool>? mayRenew = null)
    {
        var client = new BlobLeaseClient(store.Block(url), Guid.NewGuid().ToString());
        var since = clock.GetTimestamp(); // before the call: the lease never lives longer here than there
        var answer = BlobStore.Ask(url, () => client.Acquire(life));
        return answer.Status switch
        {
            200 => new(client, url, life, clock, since, mayRenew),
            409 => throw new KmsException(Failure.WalletFile, $"the state '{url.AbsolutePath}' is held by another instance", "one signs at a time; it takes over within a minute when the other is gone") { IsHeldElsewhere = true },
            _ => throw BlobStore.Problem(url, answer, "the lease of"),
        };
    }

    /// <summary>Gives it back, so that a successor need not wait.</summary>
    public void Dispose()
    {
        renewal.Dispose();
        try
        {
            BlobStore.Ask(url, () => client.Release());
        }
        catch (KmsException)
        {
            // it runs out by itself
        }
    }

    private void Renew()
    {
        if (mayRenew?.Invoke() is false)
        {
            return;
        }

        try
        {
            var since = clock.GetTimestamp();
            var answer = BlobStore.Ask(url, () => client.Renew());
            if (answer.IsDone)
            {
                Interlocked.Exchange(ref renewed, since);
            }
            else if (answer.Status is 404 or 409 or 412)
            {
                lost = true;
            }
        }
        catch (KmsException)
        {
            // the network; the next renewal may succeed, else it counts as lost when its time is over
        }
    }
}

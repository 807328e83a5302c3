using System.Globalization;
using Azure.Core;
using KmsCloud.Errors;

namespace KmsCloud.Cloud;

/// <summary>
/// A lease on one blob, renewed at a third of its life. The service refuses every write to the blob that does not carry the
/// current lease id, so a holder that was paused for too long is fenced off by the service itself.
/// </summary>
internal sealed class BlobLease : IDisposable
{
    private readonly BlobStore store;
    private readonly Uri url;
    private readonly TimeSpan life;
    private readonly TimeProvider clock;
    private readonly Func<bool>? mayRenew;
    private readonly ITimer renewal;
    private long renewed;
    private volatile bool lost;

    private BlobLease(BlobStore store, Uri url, TimeSpan life, TimeProvider clock, string id, long since, Func<bool>? mayRenew)
    {
        this.mayRenew = mayRenew;
        (this.store, this.url, this.life, this.clock, Id, renewed) = (store, url, life, clock, id, since);
        renewal = clock.CreateTimer(_ => Renew(), null, life / 3, life / 3);
    }

    /// <summary>What each write carries.</summary>
    internal string Id { get; }

    /// <summary>Whether it ran out or was broken, as far as is known here.</summary>
    internal bool IsLost => lost || clock.GetElapsedTime(Interlocked.Read(ref renewed)) >= life;

    /// <summary>Takes the lease of a blob that is there.</summary>
    /// <param name="store">The storage client.</param>
    /// <param name="url">The blob.</param>
    /// <param name="life">How long it lives unrenewed.</param>
    /// <param name="clock">The time.</param>
    /// <param name="mayRenew">Whether the holder still works; null for always. One that hangs lets the lease run out, so that another can go on.</param>
    /// <exception cref="KmsException">Another process holds it.</exception>
    internal static BlobLease Take(BlobStore store, Uri url, TimeSpan life, TimeProvider clock, Func<bool>? mayRenew = null)
    {
        var id = Guid.NewGuid().ToString();
        var since = clock.GetTimestamp(); // before the call: the lease never lives longer here than there
        using var response = store.Send(RequestMethod.Put, Ask(url), request =>
        {
            request.Headers.SetValue("x-ms-lease-action", "acquire");
            request.Headers.SetValue("x-ms-lease-duration", ((int)life.TotalSeconds).ToString(CultureInfo.InvariantCulture));
            request.Headers.SetValue("x-ms-proposed-lease-id", id);
            request.Content = RequestContent.Create(Array.Empty<byte>());
        });
        return response.Status switch
        {
            201 => new(store, url, life, clock, id, since, mayRenew),
            409 => throw new KmsException(Failure.WalletFile, $"the state '{url.AbsolutePath}' is held by another instance", "one signs at a time; it takes over within a minute when the other is gone") { IsHeldElsewhere = true },
            _ => throw BlobStore.Problem(url, response, "the lease of"),
        };
    }

    /// <summary>Gives it back, so that a successor need not wait.</summary>
    public void Dispose()
    {
        renewal.Dispose();
        try
        {
            using var response = Act("release");
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
            using var response = Act("renew");
            if (response.Status == 200)
            {
                Interlocked.Exchange(ref renewed, since);
            }
            else if (response.Status is 404 or 409 or 412)
            {
                lost = true;
            }
        }
        catch (KmsException)
        {
            // the network; the next renewal may succeed, else it counts as lost when its time is over
        }
    }

    private Azure.Response Act(string action) => store.Send(RequestMethod.Put, Ask(url), request =>
    {
        request.Headers.SetValue("x-ms-lease-action", action);
        request.Headers.SetValue("x-ms-lease-id", Id);
        request.Content = RequestContent.Create(Array.Empty<byte>());
    });

    private static Uri Ask(Uri url) => new(url.AbsoluteUri + "?comp=lease");
}

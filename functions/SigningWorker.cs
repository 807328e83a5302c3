using System.Collections.Concurrent;
using KmsCloud.Cloud;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Signing;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Functions;

/// <summary>
/// What lives between invocations: wallets, API key, journal, connections. Opened by the first tick and kept. The
/// password is asked for again only when the wallet file came under another key; a lost lease or a standby opens the
/// journal alone. One invocation works at a time.
/// </summary>
internal sealed class SigningWorker(
    FunctionSettings settings,
    TimeProvider clock,
    ILogger log,
    FunctionMetrics metrics) : IDisposable
{
    private static readonly TimeSpan EmitAgain = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    // limits: one for the work, one for handing over what was signed, one for patience
    private const int HangsAfter = 3;
    private readonly SemaphoreSlim one = new(1, 1);
    private readonly CancellationTokenSource draining = new();
    private readonly ConcurrentDictionary<string, long> emitted = new(StringComparer.Ordinal);
    private readonly Composition make = new(settings, clock);
    private WalletStore? store;
    private ApiKey? apiKey;
    private GatewayClient? lister;
    private SigningService? service;
    private SigningCycle? cycle;
    private BlobStateFolder? blobState;
    private volatile bool ready;
    private long began; // timestamp of the work under way, 0 for none

    /// <summary>Whether wallets are open, and the journal is, or is another instance's.</summary>
    internal bool IsReady => ready && !draining.IsCancellationRequested;

    /// <summary>One cycle over every chain.</summary>
    internal Task<Outcome> SignAsync(CancellationToken cancel) => AloneAsync(TimeSpan.Zero, async stop =>
    {
        await EnsureStateAsync(stop);
        return Outcome.Of(await cycle!.RunOnceAsync(stop));
    }, cancel);

    /// <summary>One transaction that a queue message points to. A failure brings the message back.</summary>
    internal Task<Outcome> SignOneAsync(PendingPointer pointer, CancellationToken cancel) => AloneAsync(settings.TickLimit, async stop =>
    {
        if (!settings.Chains.Contains(pointer.Chain))
        {
            return new(false, Ending.Failed, $"{pointer.Chain} is not among the chains of this app");
        }

        await AwaitStateAsync(stop);
        var report = await new SigningCycle(service!.Services, service.Options.Cycle with
        {
            Chains = [pointer.Chain],
            OnlyWallets = pointer.Wallets.ToHashSet(),
            OnlyTransactions = new HashSet<string> { pointer.Id },
            AskAgainAfter = EmitAgain / 2, // copies of one message are one question; the next message is a new one
        }).RunOnceAsync(stop);
        var repeat = report.Count(Verdict.Unknown) + report.Count(Verdict.Failed) + report.FailedPolls.Count > 0;
        return Outcome.Of(report) with { IsSuccess = !repeat };
    }, cancel);

    /// <summary>
    /// Looks what is pending and emits one message for each. Needs no journal, so it never keeps a signing instance
    /// from its lease.
    /// </summary>
    internal Task<Outcome> EnqueueAsync(CancellationToken cancel) => AloneAsync(TimeSpan.Zero, async stop =>
    {
        apiKey ??= await make.ReadApiKeyAsync(stop);
        lister ??= new(make.Gateway(apiKey), settings.Network, clock);
        var lists = await Task.WhenAll(settings.Chains.Select(chain => ListAsync(chain, stop)));
        var now = clock.GetTimestamp();
        foreach (var old in emitted.Where(entry => clock.GetElapsedTime(entry.Value, now) > EmitAgain))
        {
            emitted.TryRemove(old);
        }

        var pointers = lists.SelectMany(list => list ?? []).Where(
            pointer => emitted.TryAdd($"{pointer.Chain} {pointer.Id}", now)).ToList();
        foreach (var chain in pointers.CountBy(pointer => pointer.Chain))
        {
            metrics.Queued(chain.Key, chain.Value);
        }

        ready = true;
        var failed = lists.Count(list => list is null);
        return new(
            failed < lists.Length,
            failed == lists.Length ? Ending.Failed : Ending.Queued,
            $"{pointers.Count} put into the queue, {failed} polls failed")
        {
            IsGood = failed == 0,
            Counts = [("queued", pointers.Count), ("failedPolls", failed)],
            Messages = [.. pointers.Select(pointer => pointer.ToString())],
        };
    }, cancel);

    /// <summary>Begins nothing new and waits for what is under way.</summary>
    /// <param name="cancel">
    /// Ends the waiting; what was signed is in the journal and goes out after the next start.
    /// </param>
    internal async Task DrainAsync(CancellationToken cancel)
    {
        await draining.CancelAsync();
        await one.WaitAsync(cancel);
    }

    public void Dispose()
    {
        Close();
        draining.Dispose();
        one.Dispose();
    }

    private static PendingPointer? Pointer(string chain, ReadOnlySpan<byte> listed)
    {
        var text = System.Text.Encoding.UTF8.GetString(listed);
        return StrictJson.TryParse(text, out var json) ? PendingPointer.Of(chain, json.Value) : null;
    }

    /// <summary>
    /// Runs alone. A queue message (which waits its turn) fails, so that it comes back, whenever it could not be worked
    /// on; a tick has a successor anyway.
    /// </summary>
    private async Task<Outcome> AloneAsync(
        TimeSpan patience, Func<CancellationToken, Task<Outcome>> work, CancellationToken cancel)
    {
        var isTick = patience == TimeSpan.Zero;
        if (draining.IsCancellationRequested || !await EnterAsync(patience, cancel))
        {
            return draining.IsCancellationRequested
                ? new(isTick, Ending.Stopping, "stopping")
                : new(isTick, Ending.Busy, "busy with another invocation");
        }

        try
        {
            Interlocked.Exchange(ref began, clock.GetTimestamp());
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(draining.Token, cancel);
            limit.CancelAfter(settings.TickLimit);
            await EnsureWalletsAsync(limit.Token);
            return await work(limit.Token);
        }
        catch (KmsException error) when (error.IsHeldElsewhere)
        {
            ready = true;
            log.StandsBy(error.Message);
            return new(isTick, Ending.Standby, "standby: " + error.Message);
        }
        catch (KmsException error)
        {
            log.NotReady(error.Message);
            throw;
        }
        catch (OperationCanceledException)
        {
            return new(false, Ending.Failed, "it took too long, or the process is stopping");
        }
        finally
        {
            Interlocked.Exchange(ref began, 0);
            CloseLostState();
            one.Release();
        }
    }

    /// <summary>
    /// False while work goes on far beyond its limit: whatever holds it up, its leases are then left to run out, and
    /// another instance signs.
    /// What it still does later is refused by the storage.
    /// </summary>
    private bool Works() =>
        Interlocked.Read(ref began) is var since
            && (since == 0 || clock.GetElapsedTime(since) < HangsAfter * settings.TickLimit);

    /// <summary>Whether this invocation is the one that works.</summary>
    private async Task<bool> EnterAsync(TimeSpan patience, CancellationToken cancel)
    {
        try
        {
            return await one.WaitAsync(patience, cancel);
        }
        catch (OperationCanceledException)
        {
            return false; // the host gave up on it while it waited
        }
    }

    private async Task<IReadOnlyList<PendingPointer>?> ListAsync(string chain, CancellationToken stop)
    {
        var ids = store!.Ids(chain, settings.Network);
        if (ids.Count == 0)
        {
            return [];
        }

        try
        {
            using var listed = await lister!.PendingAsync(chain, ids, stop);
            return
            [
                .. listed.Elements.Select(
                    bytes => Pointer(chain, bytes.Span)).OfType<PendingPointer>(),
            ];
        }
        catch (KmsException error)
        {
            log.ListFailed(chain, error.Message);
            return null;
        }
    }

    private async Task EnsureWalletsAsync(CancellationToken cancel)
    {
        if (store is not null && !Reload())
        {
            Close();
        }

        if (store is null)
        {
            store = await make.OpenWalletsAsync(cancel);
            log.Opened(store.Count, store.Generation);
        }
    }

    /// <summary>
    /// Waits for the lease as long as one lives: an instance that gave its messages back at once would drive them
    /// through the queue
    /// faster than the holder signs them, into the poison queue.
    /// </summary>
    private async Task AwaitStateAsync(CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await EnsureStateAsync(cancel);
                return;
            }
            catch (KmsException error) when (
                error.IsHeldElsewhere && clock.GetElapsedTime(started) < settings.LeaseLife)
            {
                await Task.Delay(Pause, clock, cancel);
            }
        }
    }

    private async Task EnsureStateAsync(CancellationToken cancel)
    {
        CloseLostState();
        if (service is not null)
        {
            return;
        }

        apiKey ??= await make.ReadApiKeyAsync(cancel);
        var options = make.Service(apiKey, opened => blobState = opened, Works);
        try
        {
            service = SigningService.Open(options, store!, clock, log);
        }
        catch
        {
            options.ApproverSigning?.Dispose();
            blobState = null;
            throw;
        }

        cycle = new(service.Services, options.Cycle);
        ready = true;
    }

    /// <summary>False when the file is there but no longer under the key in memory.</summary>
    private bool Reload()
    {
        try
        {
            if (service is null ? store!.ReloadIfReplaced() : service.Services.ReloadWallets())
            {
                log.WalletReloaded(store!.Generation);
            }

            return true;
        }
        catch (KmsException error)
        {
            log.WalletNotReloaded(error.Message);
            return error.Failure is Failure.Gateway; // the network: the wallets in memory are still good
        }
    }

    private void CloseLostState()
    {
        if (blobState is { IsLost: true })
        {
            log.LeaseLost();
            CloseState();
        }
    }

    private void CloseState()
    {
        ready = false;
        cycle = null;
        service?.Dispose();
        service = null;
        blobState = null;
    }

    private void Close()
    {
        CloseState();
        lister?.Dispose();
        (lister, apiKey) = (null, null);
        store?.Dispose();
        store = null;
    }
}

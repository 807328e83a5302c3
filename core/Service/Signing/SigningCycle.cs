using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>
/// One cycle (docs/architecture.md): poll, and for every pending transaction decode, match keys, ask the approver, look into the
/// journal, fill, sign, record, broadcast, audit. The only place that knows the order.
/// </summary>
public sealed class SigningCycle(SigningServices services, CycleOptions options)
{
    private const int MostIdsShown = 5; // as tatum-kms does
    private readonly CycleMemory memory = services.Memory;

    /// <summary>Runs one cycle over all chains. When <paramref name="stop"/> is set, nothing new begins, and what is signed is still handed over.</summary>
    public async Task<CycleReport> RunOnceAsync(CancellationToken stop)
    {
        var started = services.Clock.GetTimestamp();
        await NoticeFreezeAsync();
        using var claims = memory.Claims(); // chains run side by side, and an id counts once over all of them
        var rounds = await Task.WhenAll(options.Chains.Select(chain => RunChainAsync(chain, claims, stop)));
        await ReportAsync(options.Chains, stop);
        var report = CycleSums.Sum(rounds, services.Clock.GetElapsedTime(started));
        Ended(report, isWhole: true);
        return report;
    }

    /// <summary>Runs one round of one chain by itself; an id under way in another chain's round waits for the next.</summary>
    internal async Task<ChainRound> RunChainAsync(string chain, CancellationToken stop)
    {
        using var claims = memory.Claims();
        var round = await RunChainAsync(chain, claims, stop);
        await ReportAsync([chain], stop);
        return round;
    }

    /// <summary>Says what was done.</summary>
    internal void Ended(CycleReport report, bool isWhole)
    {
        services.Metrics?.CycleDone(report, isWhole);
        services.Log.CycleDone(
            (long)report.Duration.TotalMilliseconds,
            report.Count(Verdict.Accepted),
            report.Count(Verdict.Unknown) + report.Count(Verdict.NotApproved) + report.Count(Verdict.Waiting),
            report.Count(Verdict.Refused),
            report.Count(Verdict.Failed) + report.FailedPolls.Count);
        if (memory.News.Next(services.Gateway.LatestVersion, services.Clock) is { } newer)
        {
            services.Log.LatestVersion(newer);
        }
    }

    /// <summary>Says when signing was frozen or thawed since, and at the first call what is not read a second time.</summary>
    internal async Task NoticeFreezeAsync()
    {
        await SaySetupAsync();
        if (services.Freeze is not { } freeze)
        {
            return;
        }

        try
        {
            _ = freeze.Reason; // the head first: the audit line's mark then says how far it is
            var told = freeze.History is { } history ? await history.DrainAsync(services.Audit.AppendAsync) : null;
            if (freeze.Change() is { } change)
            {
                var decision = change.Frozen ? "frozen" : "thawed";
                services.Log.FreezeChanged(decision, change.Text);
                await (told == decision ? Task.CompletedTask : services.Audit.AppendAsync(json =>
                {
                    json.WriteString("decision", decision);
                    json.WriteString("reason", change.Text);
                }));
            }
        }
        catch (KmsException error)
        {
            services.Log.Failed("(none)", error.Message); // and nothing can be signed either
        }
    }

    private async Task SaySetupAsync()
    {
        try
        {
            await (services.SecondReading?.SayOffAsync(services) ?? Task.CompletedTask);
            await services.SayApproversAsync();
        }
        catch (KmsException error)
        {
            services.Log.Failed("(none)", error.Message); // and nothing can be signed either
        }
    }

    private async Task<ChainRound> RunChainAsync(string chain, IdClaims claims, CancellationToken stop)
    {
        var started = services.Clock.GetTimestamp();
        var (transactions, problem) = await PollAndProcessAsync(chain, claims, stop);
        if (options.OnlyWallets.Count + options.OnlyTransactions.Count == 0)
        {
            memory.Said(chain).KeepOnly(transactions.Select(transaction => SaidBefore.Key(transaction.Id, chain, transaction.Reason))
                .Concat(memory.Failures(chain).Ids).ToHashSet(StringComparer.Ordinal));
        }

        return new(chain, transactions, problem, services.Clock.GetElapsedTime(started));
    }

    private async Task<(IReadOnlyList<TransactionReport> Transactions, string? Problem)> PollAndProcessAsync(string chain, IdClaims claims, CancellationToken stop)
    {
        var ids = services.Wallets.Ids(chain, options.Context.Network);
        if (options.OnlyWallets.Count > 0)
        {
            ids = [.. ids.Where(options.OnlyWallets.Contains)];
        }

        if (ids.Count == 0)
        {
            services.Log.NotPolled(chain);
            return ([], null);
        }

        try
        {
            services.Log.Polling(chain, ids.Count > MostIdsShown ? $"{ids.Count} wallets" : "wallets " + string.Join(',', ids));
            using var listed = await PollAsync(chain, ids, stop);
            services.Metrics?.Polled(chain, listed.Elements.Count);
            if (listed.IsCut)
            {
                services.Log.ListCut(chain, PendingList.Most);
            }

            return (await ProcessAllAsync(chain, listed.Elements, claims, stop), null);
        }
        catch (KmsException error)
        {
            services.Metrics?.Polled(chain, null);
            services.Log.PollFailed(chain, error.Message);
            return ([], error.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ([], null);
        }
    }

    private async Task<PendingList> PollAsync(string chain, IReadOnlyList<string> ids, CancellationToken stop)
    {
        using var timing = services.Metrics?.Step("poll");
        return await services.Gateway.PendingAsync(chain, ids, stop);
    }

    private async Task<IReadOnlyList<TransactionReport>> ProcessAllAsync(
        string chain, IReadOnlyList<ReadOnlyMemory<byte>> listed, IdClaims claims, CancellationToken stop)
    {
        var line = new SequenceLine();
        var audit = new TransactionAudit(services.Audit, memory, chain, options.Context.Network, services.Clock)
        {
            Refused = services.Anomalies is { } desk ? id => desk.RefusedAsync(services, id, chain) : null,
        };
        var slots = new SemaphoreSlim(options.SideBySide);
        var running = new List<Task<TransactionReport>>();
        foreach (var bytes in listed.OrderBy(bytes => bytes.Length > DecodeLimit.Small)) // stable: what may take long to read comes after the rest
        {
            await slots.WaitAsync(CancellationToken.None);
            var work = new PendingWork(services, options, chain, audit);
            var (decoded, end) = stop.IsCancellationRequested ? (null, work.Stopped) : await work.ReadAsync(bytes, claims, stop);
            if (decoded is null)
            {
                running.Add(Task.FromResult(end!));
                slots.Release();
                continue;
            }

            var place = line.Join(decoded.Draft?.SequenceAccount ?? decoded.Draft?.BroughtSequence?.Account);
            running.Add(Task.Run(
                async () =>
                {
                    using (place)
                    {
                        try
                        {
                            return await work.RunAsync(decoded, place, stop);
                        }
                        finally
                        {
                            slots.Release();
                        }
                    }
                },
                CancellationToken.None));
        }

        var reports = await Task.WhenAll(running);
        await SaySkippedAsync(chain, audit);
        var failures = memory.Failures(chain);
        var mayBeOut = reports.Where(report => report.Verdict is Verdict.Accepted or Verdict.Unknown).Select(report => report.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var report in reports.Where(report => report.Id is not null && report.Verdict is not Verdict.Skipped))
        {
            if (report is { Verdict: Verdict.Refused or Verdict.Failed, StaysPending: false } && !mayBeOut.Contains(report.Id)) // of one id listed twice
            {
                failures.Add(report.Id!, report.Reason!);
            }
            else
            {
                failures.Forget(report.Id!); // a failure that could not be reported is overtaken by what came of it now
            }
        }

        return reports;
    }

    private async Task SaySkippedAsync(string chain, TransactionAudit audit)
    {
        if (memory.Lines(chain).TakeSkipped(services.Clock) is > 0 and var count)
        {
            services.Log.NotShown(chain, count);
        }

        if (memory.Told(chain).TakeSkipped(services.Clock) is > 0 and var more)
        {
            services.Log.NotTold(chain, more);
        }

        try
        {
            await audit.WriteSkippedAsync();
        }
        catch (KmsException error)
        {
            services.Log.Failed("(none)", error.Message);
        }
    }

    private async Task ReportAsync(IEnumerable<string> chains, CancellationToken stop)
    {
        var queues = chains.Select(memory.Failures).ToList();
        var batch = queues.SelectMany(queue => queue.All().Select(failure => new FailureReport(failure.Key, failure.Value))).ToList();
        if (queues.Sum(queue => queue.TakeDropped()) is > 0 and var dropped)
        {
            services.Log.ReportsDropped(dropped, ReportQueue.Most);
        }

        if (batch.Count == 0 || services.Freeze?.Reason is not null)
        {
            return; // frozen: told after the thaw, when whoever froze it knows whose requests to trust
        }

        try
        {
            await services.Gateway.ReportAsync(batch, stop);
            services.Log.Reported(batch.Count);
            queues.ForEach(queue => batch.ForEach(failure => queue.Forget(failure.PendingId))); // kept for the next cycle otherwise
        }
        catch (Exception error) when (error is KmsException or OperationCanceledException)
        {
            services.Log.ReportFailed(batch.Count, error.Message);
        }
    }
}

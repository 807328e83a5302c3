using KmsCloud.Anomalies;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Telemetry;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Signing;

/// <summary>One pending transaction on its way through the cycle. Whatever happens to it ends in a report, never in the cycle.</summary>
internal sealed class PendingWork
{
    private const string LostReason = "it was signed, and what became of it is not known; the same bytes are sent again in the next cycle";
    private readonly SigningServices services;
    private readonly CycleOptions options;
    private readonly IChain chain;
    private readonly PendingRecord record;
    private readonly KmsTrace trace;

    internal PendingWork(SigningServices services, CycleOptions options, string chain, TransactionAudit audit)
    {
        this.services = services;
        this.options = options;
        this.chain = ChainCatalog.Get(chain);
        record = new(services, chain, audit);
        trace = KmsTrace.Pending(chain);
    }

    private string Code => chain.Info.Code;

    /// <summary>How it ends when the service stops before work on it began.</summary>
    internal TransactionReport Stopped => record.End(Verdict.Skipped, reason: "the service is stopping");

    /// <summary>Parses, matches keys and decodes; an end instead when there is nothing more to do.</summary>
    internal async Task<(DecodedPending? Decoded, TransactionReport? End)> ReadAsync(ReadOnlyMemory<byte> bytes, IdClaims claims, CancellationToken stop)
    {
        trace.Enter();
        DecodedPending? decoded = null;
        var end = await GuardAsync(async () =>
        {
            using var timing = services.Metrics?.Step("decode");
            (decoded, var ended) = await new PendingReader(services, options, chain, record).ReadAsync(bytes, claims, stop);
            return ended;
        });
        if (end is not null)
        {
            trace.End(end);
        }

        return (decoded, end);
    }

    /// <summary>The rest of the way.</summary>
    /// <param name="decoded">The transaction.</param>
    /// <param name="place">Its place among the transactions of its account, kept until it is handed over: a nonce that is refused at once leaves no gap.</param>
    /// <param name="stop">Ends what is not signed yet.</param>
    internal async Task<TransactionReport> RunAsync(DecodedPending decoded, SequenceLine.Place place, CancellationToken stop)
    {
        trace.Enter();
        var report = await EndAsync(decoded, place, stop);
        trace.End(report);
        return report;
    }

    private async Task<TransactionReport> EndAsync(DecodedPending decoded, SequenceLine.Place place, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(options.TransactionLimit);
        JournalEntry? entry = null;
        SignedTransaction? signed = null;
        var refused = await GuardAsync(async () =>
        {
            (entry, signed) = await SignedAsync(decoded, place, limit.Token);
            return null;
        });
        return refused ?? await GuardSentAsync(async () =>
        {
            if (signed is not null)
            {
                Say(record.Summary!);
            }

            signed ??= await services.Journal.ReadSignedAsync(entry!);
            return await new Delivery(services, options, chain, record).HandOverAsync(decoded.Pending, entry!, signed);
        });
    }

    /// <summary>The straight line from a decoded request to its signature in the journal. Every step takes what the one before gave.</summary>
    /// <returns>What the journal knows, and the bytes unless they were signed before.</returns>
    private async Task<(JournalEntry Entry, SignedTransaction? Signed)> SignedAsync(DecodedPending decoded, SequenceLine.Place place, CancellationToken cancel)
    {
        var pending = decoded.Pending;
        var content = PendingContent.DigestOf(pending, options.Context.Network);
        var before = await services.Journal.FindAsync(pending.Id);
        var number = before is { MaySignAfresh: false } ? before.Number : Journal.NextNumber(before);
        var approver = new ApproverStep(services, options, decoded, content, number) { MayTell = record.MayTell };
        services.Freeze?.Check();
        approver.RequireNoLateNo();
        if (before is { MaySignAfresh: false })
        {
            await approver.AskAgainAsync(before, cancel);
            RequireSame(before, content);
            await RequireSecondReadingAsync(decoded, before);
            record.SayProcessing();
            services.Log.Resending(pending.Id);
            return (before, null);
        }

        services.SecondReading?.RequireNoOldDisagreement(Code, decoded.Request.Text);
        var draft = decoded.Draft ?? throw new InvalidOperationException("what was not signed is decoded");
        using var allowance = new Allowance(services.Policy, ChargeKey(pending.Id, content, number), decoded.Wallets);
        allowance.Ask(draft.Summary, filled: false);
        await (draft.BroughtSequence is null ? place.TurnAsync(cancel) : Task.CompletedTask); // its own number waits not
        var transaction = await new TransactionFiller(services, Code).CompleteAsync(draft, cancel); // from here on it does not change
        Show(decoded, transaction);
        RequireFits(transaction);
        RequireAllowed(allowance, transaction);
        using var onItsWay = services.Anomalies?.Begin(decoded.Wallets);
        var findings = await FindAsync(decoded, transaction, allowance);
        await approver.AskAsync(transaction, findings, cancel);
        record.Approver = services.Approver?.Shown;
        record.Evidence = approver.Evidence;
        if (services.Requests is { } requests)
        {
            await requests.KeepAsync(pending.Id, Code, decoded.Request.Text, pending.Raw);
        }

        await record.AuditAsync("signing", null); // when the decision cannot be written down, it is not carried out
        await allowance.KeepAsync();
        var signed = await ChargedAsync(allowance, () => Sign(decoded, transaction));
        var entry = await RecordAsync(pending, content, signed, transaction.Summary);
        services.Anomalies?.Signed(services, transaction.Summary, decoded.Wallets);
        return (entry, signed);
    }

    /// <summary>Every signature counts in the policy's windows, whatever became of the one before.</summary>
    private static string ChargeKey(string id, string content, int number) => number == 1 ? $"{id} {content}" : $"{id} {content} {number}";

    /// <summary>Holds it against what was signed before anybody is asked: what is refused later leaves lines and charges each time.</summary>
    private void RequireFits(CompleteTransaction transaction)
    {
        SequenceBounds.Require(transaction, services.Journal, options);
        services.Journal.RequireAmounts(Code, transaction.Spent);
    }

    private void RequireAllowed(Allowance allowance, CompleteTransaction transaction)
    {
        using var timing = services.Metrics?.Step("policy");
        allowance.Ask(transaction.Summary, filled: true);
    }

    /// <summary>What is unusual about it; a finding may have frozen all signing.</summary>
    private async Task<IReadOnlyList<Finding>> FindAsync(DecodedPending decoded, CompleteTransaction transaction, Allowance allowance)
    {
        if (services.Anomalies is not { } desk)
        {
            return [];
        }

        var findings = await desk.LookAsync(services, record, transaction.Summary, decoded.Wallets, allowance.Near);
        services.Freeze?.Check();
        return findings;
    }

    private void Show(DecodedPending decoded, CompleteTransaction transaction)
    {
        record.Summary = transaction.Summary;
        record.Digests = new(decoded.Request.Text, transaction.Digest);
    }

    private static void RequireSame(JournalEntry before, string content)
    {
        if (before.Content != content)
        {
            throw KmsException.Refused("another transaction was signed under this id before: the gateway changed what it asks for");
        }

        if (before.State is JournalState.Rejected or JournalState.Expired or JournalState.Replaced)
        {
            throw new KmsException(
                Failure.Refused,
                $"it was signed before and {before.State.ToString().ToLowerInvariant()} for good: {before.Reason}",
                $"release it with: kms journal forget {before.Id}");
        }
    }

    /// <summary>What is sent again is read again, as far as the request still says what was shown.</summary>
    private async Task RequireSecondReadingAsync(DecodedPending decoded, JournalEntry before)
    {
        if (services.SecondReading is { } second && decoded.Draft is { } draft)
        {
            var asked = draft.AsAsked;
            second.Require(decoded, asked.Summary, await services.Journal.ReadSignedAsync(before), isDraft: asked.Missing.Count > 0);
        }
    }

    /// <summary>What is signed and thrown away in memory is given back to the limits: else a gateway's wrong numbers would use them up.</summary>
    private async Task<SignedTransaction> ChargedAsync(Allowance allowance, Func<SignedTransaction> sign)
    {
        try
        {
            return sign();
        }
        catch
        {
            try
            {
                await allowance.GiveBackAsync();
            }
            catch (KmsException error)
            {
                services.Log.Failed(record.Id ?? "(none)", $"the limits still count it: {error.Message}");
            }

            throw;
        }
    }

    /// <summary>Up to here nothing could leave, and when this throws, nothing can.</summary>
    private SignedTransaction Sign(DecodedPending decoded, CompleteTransaction transaction)
    {
        services.Freeze?.Check();
        var signed = Sign(transaction); // the only line on which a private key is opened
        services.SecondReading?.Require(decoded, transaction.Summary, signed, isDraft: false); // before anything is written down that could leave
        Claim(decoded.Pending, signed);
        return signed;
    }

    private SignedTransaction Sign(CompleteTransaction transaction)
    {
        using var timing = services.Metrics?.Step("sign");
        return transaction.Sign(services.Keys);
    }

    private void Claim(PendingTransaction pending, SignedTransaction signed)
    {
        if (!services.Journal.TryClaim(pending.Id, signed))
        {
            throw new NotNowException("another request came out as the very same transaction and would be paid by it; it is signed again with a newer blockhash");
        }

        services.Journal.ClaimAmounts(pending, signed);
    }

    private async Task<JournalEntry> RecordAsync(PendingTransaction pending, string content, SignedTransaction signed, TransactionSummary summary)
    {
        using var timing = services.Metrics?.Step("journal");
        return await services.Journal.RecordSignedAsync(pending, content, signed, record.Digests, summary.ProvedFee);
    }

    private void Say(TransactionSummary summary)
    {
        services.Metrics?.Signed(Code);
        record.SayProcessing();
        if (services.Log.IsEnabled(LogLevel.Information))
        {
            services.Log.Signed(record.Id!, Code, SummaryJson.Line(summary));
        }

        foreach (var warning in summary.Warnings)
        {
            services.Log.Warning(record.Id!, Code, warning);
        }

        if (summary.WhenExpired(services.Clock.GetUtcNow()) is { } expired)
        {
            services.Log.Warning(record.Id!, Code, $"{expired}: signed all the same, since no policy refuses that (requireValid)");
        }
    }

    /// <summary>Steps before anything was signed: each kind of refusal has its own end.</summary>
    private async Task<TransactionReport?> GuardAsync(Func<Task<TransactionReport?>> steps)
    {
        try
        {
            return await steps();
        }
        catch (NotApprovedException no)
        {
            if (record.MayTell())
            {
                services.Log.NotApproved(record.Id!, no.Message);
            }

            return await record.TryAuditAsync("not-approved", record.End(Verdict.NotApproved, reason: no.Message));
        }
        catch (NotNowException reason)
        {
            if (record.MayTell())
            {
                services.Log.Waiting(record.Id ?? "(none)", Code, reason.Message);
            }

            return await record.TryAuditAsync("waiting", record.End(Verdict.Waiting, reason: reason.Message) with { Topic = reason.Topic });
        }
        catch (DisagreementException no)
        {
            if (no.IsNew)
            {
                services.SecondReading!.Alarm(services, record.Id!, Code, no.Message);
            }

            return await OutAsync(no.Message) ?? await record.TryAuditAsync("disagreed", record.End(Verdict.Refused, reason: no.Message) with { Cause = RefusalCause.SecondReader });
        }
        catch (PolicyRefusalException refusal)
        {
            record.SayFailed(refusal.Message);
            return await OutAsync(refusal.Message) ?? await record.TryAuditAsync("refused", record.End(Verdict.Refused, reason: refusal.Message) with { Cause = RefusalCause.Policy });
        }
        catch (KmsException error) when (error.Failure is Failure.Gateway or Failure.WalletFile)
        {
            record.SayFailed(error.Message);
            return await OutAsync(error.Message) ?? await record.TryAuditAsync("failed", record.End(Verdict.Failed, reason: error.Message) with { StaysPending = error.Failure is Failure.WalletFile });
        }
        catch (KmsException error)
        {
            record.SayFailed(error.Message);
            return await OutAsync(error.Message) ?? await record.TryAuditAsync("refused", record.End(Verdict.Refused, reason: error.Message) with { Cause = RefusalCause.Input });
        }
        catch (OperationCanceledException)
        {
            const string reason = "it took too long, or the service is stopping; it stays pending";
            return await OutAsync(reason) ?? record.End(Verdict.Failed, reason: reason) with { StaysPending = true };
        }
#pragma warning disable CA1031 // one transaction that meets a bug of ours must not stop the others
        catch (Exception error)
#pragma warning restore CA1031
        {
            services.Log.Bug(record.Id ?? "(none)", error.GetType().Name);
            return await OutAsync("an internal error of the signing service") ?? await record.TryAuditAsync("failed", record.End(Verdict.Failed, reason: "an internal error of the signing service"));
        }
    }

    /// <summary>What may have left is never called failed, whatever the request looks like today; null when nothing was signed under its id.</summary>
    private async Task<TransactionReport?> OutAsync(string reason)
    {
        try
        {
            var entry = record.Id is { } id ? await services.Journal.FindAsync(id) : null;
            return entry is { State: JournalState.Outstanding or JournalState.Accepted }
                ? await record.TryAuditAsync("unknown", record.End(Verdict.Unknown, entry.TransactionId, $"it was signed before and may be out, and today: {reason}"))
                : null;
        }
        catch (KmsException)
        {
            return record.End(Verdict.Unknown, reason: "whether it was signed before cannot be told: the journal cannot be read");
        }
    }

    /// <summary>Steps after it: whatever goes wrong, a copy may be on its way.</summary>
    private async Task<TransactionReport> GuardSentAsync(Func<Task<TransactionReport>> steps)
    {
        try
        {
            return await steps();
        }
        catch (KmsException error)
        {
            services.Log.Failed(record.Id!, error.Message);
        }
        catch (OperationCanceledException)
        {
            // the next cycle goes on
        }
#pragma warning disable CA1031 // one transaction that meets a bug of ours must not stop the others
        catch (Exception error)
#pragma warning restore CA1031
        {
            services.Log.Bug(record.Id!, error.GetType().Name);
        }

        return record.End(Verdict.Unknown, reason: LostReason);
    }
}

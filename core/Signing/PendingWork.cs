using System.Text.Json;
using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Telemetry;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Signing;

/// <summary>One pending transaction on its way through the cycle. Whatever happens to it ends in its report, never in the cycle.</summary>
internal sealed class PendingWork(SigningServices services, CycleOptions options, string chainCode, TransactionAudit audit)
{
    private static readonly JsonElement Nothing = StrictJson.Parse("null", "nothing");
    private const int MostFillRounds = 8;
    private const int RoomForTheRest = 1024 * 1024; // of a pending object
    private readonly IChain chain = ChainCatalog.Get(chainCode);
    private PendingTransaction? pending;
    private IReadOnlyList<string>? wallets;
    private UnsignedTransaction? transaction;
    private string? id;
    private JournalEntry? before; // what the journal knows of the id: nobody else works on it meanwhile
    private bool isSaid;
    private bool mayHaveLeft; // signed bytes are in the journal, so nothing that happens from here on is a failure of the transaction

    /// <summary>How it ended.</summary>
    internal TransactionReport Report { get; private set; } = new(null, chainCode, Verdict.Skipped, Reason: "the service is stopping");

    /// <summary>The account that hands out its nonce, when that is asked for.</summary>
    internal string? SequenceAccount => transaction?.SequenceAccount;

    /// <summary>Steps 1 and 2: parse, match keys, decode. False when that was already the end.</summary>
    internal async Task<bool> TryReadAsync(ReadOnlyMemory<byte> bytes, IdClaims claims, CancellationToken stop)
    {
        Report = await GuardAsync(() => ReadAsync(bytes, claims, stop));
        return pending is not null;
    }

    private async Task<TransactionReport> ReadAsync(ReadOnlyMemory<byte> bytes, IdClaims claims, CancellationToken stop)
    {
        RequireModest(bytes.Span);
        var json = StrictJson.Parse(bytes, "the pending transaction");
        id = PendingJson.TryId(json);
        if (id is not null && options.OnlyTransactions.Count > 0 && !options.OnlyTransactions.Contains(id))
        {
            services.Log.NotWanted(id, string.Join(" , ", options.OnlyTransactions));
            return End(Verdict.Skipped, reason: "not among --transaction-ids");
        }

        if (id is not null && !claims.TryTake(id))
        {
            if (MayShow())
            {
                services.Log.Repeated(id, chainCode);
            }

            return End(Verdict.Skipped, reason: "listed twice");
        }

        var read = PendingJson.Read(json, options.AnyIds);
        if (read.Chain != chainCode)
        {
            throw KmsException.Refused("the transaction says it is of another chain than the one asked for");
        }

        chain.Info.RequireSize(read);
        var keys = KeyMatch.Find(read, services.Wallets.Find, options.Context.Network);
        SayProcessing();
        transaction = await DecodeLimit.RunAsync(() => chain.Decode(read, keys, options.Context), read, services.Aside, stop);
        wallets = [.. read.Hashes.Concat(read.Signatures.Select(signature => signature.SignatureId)).Distinct()];
        pending = read;
        return Report;
    }

    /// <summary>Before a document is made of it: the request's text with every character escaped, and room for the rest.</summary>
    private void RequireModest(ReadOnlySpan<byte> bytes)
    {
        id = PendingList.IdOf(bytes); // so that a refusal can be reported
        var most = 2 * chain.Info.LargestRequest + RoomForTheRest;
        if (bytes.Length > most)
        {
            throw KmsException.Refused($"the pending transaction has {bytes.Length} bytes, and none of {chainCode} needs more than {most}");
        }

        PendingList.RequireFewParts(bytes);
    }

    /// <summary>Steps 3 to 8.</summary>
    internal async Task<TransactionReport> RunAsync(SequenceLine.Place place, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(options.TransactionLimit);
        Report = await GuardAsync(() => RunStepsAsync(place, limit.Token));
        return Report;
    }

    private async Task<TransactionReport> RunStepsAsync(SequenceLine.Place place, CancellationToken cancel)
    {
        var content = Journal.ContentOf(pending!, options.Context.Network);
        before = await services.Journal.FindAsync(id!);
        var number = Journal.NextNumber(before); // every signature counts in the policy's windows, whatever became of the one before
        using var allowance = new Allowance(IsSigned(content) ? null : services.Policy, number == 1 ? $"{id} {content}" : $"{id} {content} {number}", wallets!);
        services.Freeze?.Check();
        allowance.Ask(transaction!.Summary, filled: false);
        if (!await ApprovedAsync(cancel))
        {
            return Report;
        }

        var signed = await SignedBeforeAsync(content) ?? await SignAsync(content, allowance, place, cancel);
        return await HandOverAsync(signed); // the place in line is kept until then: a nonce that is refused at once leaves no gap
    }

    /// <summary>What was signed counts in the policy's windows already, and what may have left is never reported as refused.</summary>
    private bool IsSigned(string content) => before is { MaySignAfresh: false } entry && entry.Content == content;

    private async Task<bool> ApprovedAsync(CancellationToken cancel)
    {
        if (services.Approver is null)
        {
            return true;
        }

        var answer = await AskedAsync(cancel);
        if (!answer.Approved)
        {
            services.Log.NotApproved(pending!.Id, answer.Reason!);
            Report = End(Verdict.NotApproved, reason: answer.Reason);
            await AuditChangeAsync("not-approved", Report);
        }

        return answer.Approved;
    }

    private async Task<ApprovalAnswer> AskedAsync(CancellationToken cancel)
    {
        var content = Journal.ContentOf(pending!, options.Context.Network);
        var question = $"{content} {SignatureNumber()}";
        var before = services.Memory.Answers.Find(pending!.Id, question, options.AskAgainAfter, services.Clock);
        if (before is not null && (!before.Approved || IsSigned(content)))
        {
            return before; // a yes is asked for afresh whenever something would be signed
        }

        using var timing = services.Metrics?.Step("approve");
        services.Log.Asking(services.Approver!.Shown);
        var answer = await services.Approver.AskAsync(pending, SignatureNumber(), cancel, services.Head?.Hash);
        services.Memory.Answers.Set(pending.Id, question, answer, services.Clock);
        return answer;
    }

    /// <summary>Which signature a yes would give, or gave: a second one is named to the approver as such.</summary>
    private int SignatureNumber() => before is { MaySignAfresh: false } entry ? entry.Number : Journal.NextNumber(before);

    private async Task<SignedTransaction?> SignedBeforeAsync(string content)
    {
        if (before is not { MaySignAfresh: false } entry)
        {
            return null;
        }

        if (entry.Content != content)
        {
            throw KmsException.Refused("another transaction was signed under this id before: the gateway changed what it asks for");
        }

        if (entry.State is JournalState.Rejected or JournalState.Expired or JournalState.Replaced)
        {
            throw new KmsException(
                Failure.Refused, $"it was signed before and {entry.State.ToString().ToLowerInvariant()} for good: {entry.Reason}", $"release it with: kms journal forget {pending!.Id}");
        }

        services.Log.Resending(pending!.Id);
        mayHaveLeft = true;
        return await services.Journal.ReadSignedAsync(entry);
    }

    private async Task<SignedTransaction> SignAsync(string content, Allowance allowance, SequenceLine.Place place, CancellationToken cancel)
    {
        await place.TurnAsync(cancel);
        await FillAsync(cancel);
        await ProveAsync(cancel);
        allowance.Ask(transaction!.Summary, filled: true);
        await AuditAsync("signing", null); // when the decision cannot be written down, it is not carried out
        await allowance.KeepAsync();
        services.Freeze?.Check();
        var signed = Signed();
        RequireNextSequence(signed);
        if (!services.Journal.TryClaim(pending!.Id, signed))
        {
            throw new NotNowException("another request came out as the very same transaction and would be paid by it; it is signed again with a newer blockhash");
        }

        services.Journal.ClaimAmounts(pending, signed);
        using (services.Metrics?.Step("journal"))
        {
            before = await services.Journal.RecordSignedAsync(pending!, content, signed);
        }

        mayHaveLeft = true;

        services.Metrics?.Signed(chainCode);
        if (services.Log.IsEnabled(LogLevel.Information))
        {
            services.Log.Signed(pending!.Id, chainCode, SummaryJson.Line(transaction.Summary));
        }

        foreach (var warning in transaction.Summary.Warnings)
        {
            services.Log.Warning(pending.Id, chainCode, warning);
        }

        return signed;
    }

    /// <summary>A number far above what was handed out would make every later transaction of the account wait for ever.</summary>
    private void RequireNextSequence(SignedTransaction signed)
    {
        if (signed is not { SequenceAccount: { } account, Sequence: { } sequence })
        {
            return;
        }

        var known = services.Journal.NextSequence(account);
        var next = known ?? 0;
        var most = known is null ? Math.Max(options.LargestFirstCount, options.LargestJump) : options.LargestJump;
        if (sequence > next && sequence - next > most)
        {
            throw new KmsException(
                Failure.Refused,
                known is null
                    ? $"the gateway counts {sequence} transactions of {account}, and nothing was signed for it here before: no account has made more than {most}"
                    : $"the gateway counts {sequence} transactions of {account}, and the next number here is {next}: {sequence - next} more than were signed",
                "if the account really is there, allow the jump once with KMS_LARGEST_SEQUENCE_JUMP; numbers that stay free are shown by: kms journal gaps");
        }
    }

    private SignedTransaction Signed()
    {
        using var timing = services.Metrics?.Step("sign");
        return transaction!.Sign(services.Keys);
    }

    private async Task FillAsync(CancellationToken cancel)
    {
        using var timing = services.Metrics?.Step("fill");
        for (var round = 0; transaction!.Missing.Count > 0; round++)
        {
            if (round == MostFillRounds)
            {
                throw new KmsException(Failure.Gateway, "the gateway's answers lead to ever more questions");
            }

            var next = transaction.SequenceAccount is { } account ? services.Journal.NextSequence(account) : null;
            var bodies = await Task.WhenAll(transaction.Missing.Select(call => AskAsync(call, cancel)));
            transaction = transaction.Complete(new(bodies, next));
        }
    }

    private async Task ProveAsync(CancellationToken cancel)
    {
        if (services.Policy?.WantsProof(chainCode) is true && transaction!.Proofs is { Count: > 0 } questions)
        {
            var bodies = await Task.WhenAll(questions.Select(call => AskAsync(call, cancel)));
            transaction = transaction.Prove(new(bodies));
        }
    }

    private async Task<JsonElement> AskAsync(NodeCall call, CancellationToken cancel)
    {
        var answer = await services.Gateway.CallAsync(call, cancel);
        if (answer.IsSuccess && answer.Json is { } json)
        {
            return json;
        }

        return call.IsOptional
            ? Nothing
            : throw new KmsException(Failure.Gateway, $"{call.What} could not be had: {(answer.Status == 0 ? "no answer" : $"HTTP {answer.Status}")}");
    }

    private async Task<TransactionReport> HandOverAsync(SignedTransaction signed)
    {
        using var timing = services.Metrics?.Step("broadcast");
        var entry = before!;
        var pending = this.pending!;
        var end = await new HandOver(services, options, chain, pending, entry, signed).RunAsync();
        var sent = entry.Sent + (end.WasSent ? 1 : 0);
        if (end.Named is { } named && entry.TransactionId is { } ours && !Same(named, ours))
        {
            services.Metrics?.OtherId(chainCode);
            services.Log.Warning(pending.Id, chainCode, $"the gateway names the transaction {NodeWords.Shown(named, signed.Data)}, and what was sent is {ours}");
            end = end with { Reason = Joined(end.Reason, $"the gateway names another transaction, {NodeWords.Shown(named, signed.Data)}") };
        }

        var transactionId = entry.TransactionId ?? end.Named;
        switch (end.State)
        {
            case JournalState.Accepted when entry.State is JournalState.Accepted && end.Reason == entry.Reason:
                services.Pauses.Ended(pending.Id);
                return End(Verdict.Accepted, transactionId, end.Reason);
            case JournalState.Accepted:
                services.Pauses.Ended(pending.Id);
                services.Log.Accepted(pending.Id, chainCode, transactionId ?? "unknown id");
                await services.Journal.RecordStateAsync(pending.Id, JournalState.Accepted, transactionId, end.Reason);
                return await AuditedAsync("broadcast", End(Verdict.Accepted, transactionId, end.Reason));
            case JournalState.Outstanding:
                services.Log.Ambiguous(pending.Id, chainCode, end.Reason ?? "no reason");
                await services.Journal.RecordHeardAsync(pending.Id, end.Reason, end.Doubt, sent);
                var unknown = End(Verdict.Unknown, transactionId, end.Reason);
                await AuditChangeAsync(end.Doubt is JournalDoubt.None ? "unknown" : $"{end.Doubt.ToString().ToLowerInvariant()}-unproved", unknown);
                return unknown;
            default:
                services.Pauses.Ended(pending.Id);
                var ended = await services.Journal.RecordStateAsync(pending.Id, end.State, transactionId, end.Reason);
                services.Log.Failed(pending.Id, end.Reason ?? "no reason");
                var verdict = ended.MaySignAfresh ? Verdict.Unknown : Verdict.Failed;
                return await AuditedAsync(end.State.ToString().ToLowerInvariant(), End(verdict, transactionId, end.Reason));
        }
    }

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase)
        || left.Replace("0x", "", StringComparison.OrdinalIgnoreCase).Equals(right.Replace("0x", "", StringComparison.OrdinalIgnoreCase), StringComparison.OrdinalIgnoreCase);

    private static string Joined(string? first, string second) => first is null ? second : $"{first}; {second}";

    private async Task<TransactionReport> GuardAsync(Func<Task<TransactionReport>> steps)
    {
        try
        {
            return await steps();
        }
        catch (KmsException error)
        {
            if (MayShow())
            {
                SayProcessing();
                services.Log.Failed(id ?? "(none)", error.Message);
            }

            if (mayHaveLeft)
            {
                return Lost();
            }

            var verdict = error.Failure is Failure.Gateway or Failure.WalletFile ? Verdict.Failed : Verdict.Refused;
            return await TryAuditAsync(verdict is Verdict.Refused ? "refused" : "failed", End(verdict, reason: error.Message) with { StaysPending = error.Failure is Failure.WalletFile });
        }
        catch (NotNowException reason)
        {
            services.Log.Waiting(id ?? "(none)", chainCode, reason.Message);
            return await TryAuditAsync("waiting", End(Verdict.Waiting, reason: reason.Message));
        }
        catch (OperationCanceledException)
        {
            return mayHaveLeft ? Lost() : End(Verdict.Failed, reason: "it took too long, or the service is stopping; it stays pending") with { StaysPending = true };
        }
#pragma warning disable CA1031 // one transaction that meets a bug of ours must not stop the others
        catch (Exception error)
#pragma warning restore CA1031
        {
            services.Log.Bug(id ?? "(none)", error.GetType().Name);
            return mayHaveLeft ? Lost() : await TryAuditAsync("failed", End(Verdict.Failed, reason: "an internal error of the signing service"));
        }
    }

    private bool MayShow() => mayHaveLeft || services.Memory.Lines(chainCode).TryTake(services.Clock);

    private void SayProcessing()
    {
        if (id is not null && !isSaid)
        {
            isSaid = true;
            services.Log.Processing(id, chainCode);
        }
    }

    private TransactionReport Lost() => End(Verdict.Unknown, reason: "it was signed, and what became of it is not known; the same bytes are sent again in the next cycle");

    private TransactionReport End(Verdict verdict, string? transactionId = null, string? reason = null) =>
        new(id, chainCode, verdict, transactionId, reason);

    private async Task<TransactionReport> AuditedAsync(string decision, TransactionReport report)
    {
        await AuditAsync(decision, report);
        return report;
    }

    private async Task<TransactionReport> TryAuditAsync(string decision, TransactionReport report)
    {
        try
        {
            await AuditChangeAsync(decision, report);
        }
        catch (KmsException error)
        {
            services.Log.Failed(id ?? "(none)", error.Message);
        }

        return report;
    }

    private Task AuditAsync(string decision, TransactionReport? report) => audit.WriteAsync(decision, id, wallets, report, transaction?.Summary);

    private Task AuditChangeAsync(string decision, TransactionReport report) => audit.WriteChangeAsync(decision, id, wallets, report, transaction?.Summary);
}

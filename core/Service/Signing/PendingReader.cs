using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>A pending transaction that was read and decoded, and by which keys.</summary>
/// <param name="Pending">The request.</param>
/// <param name="Wallets">Signature ids of its wallets, each once.</param>
/// <param name="Draft">
/// What it decodes to; answers of the gateway may still be missing. Null where it was signed before and is not decoded any more (a bound was lowered since).
/// </param>
/// <param name="Request">The request in one spelling, with its digest.</param>
internal sealed record DecodedPending(PendingTransaction Pending, IReadOnlyList<string> Wallets, UnsignedTransaction? Draft, RequestDigest Request);

/// <summary>First half of the way: parse, match keys, decode. No private key is opened.</summary>
internal sealed class PendingReader(SigningServices services, CycleOptions options, IChain chain, PendingRecord record)
{
    private const int RoomForTheRest = 1024 * 1024; // of a pending object

    private string Code => chain.Info.Code;

    /// <summary>Reads a listed element.</summary>
    /// <returns>What it is, or how it ended already.</returns>
    /// <exception cref="KmsException">It is refused.</exception>
    internal async Task<(DecodedPending? Decoded, TransactionReport? End)> ReadAsync(ReadOnlyMemory<byte> bytes, IdClaims claims, CancellationToken stop)
    {
        RequireModest(bytes.Span);
        var json = StrictJson.Parse(bytes, "the pending transaction");
        record.Id = PendingJson.TryId(json);
        if (Unwanted(claims) is { } end)
        {
            return (null, end);
        }

        var pending = PendingJson.Read(json, options.AnyIds);
        if (pending.Chain != Code)
        {
            throw KmsException.Refused("the transaction says it is of another chain than the one asked for");
        }

        chain.Info.RequireSize(pending);
        var draft = await IsOutAsync(pending) ? await TryDecodeAsync(pending, stop) : await DecodeAsync(pending, stop);
        record.Wallets = pending.SignatureIds;
        record.Summary = draft?.Summary;
        var request = new RequestDigest(pending.Raw);
        record.Digests = new(request.Text, null);
        return (new(pending, record.Wallets, draft, request), null);
    }

    private async Task<UnsignedTransaction> DecodeAsync(PendingTransaction pending, CancellationToken stop)
    {
        var keys = KeyMatch.Find(pending, services.Wallets.Find, options.Context.Network);
        record.SayBegun();
        return await DecodeLimit.RunAsync(() => chain.Decode(pending, keys, options.Context), pending, services.Aside, stop);
    }

    /// <summary>A bound that was lowered since, or a wallet that is gone, takes nothing back that was signed.</summary>
    private async Task<UnsignedTransaction?> TryDecodeAsync(PendingTransaction pending, CancellationToken stop)
    {
        try
        {
            return await DecodeAsync(pending, stop);
        }
        catch (Exception error) when (error is KmsException or NotNowException)
        {
            return null;
        }
    }

    /// <summary>Whether this very request was signed before, and may not be signed afresh.</summary>
    private async Task<bool> IsOutAsync(PendingTransaction pending) =>
        await services.Journal.FindAsync(pending.Id) is { MaySignAfresh: false } entry && entry.Content == PendingContent.DigestOf(pending, options.Context.Network);

    private TransactionReport? Unwanted(IdClaims claims)
    {
        if (record.Id is not { } id)
        {
            return null;
        }

        if (options.OnlyTransactions.Count > 0 && !options.OnlyTransactions.Contains(id))
        {
            if (services.Memory.Lines(Code).TryTake(services.Clock))
            {
                services.Log.NotWanted(id, string.Join(" , ", options.OnlyTransactions));
            }

            return record.End(Verdict.Skipped, reason: "not among --transaction-ids");
        }

        if (claims.TryTake(id))
        {
            return null;
        }

        if (services.Memory.Lines(Code).TryTake(services.Clock))
        {
            services.Log.Repeated(id, Code);
        }

        return record.End(Verdict.Skipped, reason: "listed twice");
    }

    /// <summary>Before a document is made of it: the request's text with every character escaped, and room for the rest.</summary>
    private void RequireModest(ReadOnlySpan<byte> bytes)
    {
        record.Id = PendingList.IdOf(bytes); // so that a refusal can be reported
        var most = 2 * chain.Info.LargestRequest + RoomForTheRest;
        if (bytes.Length > most)
        {
            throw KmsException.Refused($"the pending transaction has {bytes.Length} bytes, and none of {Code} needs more than {most}");
        }

        PendingList.RequireFewParts(bytes);
    }
}

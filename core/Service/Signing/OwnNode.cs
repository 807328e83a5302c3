using KmsCloud.Chains;
using KmsCloud.Gateway;

namespace KmsCloud.Signing;

/// <summary>
/// What the operator's own node says of one transaction: it proves what the gateway alone only claims.
/// </summary>
internal sealed class OwnNode(
    SigningServices services,
    IChain chain,
    PendingTransaction pending,
    JournalEntry entry,
    SignedTransaction signed)
{
    // some EVM nodes index the transactions of two weeks alone
    private static readonly TimeSpan NodesRemember = TimeSpan.FromDays(7);

    /// <summary>
    /// Absent only when it is proved: a node that is behind, was cut, or never heard of the transaction says as truly
    /// that it does not have it.
    /// </summary>
    internal async Task<Presence> ProveAsync(JournalDoubt doubt, SecondNodes nodes, CancellationToken cancel)
    {
        var presence = await LookAsync(nodes, cancel);
        if (presence is not Presence.Absent)
        {
            return presence;
        }

        // once more: it may have come in while the node caught up with what it proves
        return await IsProvedAsync(doubt, nodes, cancel) ? await LookAsync(nodes, cancel) : Presence.Unknown;
    }

    /// <summary>What it says when it is asked for the transaction.</summary>
    internal async Task<Presence> LookAsync(SecondNodes nodes, CancellationToken cancel)
    {
        if (chain.Rules.Second is not { } second)
        {
            return chain.Rules.SecondPast is null ? Presence.Unknown : Presence.Absent; // the proof tells by itself
        }

        return entry.TransactionId is { } transactionId
            && await nodes.AskAsync(pending.Chain, second.Ask(transactionId), cancel) is { } answer
            ? second.Read(answer, transactionId)
            : Presence.Unknown;
    }

    private async Task<bool> IsProvedAsync(JournalDoubt doubt, SecondNodes nodes, CancellationToken cancel)
    {
        var proof = doubt is JournalDoubt.Expired
            ? chain.Rules.SecondPast?.Invoke(new(signed.Data, entry.SignedAt, entry.ValidUntil))
            : ProofOfCount();
        while (proof is { Ask: { } ask })
        {
            proof = await nodes.AskAsync(pending.Chain, ask, cancel) is { } answer ? proof.Then(answer) : null;
        }

        return proof == SecondProof.Given;
    }

    /// <summary>Only while no node has dropped what it knew of so young a transaction.</summary>
    private SecondProof? ProofOfCount() =>
        services.Clock.GetUtcNow() - entry.SignedAt <= NodesRemember
            && entry is { SequenceAccount: { } account, Sequence: { } sequence }
            ? chain.Rules.SecondCount?.Invoke(account[(account.IndexOf(':', StringComparison.Ordinal) + 1)..], sequence)
            : null;
}

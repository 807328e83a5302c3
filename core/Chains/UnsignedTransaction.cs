using System.Text.Json;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains;

/// <summary>
/// A decoded transaction, made of public keys. What the summary shows is what <see cref="Sign"/> signs: once
/// nothing is <see cref="Missing"/> it no longer changes.
/// </summary>
public abstract class UnsignedTransaction
{
    /// <summary>The transaction in human terms, made from the bytes to be signed.</summary>
    public abstract TransactionSummary Summary { get; }

    /// <summary>Questions whose answers the transaction still lacks (nonce, gas price, blockhash …); asked until empty.</summary>
    public virtual IReadOnlyList<NodeCall> Missing => [];

    /// <summary>
    /// The account whose next sequence number is among the missing answers, or null. The cycle signs transactions of one
    /// account one after the other and passes on the lowest number it has not handed out yet.
    /// </summary>
    public virtual string? SequenceAccount => null;

    /// <summary>The number it takes of <see cref="SequenceAccount"/>; null while it is missing.</summary>
    public virtual ulong? Sequence => null;

    /// <summary>Account and number where the request brought the number along; null otherwise.</summary>
    public virtual (string Account, ulong Number)? BroughtSequence => null;

    /// <summary>This transaction as the request alone says it, without what settings filled in: they may have been others when it was signed.</summary>
    public virtual UnsignedTransaction AsAsked => this;

    /// <summary>This transaction with the answers filled in, in the order of <see cref="Missing"/>.</summary>
    /// <exception cref="KmsException">An answer makes no sense or is beyond a sanity bound.</exception>
    public virtual UnsignedTransaction Complete(NodeAnswers answers) => this;

    /// <summary>Outputs it spends, as in <see cref="SignedTransaction.Spent"/>; null for none.</summary>
    public virtual string? Spent => null;

    /// <summary>Questions whose answers would prove a fee that is not (<see cref="TransactionSummary.FeeVerified"/>); asked when the policy wants it.</summary>
    public virtual IReadOnlyList<NodeCall> Proofs => [];

    /// <summary>This transaction with its fee proved by the answers to the first <see cref="Proofs"/>, in their order; those that are left are asked next.</summary>
    /// <exception cref="KmsException">An answer is no proof, or proves another amount.</exception>
    public virtual UnsignedTransaction Prove(NodeAnswers answers) => this;

    /// <summary>
    /// What is signed, before any hash, once nothing is missing: the chain's own signing payload; of Bitcoin's family the transaction without
    /// signatures, and behind it each output it spends (amount and script, as BIP-144 writes outputs).
    /// </summary>
    public abstract byte[] SigningBytes { get; }

    /// <summary>Opens the keys it needs, signs and verifies.</summary>
    /// <param name="keys">Where the private keys are; no other member opens one.</param>
    public abstract SignedTransaction Sign(ISigningKeys keys);
}

/// <summary>Answers to <see cref="UnsignedTransaction.Missing"/>: JSON bodies of 2xx answers, same order and count.</summary>
/// <param name="Bodies">One JSON value per question.</param>
/// <param name="NextSequence">The lowest sequence number not handed out yet by this service for the account, or null when none was.</param>
public sealed record NodeAnswers(IReadOnlyList<JsonElement> Bodies, ulong? NextSequence = null);

/// <summary>A signed transaction: plain data, which the journal keeps before anything leaves the process.</summary>
/// <param name="Data">What is sent, in the form of the chain's <c>txData</c>; where submitting takes several calls, all they need.</param>
/// <param name="TransactionId">The id the chain will know it by, when it can be computed beforehand; else null.</param>
public sealed record SignedTransaction(string Data, string? TransactionId)
{
    /// <summary>The account whose sequence number it holds, handed out at signing time or brought along by the request; null where there is none.</summary>
    public string? SequenceAccount { get; init; }

    /// <summary>The sequence number used for <see cref="SequenceAccount"/>.</summary>
    public ulong? Sequence { get; init; }

    /// <summary>The request brought the number along: it is held, and says nothing about where the account's numbers are.</summary>
    public bool IsSequenceBrought { get; init; }

    /// <summary>It was in the journal already: a copy may be on its way, so that refusing this one says nothing about that one.</summary>
    public bool MayBeOut { get; init; }

    /// <summary>
    /// Somebody else's signature or witness, or the rest of its group, may be all that it lacks: such words of a node
    /// (<see cref="BroadcastRules.Completable"/>) are not the last.
    /// </summary>
    public bool MayBeCompleted { get; init; }

    /// <summary>
    /// Only what was filled in (a blockhash) tells it from the same payment asked for under another id: signed at one moment
    /// both come out as one transaction, which pays once.
    /// </summary>
    public bool IsDated { get; init; }

    /// <summary>Outputs it spends, on chains where a signature may not cover what they hold, as <see cref="SpentOutput.Write"/> writes them; else null.</summary>
    public string? Spent { get; init; }

    /// <summary>Last instant at which the chain could take it, when its own dates say so; null when no clock tells.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>The same, counted from the moment it is signed.</summary>
    public TimeSpan? ValidFor { get; init; }
}

using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace KmsCloud.Signing;

/// <summary>What became of a signed transaction.</summary>
public enum JournalState
{
    /// <summary>Signed; whether the network has it is not known yet.</summary>
    Outstanding,

    /// <summary>Taken by the gateway or the network.</summary>
    Accepted,

    /// <summary>Refused for good.</summary>
    Rejected,

    /// <summary>Released by an operator: it may be signed afresh.</summary>
    Released,

    /// <summary>Its own validity has passed without it, as a second source or an operator confirmed.</summary>
    Expired,

    /// <summary>Another transaction took its place on the chain, as a second source or an operator confirmed.</summary>
    Replaced,
}

/// <summary>
/// What the gateway alone says of a transaction that is out: shown, alarmed, and acted upon only once somebody else
/// agrees.
/// </summary>
public enum JournalDoubt
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its validity has passed by our clock, and the gateway says that the chain does not have it.</summary>
    Expired,

    /// <summary>The gateway says that its account's next number is past, and that the chain does not have it.</summary>
    Replaced,
}

/// <summary>What the journal knows of a pending id.</summary>
/// <param name="Id">The pending id.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="Content">SHA-256 of what was asked, lower-case hex.</param>
/// <param name="State">What became of it.</param>
/// <param name="SignedAt">When it was signed.</param>
public sealed record JournalEntry(string Id, string Chain, string Content, JournalState State, DateTimeOffset SignedAt)
{
    /// <summary>The transaction id we computed; where it cannot be computed, the one the chain's side named.</summary>
    public string? TransactionId { get; init; }

    /// <summary>Why it ended so, or what was heard last.</summary>
    public string? Reason { get; init; }

    /// <summary>The account whose sequence number it took, or null.</summary>
    public string? SequenceAccount { get; init; }

    /// <summary>That sequence number.</summary>
    public ulong? Sequence { get; init; }

    /// <summary>The request brought that number along.</summary>
    public bool IsSequenceBrought { get; init; }

    /// <summary>
    /// Only what was filled in tells it from the same payment under another id; a new signature is another transaction.
    /// </summary>
    public bool IsDated { get; init; }

    /// <summary>Last instant at which the chain could take it, by its own dates.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Which signature of the pending id it is, from 1.</summary>
    public int Number { get; init; } = 1;

    /// <summary>How often it was sent, as far as it is written down.</summary>
    public int Sent { get; init; }

    /// <summary>When something was heard last, or null.</summary>
    public DateTimeOffset? HeardAt { get; init; }

    /// <summary>What the gateway alone concludes.</summary>
    public JournalDoubt Doubt { get; init; }

    /// <summary>
    /// Whether the request may be signed once more: an operator released it, or it is proved to have expired and a new
    /// signature is another transaction.
    /// </summary>
    public bool MaySignAfresh => State is JournalState.Released || (State is JournalState.Expired && IsDated);

    /// <summary>Whether nothing can become of it any more unless an operator says so.</summary>
    internal bool IsSettled => State is not JournalState.Outstanding && !MaySignAfresh;

    /// <summary>SHA-256 over the bytes that were signed, lower-case hex; null where the line does not say.</summary>
    public string? TransactionDigest { get; init; }

    /// <summary>The most it can cost in base units of the fee coin; null where the line does not say.</summary>
    public BigInteger? Fee { get; init; }

    internal long Position { get; init; }

    /// <summary>
    /// The first half of SHA-256 over the signed bytes as text: what is read back later must be what was written.
    /// </summary>
    internal UInt128? DataDigest { get; init; }

    /// <summary>
    /// Whether the transaction id is one that a later line named, not the line that says that it was signed.
    /// </summary>
    internal bool IsNamed { get; init; }

    /// <summary>The entry of a line that says that something was signed.</summary>
    internal static JournalEntry Of(JournalRecord record, long position, JournalEntry? before) =>
        new(record.Id, record.Chain!, record.Content!, JournalState.Outstanding, record.Time)
        {
            TransactionId = record.TransactionId,
            SequenceAccount = record.Account,
            Sequence = record.Sequence,
            IsSequenceBrought = record.IsSequenceBrought,
            IsDated = record.IsDated,
            ValidUntil = record.ValidUntil,
            Number = record.Number ?? Journal.NextNumber(before),
            TransactionDigest = record.Transaction,
            Fee = record.Fee,
            DataDigest = record.Data is { } data ? DigestOf(data) : null,
            Position = position,
        };

    /// <summary>What <see cref="DataDigest"/> holds of a text.</summary>
    internal static UInt128 DigestOf(string data) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(data)));

    /// <summary>The entry after another line about it.</summary>
    internal JournalEntry After(JournalRecord record) => record.Event == JournalRecord.Heard
        ? this with { Reason = record.Reason, Doubt = record.Doubt, Sent = record.Sent ?? Sent, HeardAt = record.Time }
        : this with
        {
            State = Enum.Parse<JournalState>(record.Event, ignoreCase: true),
            // what we computed is never replaced by what somebody names
            TransactionId = TransactionId ?? record.TransactionId,
            IsNamed = IsNamed || (TransactionId is null && record.TransactionId is not null),
            Reason = record.Reason,
        };
}

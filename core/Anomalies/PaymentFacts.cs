using KmsCloud.Codecs;

namespace KmsCloud.Anomalies;

/// <summary>A payment to somebody else.</summary>
/// <param name="To">The recipient, with the tag or memo that names a customer behind <c>?</c>.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Amount">How much, in coins or raw units: always the same for one asset.</param>
public readonly record struct PaidTo(string To, string Asset, ExactSum Amount)
{
    /// <summary>Who gets what only the ledger can count.</summary>
    public static PaidTo Uncounted(string to) => new(to, "(uncounted)", default);
}

/// <summary>What the rules look at of one transaction: the same before it is signed and in the audit log.</summary>
/// <param name="Time">When.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="Wallet">Signature ids, joined by "+".</param>
/// <param name="Payments">Payments to others; change is left out.</param>
public sealed record PaymentFacts(DateTimeOffset Time, string Chain, string Wallet, IReadOnlyList<PaidTo> Payments)
{
    /// <summary>The asset that the fee is paid in, or null while there is none.</summary>
    public string? FeeAsset { get; init; }

    /// <summary>The most it can be.</summary>
    public ExactSum Fee { get; init; }
}

/// <summary>A rule that found something, and the numbers that made it.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Text">What it found.</param>
public sealed record Finding(string Rule, string Text);

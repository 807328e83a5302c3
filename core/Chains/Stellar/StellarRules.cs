using System.Text.Json;

namespace KmsCloud.Chains.Stellar;

/// <summary>Result codes of stellar-core (Stellar-transaction.x) and problem types of Horizon.</summary>
internal static class StellarRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Permanent =
        [
            "tx_bad_auth", "tx_bad_auth_extra", "tx_malformed", "tx_missing_operation", "tx_not_supported",
            "tx_soroban_invalid", "transaction_malformed", "tx_bad_sponsorship",
        ],
        Completable = ["tx_bad_auth", "tx_bad_auth_extra"],
        Passing =
        [
            "tx_insufficient_fee", "tx_insufficient_balance", "tx_no_account", "tx_no_source_account",
            "tx_too_early", "tx_bad_minseq_age_or_gap", "tx_internal_error", "try_again_later", "timeout",
        ],
        Known =
        [
            "tx_bad_seq", "bad sequence", "tx_too_late", "tx_failed", "op_*", "duplicate",
        ],
        LookRoute = "/v3/xlm/transaction/",
        Second = SecondLooks.Page("/transactions/"),
        SecondPast = dates => dates.ValidUntil is not { } until ? null : new(
            NodeCall.Get("/", "the newest ledger"),
            answer => Instant(SecondLooks.Member(answer, "history_latest_ledger_closed_at")) > until ? ReachesBack(dates) : null),
    };

    // Horizon keeps what it is told to keep, often a year or a month
    private static SecondProof ReachesBack(SignedDates dates) => new(
        NodeCall.Get("/ledgers?order=asc&limit=1", "the oldest ledger"),
        answer => SecondLooks.Member(answer, "_embedded", "records") is { ValueKind: JsonValueKind.Array } ledgers && ledgers.GetArrayLength() == 1
            && ledgers[0].ValueKind is JsonValueKind.Object && ledgers[0].TryGetProperty("closed_at", out var closed) && Instant(closed) <= dates.Start
            ? SecondProof.Given
            : null);

    private static DateTimeOffset? Instant(JsonElement? time) =>
        time is { ValueKind: JsonValueKind.String } text && text.TryGetDateTimeOffset(out var instant) ? instant : null;
}

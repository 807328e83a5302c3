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
    };
}

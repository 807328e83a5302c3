namespace KmsCloud.Chains.Algorand;

/// <summary>Errors of go-algorand (data/pools, data/transactions, ledger).</summary>
internal static class AlgorandRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Permanent =
        [
            "transaction malformed", "malformed transaction", "signature validation failed", "at least one signature didn't pass verification",
            "genesis hash mismatch", "genesis id mismatch", "genesis mismatch",
            "less than the minimum", "note too big", "transaction invalid",
        ],
        Completable = ["less than the minimum", "transaction invalid"],
        Passing =
        [
            "below threshold", "overspend", "below min", "transaction pool is full",
            "pool is full", "pool have reached capacity", "too early",
        ],
        Known =
        [
            "already in ledger", "txn dead", "overlapping lease", "using an overlapping lease",
            "transaction already in*",
        ],
        LookRoute = "/v3/algorand/transaction/",
    };
}

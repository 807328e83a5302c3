namespace KmsCloud.Chains.VeChain;

/// <summary>Errors of VeChainThor (txpool/errors.go, txpool/tx_pool.go).</summary>
internal static class VeChainRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Permanent =
        [
            "chain tag mismatch", "intrinsic gas exceeds provided gas", "size too large", "bad tx",
            "invalid signature", "unsupported features", "gas too large",
        ],
        Passing =
        [
            "pool is full", "insufficient energy", "insufficient balance", "quota exceeded",
            "account quota exceeded", "delegator quota exceeded", "tx is not executable", "chain is not synced",
            "gas price is less than block base fee", "max fee per gas less than block base fee",
        ],
        Known =
        [
            "known tx", "already exists", "expired", "replacement transaction underpriced",
        ],
        LookRoute = "/v3/vet/transaction/",
        Second = SecondLooks.Page("/transactions/"),
    };
}

namespace KmsCloud.Chains.MultiversX;

/// <summary>Errors of mx-chain-go (process/errors.go, api/errors) and of the proxy.</summary>
internal static class MultiversXRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Permanent =
        [
            "invalid signature", "signature verification failed", "invalid chain id*",
            "invalid transaction version", "insufficient gas limit", "insufficient gas limit in tx",
            "negative value", "wrong transaction", "invalid address", "higher gas limit",
        ],
        Passing =
        [
            "insufficient funds", "insufficient balance", "not enough balance", "higher nonce in transaction",
            "tx cache is full", "lower gas price", "insufficient gas price", "no sender account",
            "sending request error", "observers*",
        ],
        Known =
        [
            "lowerNonceInTx", "lower nonce in transaction", "duplicate transaction", "duplicated transaction",
            "already in pool", "existing transaction", "veryHighNonceInTx",
        ],
        LookRoute = "/v3/egld/transaction/",
        Second = SecondLooks.Page("/transaction/"),
    };
}

namespace KmsCloud.Chains.Bnb;

/// <summary>Errors of bnc (types/errors, the ante handler and CheckTx of the Beacon Chain).</summary>
internal static class BnbRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Permanent =
        [
            "txparseerror", "tx decode error", "failed to decode", "invalid address", "invalid coins",
            "memo too large", "maximum number of characters*",
        ],
        Passing =
        [
            "insufficient fund*", "insufficient fee*", "mempool is full", "tx too large",
        ],
        Known =
        [
            "invalid sequence", "tx already exists*", "already exists in cache", "already in pool",
            "already broadcast", "signature verification failed",
        ],
        LookRoute = "/v3/bnb/transaction/",
        Second = SecondLooks.Page("/api/v1/tx/"),
    };
}

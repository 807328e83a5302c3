namespace KmsCloud.Chains.Bitcoin;

/// <summary>Reject reasons of Bitcoin Core and its relatives (validation.cpp, policy.cpp, rpc/rawtransaction_util.cpp of Bitcoin Core, Litecoin Core, Dogecoin Core, Bitcoin Cash Node).</summary>
internal static class BitcoinRules
{
    /// <summary>The rules of a coin.</summary>
    internal static BroadcastRules Of(BitcoinCoin coin) => new()
    {
        Permanent =
        [
            "dust", "mandatory-script-verify-flag-failed", "mandatory-script-verify-flag",
            "non-mandatory-script-verify-flag", "scriptsig-not-pushonly", "scriptsig-size", "bad-txns-in-belowout",
            "bad-txns-vin-empty", "bad-txns-vout-empty", "bad-txns-oversize", "bad-txns-undersize",
            "bad-txns-vout-negative", "bad-txns-vout-toolarge", "bad-txns-txouttotal-toolarge",
            "bad-txns-inputs-duplicate", "bad-txns-prevout-null", "bad-txns-fee-outofrange",
            "bad-txns-nonstandard-inputs", "bad-witness-nonstandard", "bare-multisig", "multi-op-return",
            "tx-size", "tx-size-small", "tx decode failed", "txn-undersize",
        ],
        Completable =
        [
            "mandatory-script-verify-flag-failed", "mandatory-script-verify-flag", "non-mandatory-script-verify-flag",
            "scriptsig-not-pushonly", "scriptsig-size", "bad-txns-nonstandard-inputs", "bad-witness-nonstandard",
        ],
        Passing =
        [
            "non-final", "non-bip68-final", "min relay fee not met", "mempool min fee not met", "min-fee-not-met",
            "mempool full", "insufficient priority", "insufficient fee", "too-long-mempool-chain",
            "too many descendants", "too many unconfirmed", "bad-txns-premature-spend-of-coinbase",
            "rate limited free transaction", "absurdly-high-fee", "max-fee-exceeded",
            "fee exceeds maximum configured", "in initial download", "initial block download",
        ],
        Known =
        [
            "already known", "already in mempool", "already in block chain", "already in utxo set", "txn-already*",
            "txn-mempool-conflict", "txn-same-nonwitness-data-in-mempool", "missing inputs", "missing-inputs",
            "missingorspent", "bad-txns-inputs-missingorspent", "bad-txns-inputs-spent",
            "bad-txns-spends-conflicting-tx",
        ],
        LookRoute = coin.BroadcastRoute.Replace("/broadcast", "/transaction/", StringComparison.Ordinal),
        Second = SecondLooks.Rpc("getrawtransaction", "1.0", absent: -5),
        SecondSend = SecondLooks.Send("sendrawtransaction", "1.0"),
    };
}

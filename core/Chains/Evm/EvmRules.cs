namespace KmsCloud.Chains.Evm;

/// <summary>
/// Errors of go-ethereum and its relatives (core/txpool/errors.go, core/error.go), Erigon, Nethermind, Besu,
/// OpenEthereum, Klaytn, Harmony, XDC.
/// </summary>
internal static class EvmRules
{
    /// <summary>The rules of a chain.</summary>
    internal static BroadcastRules Of(ChainInfo info) => new()
    {
        Permanent =
        [
            "invalid sender", "invalid signature", "invalid transaction v, r, s values", "invalid chain id*",
            "wrong chain id", "chain id mismatch", "incompatible chain id", "only replay-protected",
            "intrinsic gas too low", "intrinsic gas exceeds gas limit", "insufficient gas for floor data gas cost",
            "exceeds block gas limit", "transaction gas limit too high", "oversized data", "negative value",
            "rlp*", "transaction type not supported", "max initcode size exceeded",
            "max priority fee per gas higher than max fee per gas", "typed transaction too short",
            "not enabled on this chain",
        ],
        Passing =
        [
            "insufficient funds", "txpool is full", "transaction pool is full", "pool is full",
            "txpool is overflowed", "transaction underpriced", "feetoolow", "gas price too low", "fee too low",
            "max fee per gas less than block base fee", "base fee", "exceeds the configured cap", "tx fee*",
            "future transaction*", "account limit exceeded", "gapped-nonce*",
            "in-flight transaction limit reached", "pending transactions limit", "queue limit",
            "insufficient balance",
        ],
        Known =
        [
            "already known", "alreadyknown", "already imported", "already exists", "already_exists",
            "already pending", "known transaction", "known tx", "nonce too low", "nonce is too low", "lower nonce",
            "oldnonce", "nonce too high", "nonce is too high", "invalid nonce",
            "replacement transaction underpriced", "replacement_underpriced", "replacementnotallowed",
            "replacement not allowed", "there is another tx which has the same nonce",
        ],
        LookRoute = info.BroadcastRoute.Replace("/broadcast", "/transaction/", StringComparison.Ordinal),
        CountRoute = info.BroadcastRoute.Replace("/broadcast", "/transaction/count/", StringComparison.Ordinal),
        Second = SecondLooks.Rpc("eth_getTransactionByHash"),
        SecondSend = SecondLooks.Send("eth_sendRawTransaction"),
        SecondCount = (account, sequence) => SecondLooks.Above("eth_getTransactionCount", $"[\"{account}\",\"latest\"]", sequence),
    };
}

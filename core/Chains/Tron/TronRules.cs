
namespace KmsCloud.Chains.Tron;

/// <summary>Response codes of java-tron (api.proto, Return.response_code) and the words of its Wallet.broadcastTransaction.</summary>
internal static class TronRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Permanent =
        [
            "SIGERROR", "validate signature error", "TOO_BIG_TRANSACTION_ERROR", "transaction size is too big",
            "message is too big",
        ],
        Completable = ["SIGERROR", "validate signature error"],
        Passing =
        [
            "SERVER_BUSY", "server busy", "NO_CONNECTION", "no connection", "NOT_ENOUGH_EFFECTIVE_CONNECTION",
            "not enough effective connection", "BLOCK_UNSOLIDIFIED", "block unsolidified", "BANDWITH_ERROR",
            "BANDWIDTH_ERROR", "account resource insufficient", "balance is not sufficient", "no enough balance",
            "is not sufficient",
        ],
        Known =
        [
            "DUP_TRANSACTION_ERROR", "dup transaction", "TRANSACTION_EXPIRATION_ERROR", "transaction expired",
            "TAPOS_ERROR", "tapos check error", "tapos failed",
        ],
        LookRoute = "/v3/tron/transaction/",
        Second = new(
            id => NodeCall.Post("/wallet/gettransactionbyid", $"{{\"value\":\"{id}\"}}", "the transaction"),
            (answer, id) => !answer.IsSuccess || answer.Json is not { ValueKind: System.Text.Json.JsonValueKind.Object } json ? Presence.Unknown
                : json.TryGetProperty("txID", out var found) && found.ValueKind is System.Text.Json.JsonValueKind.String && found.ValueEquals(id) ? Presence.Found
                : answer.Body.Trim() == "{}" ? Presence.Absent
                : Presence.Unknown),
        SecondSend = data => NodeCall.Post("/wallet/broadcasttransaction", data, "the broadcast"),
        SecondPast = TronPast.Proof,
    };
}

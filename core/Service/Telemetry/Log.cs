using Microsoft.Extensions.Logging;

namespace KmsCloud.Telemetry;

/// <summary>Every log line of the signing service. Texts that people search for are those of tatum-kms; payloads and secrets are never parameters.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Getting pending transaction from {Chain} for {Wallets}.")]
    internal static partial void Polling(this ILogger log, string chain, string wallets);

    [LoggerMessage(2, LogLevel.Error, "{Chain}: {Problem}")]
    internal static partial void PollFailed(this ILogger log, string chain, string problem);

    [LoggerMessage(3, LogLevel.Information, "Processing pending transaction - {Id} on {Chain}.")]
    internal static partial void Processing(this ILogger log, string id, string chain);

    [LoggerMessage(4, LogLevel.Information, "External url '{Url}' is present, checking against it.")]
    internal static partial void Asking(this ILogger log, string url);

    [LoggerMessage(5, LogLevel.Error, "Transaction not found on external system. ID: {Id}: {Reason}")]
    internal static partial void NotApproved(this ILogger log, string id, string reason);

    [LoggerMessage(6, LogLevel.Error, "Could not process transaction id {Id}, error: {Problem}")]
    internal static partial void Failed(this ILogger log, string id, string problem);

    [LoggerMessage(7, LogLevel.Information, "Signed {Id} on {Chain}: {Summary}")]
    internal static partial void Signed(this ILogger log, string id, string chain, string summary);

    [LoggerMessage(8, LogLevel.Information, "Tx was processed: {Id} on {Chain}, accepted as {TransactionId}.")]
    internal static partial void Accepted(this ILogger log, string id, string chain, string transactionId);

    [LoggerMessage(9, LogLevel.Warning, "Broadcast {Id} on {Chain}: outcome unknown ({Reason}); the same bytes are sent again in the next cycle.")]
    internal static partial void Ambiguous(this ILogger log, string id, string chain, string reason);

    [LoggerMessage(10, LogLevel.Information, "{Id} was signed before; sending the same bytes again.")]
    internal static partial void Resending(this ILogger log, string id);

    [LoggerMessage(11, LogLevel.Error, "Failures that could not be reported: {Count}. {Problem}")]
    internal static partial void ReportFailed(this ILogger log, int count, string problem);

    [LoggerMessage(20, LogLevel.Information, "Tx was not processed: {Id} , expected one of : {Wanted}")]
    internal static partial void NotWanted(this ILogger log, string id, string wanted);

    [LoggerMessage(21, LogLevel.Information, "Failures sent to the gateway: {Count}.")]
    internal static partial void Reported(this ILogger log, int count);

    [LoggerMessage(27, LogLevel.Warning, "Failures not reported to the gateway: {Count}; no more than {Most} of a chain wait.")]
    internal static partial void ReportsDropped(this ILogger log, int count, int most);

    [LoggerMessage(28, LogLevel.Warning, "{Chain}: the gateway lists more than {Most} transactions; the first {Most} are worked on.")]
    internal static partial void ListCut(this ILogger log, string chain, int most);

    [LoggerMessage(29, LogLevel.Warning, "{Chain}: lines about refused transactions that are not shown: {Count} more.")]
    internal static partial void NotShown(this ILogger log, string chain, int count);

    [LoggerMessage(51, LogLevel.Warning, "{Chain}: lines about transactions that are not signed, and not shown: {Count} more.")]
    internal static partial void NotTold(this ILogger log, string chain, int count);

    [LoggerMessage(12, LogLevel.Information, "The gateway announces tatum-kms {Latest}, and this program follows version 8 of it: look for a newer KmsCloud.")]
    internal static partial void LatestVersion(this ILogger log, string latest);

    [LoggerMessage(44, LogLevel.Warning, "The wallet file has no wallet of {Network} to sign for: waiting for one.")]
    internal static partial void NoWallets(this ILogger log, string network);

    [LoggerMessage(13, LogLevel.Information, "Cycle done in {Milliseconds} ms: {Accepted} broadcast, {Waiting} waiting, {Refused} refused, {Failed} failed.")]
    internal static partial void CycleDone(this ILogger log, long milliseconds, int accepted, int waiting, int refused, int failed);

    [LoggerMessage(14, LogLevel.Information, "The wallet file was replaced and read again: generation {Generation}.")]
    internal static partial void Reloaded(this ILogger log, long generation);

    [LoggerMessage(15, LogLevel.Error, "The replaced wallet file cannot be used, the wallets read before stay: {Problem}")]
    internal static partial void ReloadFailed(this ILogger log, string problem);

    [LoggerMessage(16, LogLevel.Warning, "The gateway listed {Id} on {Chain} more than once in one answer.")]
    internal static partial void Repeated(this ILogger log, string id, string chain);

    [LoggerMessage(17, LogLevel.Critical, "A bug of ours stopped {Id}: {Type}. Please report it.")]
    internal static partial void Bug(this ILogger log, string id, string type);

    [LoggerMessage(18, LogLevel.Debug, "No wallets of {Chain}, not polled.")]
    internal static partial void NotPolled(this ILogger log, string chain);

    [LoggerMessage(19, LogLevel.Warning, "{Id} on {Chain}: {Warning}")]
    internal static partial void Warning(this ILogger log, string id, string chain, string warning);

    [LoggerMessage(120, LogLevel.Warning, "Anomaly {Rule} at {Id} of {Chain}: {Text}.")]
    internal static partial void Anomaly(this ILogger log, string rule, string id, string chain, string text);

    [LoggerMessage(121, LogLevel.Error, "An alert of {Rule} at {Id} was not delivered: {Problem}.")]
    internal static partial void AlertLost(this ILogger log, string rule, string id, string problem);

    [LoggerMessage(42, LogLevel.Information, "State {Id}, head {Head}.")]
    internal static partial void StateHead(this ILogger log, string? id, string head);

    [LoggerMessage(41, LogLevel.Warning, "The state is not sealed: {Warning}")]
    internal static partial void UnsealedState(this ILogger log, string warning);

    [LoggerMessage(40, LogLevel.Warning, "The approver is open to forgery: {Warning}")]
    internal static partial void OpenApprover(this ILogger log, string warning);

    [LoggerMessage(43, LogLevel.Warning, "One key on two networks: {Pair}")]
    internal static partial void OneKeyOnTwoNetworks(this ILogger log, string pair);

    [LoggerMessage(22, LogLevel.Warning, "Signing is {State}: {Text}")]
    internal static partial void FreezeChanged(this ILogger log, string state, string text);

    [LoggerMessage(23, LogLevel.Warning, "{Id} on {Chain} waits: {Reason}")]
    internal static partial void Waiting(this ILogger log, string id, string chain, string reason);

    [LoggerMessage(26, LogLevel.Information, "Stopped. What was signed is handed over, or in the journal for the next start.")]
    internal static partial void Stopped(this ILogger log);

    [LoggerMessage(24, LogLevel.Information, "The policy was read again: {Count} rules.")]
    internal static partial void PolicyReloaded(this ILogger log, int count);

    [LoggerMessage(25, LogLevel.Error, "The policy cannot be used, the one read before stays: {Problem}")]
    internal static partial void PolicyReloadFailed(this ILogger log, string problem);

    [LoggerMessage(60, LogLevel.Information, "The approvers file was read again: {Count} people, digest {Digest}.")]
    internal static partial void ApproversReloaded(this ILogger log, int count, string digest);

    [LoggerMessage(61, LogLevel.Error, "The approvers file cannot be used, the one read before stays: {Problem}")]
    internal static partial void ApproversReloadFailed(this ILogger log, string problem);

    [LoggerMessage(52, LogLevel.Error, "DISAGREEMENT on {Id} of {Chain}, which does not leave and is set aside for good: {Reason}")]
    internal static partial void Disagreed(this ILogger log, string id, string chain, string reason);

    [LoggerMessage(45, LogLevel.Warning, "What is signed is not read a second time on {Chains}: --second-reader or KMS_SECOND_READER says so.")]
    internal static partial void SecondReaderOff(this ILogger log, string chains);
}

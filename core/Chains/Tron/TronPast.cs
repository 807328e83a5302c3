using System.Text.Json;

namespace KmsCloud.Chains.Tron;

/// <summary>
/// What a node of the operator's own must show before its not having a transaction counts: a block after the
/// expiration, and one from before the signature (a light node starts at a snapshot). A slot is three seconds and may
/// stay empty, so that a block was made at least as long ago as its distance from the newest says.
/// </summary>
internal static class TronPast
{
    private const long Slot = 3000; // milliseconds

    internal static SecondProof? Proof(SignedDates dates) => dates.ValidUntil is not { } until ? null : new(
        NodeCall.Post("/wallet/getnowblock", "{}", "the newest block"),
        answer => Block(answer) is { } newest && newest.Time > until.ToUnixTimeMilliseconds() ? ReachesBack(newest, dates.Start.ToUnixTimeMilliseconds()) : null);

    private static SecondProof? ReachesBack((long Number, long Time) newest, long start)
    {
        var old = newest.Number - ((newest.Time - start + Slot - 1) / Slot);
        return old <= 0 ? null : new(
            NodeCall.Post("/wallet/getblockbynum", $"{{\"num\":{old}}}", "an old block"),
            answer => Block(answer) is { } block && block.Number == old && block.Time <= start ? SecondProof.Given : null);
    }

    private static (long Number, long Time)? Block(NodeAnswer answer) =>
        SecondLooks.Member(answer, "block_header", "raw_data", "number") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var height)
        && SecondLooks.Member(answer, "block_header", "raw_data", "timestamp") is { ValueKind: JsonValueKind.Number } timestamp && timestamp.TryGetInt64(out var time)
        && height is > 0 and < 1L << 40 && time is > 0 and < 1L << 50
            ? (height, time)
            : null;
}

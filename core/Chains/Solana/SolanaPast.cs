using System.Numerics;
using System.Text.Json;

namespace KmsCloud.Chains.Solana;

/// <summary>
/// What a node of the operator's own must show before its not having a transaction counts. The gateway named the last
/// valid block, so it is not asked about: the node's newest block must be of a time after the transaction's end, the
/// node itself must say that the blockhash is no longer valid, and its oldest block must be from before the signature
/// (a validator keeps some days; getTransaction says null of what is older).
/// </summary>
internal static class SolanaPast
{
    private const string Finalized = "{\"commitment\":\"finalized\"}";
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    internal static SecondProof? Proof(SignedDates dates)
    {
        var signed = SolanaSigned.Read(dates.Data);
        if (signed.LastValidBlockHeight is null || dates.ValidUntil is not { } until)
        {
            return null; // a durable nonce does not end
        }

        var end = (until + Margin).ToUnixTimeSeconds();
        return SecondLooks.Result(
            "getSlot", $"[{Finalized}]", slot => TimeOf(slot, time => time > end ? IsOver(signed, dates) : null));
    }

    private static SecondProof IsOver(SolanaSigned signed, SignedDates dates) => SecondLooks.Question(
        "isBlockhashValid",
        $"[\"{signed.Blockhash}\",{Finalized}]",
        answer => SecondLooks.Member(answer, "result", "value") is { ValueKind: JsonValueKind.False } ? ReachesBack(dates) : null);

    private static SecondProof ReachesBack(SignedDates dates) => SecondLooks.Result(
        "getFirstAvailableBlock",
        "[]",
        slot => slot.IsZero ? SecondProof.Given : TimeOf(slot, time => time <= dates.Start.ToUnixTimeSeconds() ? SecondProof.Given : null));

    private static SecondProof TimeOf(BigInteger slot, Func<BigInteger, SecondProof?> then) =>
        SecondLooks.Result("getBlockTime", $"[{slot}]", then);
}

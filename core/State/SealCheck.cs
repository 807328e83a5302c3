using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.State;

/// <summary>Follows the lines from the first, or from a mark, to the last.</summary>
/// <param name="name">The log.</param>
/// <param name="head">The head.</param>
/// <param name="known">
/// How far it was; null for a log from before lines were sealed, which is taken over once.
/// </param>
/// <param name="mark">Where it begins; null for the beginning.</param>
internal sealed class SealCheck(string name, StateHead head, LogHead? known, LogMark? mark = null)
{
    private byte[] hash = mark is null ? SealedLog.Start : Convert.FromHexString(mark.Hash);
    private long number = mark?.Number ?? 0;
    private long bare = mark?.Unsealed ?? 0;
    private bool metHead = known?.Number is null or 0 || (known.Number == mark?.Number && known.Hash == mark.Hash);
    private bool metNext = known?.Next is { } next && next.Number == mark?.Number && next.Hash == mark.Hash;

    /// <summary>SHA-256 over hash before and line, up to here.</summary>
    internal byte[] Hash => hash;

    /// <summary>Lines up to here.</summary>
    internal long Number => number;

    /// <summary>How many of them have no seal.</summary>
    internal long Unsealed => bare;

    internal byte[] Next(ReadOnlyMemory<byte> line)
    {
        number++;
        var payload = SealedLog.Payload(line.Span, out var seal);
        if (seal is null)
        {
            bare++;
            if (bare != number
                || (known is not null && number > known.Unsealed && number > (known.Next?.Unsealed ?? 0)))
            {
                throw Bad($"line {number} of {name} has no seal: somebody else wrote it");
            }
        }
        else if (seal.Value.Number != number || seal.Value.Mac != head.LineMac(name, number, hash, payload))
        {
            throw Bad(known is null && bare == 0
                ? $"{name} has sealed lines, and state.head, which says how far it is, is missing or of another "
                    + "wallet file"
                : $"line {number} of {name} has a wrong seal: it, or a line before it, was changed, removed or "
                    + "added");
        }
        else if (known is null)
        {
            throw Bad($"{name} has sealed lines, and state.head, which says how far it is, is missing");
        }

        hash = SealedLog.Chain(hash, line.Span);
        metHead |= known?.Number == number && known.Hash == Hex.Lower(hash);
        metNext |= known?.Next is { } next && next.Number == number && next.Hash == Hex.Lower(hash);
        return payload;
    }

    internal void RequireEnd()
    {
        var isReplaced = metNext || (known?.Next is { Number: 0 } && number == 0);
        if (!metHead && !isReplaced)
        {
            throw Bad(
                $"{name} holds {number} lines, and state.head knows {known!.Number}: an older one was put back, "
                + "or lines were taken away");
        }
    }

    private static KmsException Bad(string what) => new(
        Failure.WalletFile,
        what,
        "nothing is signed on it; if this is a restore you made, see: kms state accept-restore");
}

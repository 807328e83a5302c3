using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Signing;

/// <summary>
/// A number far above what was handed out would make every later transaction of the account wait for ever.
/// </summary>
internal static class SequenceBounds
{
    /// <summary>Refuses it.</summary>
    /// <exception cref="KmsException">The gateway counts more than a bound above what was signed here.</exception>
    internal static void Require(CompleteTransaction transaction, Journal journal, CycleOptions options)
    {
        if (transaction.BroughtSequence is { Number: > JournalRecord.LargestSequence } brought)
        {
            throw KmsException.Refused($"the request's sequence number {brought.Number} is above {JournalRecord.LargestSequence}, which no account reaches");
        }

        if (transaction is not { SequenceAccount: { } account, Sequence: { } sequence })
        {
            return;
        }

        // also where what was signed was refused: its number was the gateway's too, and no license for the next
        var known = journal.SeenSequence(account);
        var next = known ?? 0;
        var most = known is null ? Math.Max(options.LargestFirstCount, options.LargestJump) : options.LargestJump;
        if (sequence <= next || sequence - next <= most)
        {
            return;
        }

        throw new KmsException(
            Failure.Refused,
            known is null
                ? $"the gateway counts {sequence} transactions of {account}, and nothing was signed for it here before: no account has made more than {most}"
                : $"the gateway counts {sequence} transactions of {account}, and the next number here is {next}: {sequence - next} more than were signed",
            "if the account really is there, allow the jump once with KMS_LARGEST_SEQUENCE_JUMP; numbers that stay free are shown by: kms journal gaps");
    }
}

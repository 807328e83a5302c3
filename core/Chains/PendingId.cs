using KmsCloud.Errors;

namespace KmsCloud.Chains;

/// <summary>
/// The ids of pending transactions. They become a segment of the approver's URL and words of log lines, so nothing that
/// means something there is an id: not <c>..</c>, not <c>health</c>, not a space.
/// </summary>
public static class PendingId
{
    /// <summary>Most characters of an id of a free form.</summary>
    public const int Longest = 100;

    private const int ObjectIdLength = 24;
    private static readonly int[] UuidGroups = [8, 4, 4, 4, 12];

    /// <summary>
    /// Whether a text is made of <c>0-9 A-Z a-z _ -</c>, 1 to <see cref="Longest"/> of them: what may be shown and
    /// reported.
    /// </summary>
    public static bool IsPlain(string text) => text.Length is > 0 and <= Longest && text.All(IsPlain);

    /// <summary>
    /// Whether a text has one of the two forms the gateway gives: 24 hex digits, or a UUID with its hyphens. In lower
    /// case alone: an approver may read ids as numbers, or compare them without case, and two spellings of one id would
    /// be two requests here and one there.
    /// </summary>
    public static bool IsOfTheGateway(string text) => IsHex(text, ObjectIdLength) || IsUuid(text);

    /// <summary>Checks an id.</summary>
    /// <param name="text">The id.</param>
    /// <param name="anyForm">Takes every plain id, for gateways that give others.</param>
    /// <exception cref="KmsException"><see cref="Failure.Refused"/>: it is none.</exception>
    public static string Check(string text, bool anyForm)
    {
        if (!IsPlain(text))
        {
            throw KmsException.Refused(
                $"the pending transaction: 'id' is not 1 to {Longest} letters, digits, '-' or '_'");
        }

        if (IsOfTheGateway(text))
        {
            return text;
        }

        if (IsOfTheGateway(text.ToLowerInvariant()))
        {
            throw KmsException.Refused("the pending transaction: 'id' has capital letters: it may be another spelling of an id that was signed");
        }

        return anyForm
            ? text
            : throw new KmsException(
                Failure.Refused, "the pending transaction: 'id' is neither 24 hex digits nor a UUID", "--any-ids, or KMS_ANY_IDS=true, allows other ids");
    }

    private static bool IsUuid(string text) => text.Split('-') is { Length: 5 } groups
        && groups.Zip(UuidGroups).All(group => IsHex(group.First, group.Second));

    private static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);

    private static bool IsPlain(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';
}

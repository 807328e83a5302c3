using KmsCloud.Errors;

namespace KmsCloud.Chains;

/// <summary>
/// The ids of pending transactions. They become a segment of the approver's URL and words of log lines, so nothing that means
/// something there is an id: not <c>..</c>, not <c>health</c>, not a space.
/// </summary>
public static class PendingId
{
    /// <summary>Most characters of an id of a free form.</summary>
    public const int Longest = 100;

    private const int ObjectIdLength = 24;

    /// <summary>Whether a text is made of <c>0-9 A-Z a-z _ -</c>, 1 to <see cref="Longest"/> of them: what may be shown and reported.</summary>
    public static bool IsPlain(string text) => text.Length is > 0 and <= Longest && text.All(IsPlain);

    /// <summary>Whether a text has one of the two forms the gateway gives: 24 hex digits, or a UUID with its hyphens.</summary>
    public static bool IsOfTheGateway(string text) =>
        (text.Length == ObjectIdLength && text.All(char.IsAsciiHexDigit)) || Guid.TryParseExact(text, "D", out _);

    /// <summary>Checks an id.</summary>
    /// <param name="text">The id.</param>
    /// <param name="anyForm">Takes every plain id, for gateways that give others.</param>
    /// <exception cref="KmsException"><see cref="Failure.Refused"/>: it is none.</exception>
    public static string Check(string text, bool anyForm)
    {
        if (!IsPlain(text))
        {
            throw KmsException.Refused($"the pending transaction: 'id' is not 1 to {Longest} letters, digits, '-' or '_'");
        }

        if (!anyForm && !IsOfTheGateway(text))
        {
            throw new KmsException(
                Failure.Refused, "the pending transaction: 'id' is neither 24 hex digits nor a UUID", "--any-ids, or KMS_ANY_IDS=true, allows other ids");
        }

        return text;
    }

    private static bool IsPlain(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';
}

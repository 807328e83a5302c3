using KmsCloud.Errors;

namespace KmsCloud.Approvals;

/// <summary>
/// What the approver knows the daemon by, <c>KMS_APPROVER_TOKEN</c>: sent as a bearer token (RFC 6750). Prints itself
/// masked.
/// </summary>
public sealed record ApproverToken
{
    private ApproverToken(string value) => Value = value;

    /// <summary>The token.</summary>
    public string Value { get; }

    /// <summary>Checks a token.</summary>
    /// <exception cref="KmsException">It holds something else than the visible characters of ASCII.</exception>
    public static ApproverToken Read(string text) => text.Length > 0 && text.All(character => character is > ' ' and < '\u007f')
        ? new(text)
        : throw new KmsException(Failure.Usage, "KMS_APPROVER_TOKEN holds a blank or a character that no header takes", "give the token alone, without line end");

    /// <inheritdoc/>
    public override string ToString() => "***";
}

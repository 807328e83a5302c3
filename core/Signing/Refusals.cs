namespace KmsCloud.Signing;

/// <summary>Why a transaction was refused, for metrics and reports.</summary>
public enum RefusalCause
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>What it says: malformed, contradictory, unsafe, or of wallets that are not here.</summary>
    Input,

    /// <summary>The operator's policy.</summary>
    Policy,

    /// <summary>The second reader, which does not read what was shown.</summary>
    SecondReader,
}

/// <summary>The policy refuses it for good.</summary>
internal sealed class PolicyRefusalException(string reason) : Exception(reason);

/// <summary>It is not signed now, and may be in a later cycle.</summary>
/// <param name="reason">Why, for people.</param>
/// <param name="topic">The same without amounts that change from cycle to cycle: one audit line for each.</param>
internal sealed class NotNowException(string reason, string? topic = null) : Exception(reason)
{
    internal string Topic => topic ?? Message;
}

/// <summary>The second pair of eyes said no, or did not answer.</summary>
internal sealed class NotApprovedException(string reason) : Exception(reason);

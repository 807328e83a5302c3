
namespace KmsCloud.Errors;

/// <summary>Why an operation stopped. The number is the exit code, so it never changes meaning.</summary>
public enum Failure
{
    /// <summary>A bug of ours.</summary>
    Internal = 1,

    /// <summary>The command line or its environment asks for something that makes no sense.</summary>
    Usage = 2,

    /// <summary>The password does not open the wallet file.</summary>
    WrongPassword = 3,

    /// <summary>The wallet file is missing, damaged, locked or of an unknown version.</summary>
    WalletFile = 4,

    /// <summary>No wallet has the signature id.</summary>
    UnknownWallet = 5,

    /// <summary>Unsafe input, policy or four-eye said no.</summary>
    Refused = 6,

    /// <summary>Network, gateway or vault did not do their part.</summary>
    Gateway = 7,
}

/// <summary>
/// An expected failure: what happened, and what to do next. The text never holds a secret or a payload, and what is
/// foreign in it becomes one printable line of bounded length.
/// </summary>
public sealed class KmsException(Failure failure, string message, string? hint = null, Exception? cause = null)
    : Exception(Printable.Line(message), cause)
{
    /// <summary>The kind of failure, which is the exit code.</summary>
    public Failure Failure => failure;

    /// <summary>What to do about it, when there is something.</summary>
    public string? Hint { get; } = hint is null ? null : Printable.Line(hint);

    /// <summary>
    /// Another process of ours holds what this one needs: no failure where one of several waits for its turn.
    /// </summary>
    public bool IsHeldElsewhere { get; init; }

    /// <summary>The process exit code: <see cref="Failure"/> as a number.</summary>
    public int ExitCode => (int)failure;

    /// <summary>The two lines a person sees on a terminal.</summary>
    public string Text => Hint is null ? $"error: {Message}" : $"error: {Message}\nhint: {Hint}";

    /// <summary>Unsafe or malformed input that must not be signed or stored.</summary>
    public static KmsException Refused(string message, string? hint = null) => new(Failure.Refused, message, hint);
}

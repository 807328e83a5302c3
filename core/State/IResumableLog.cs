namespace KmsCloud.State;

/// <summary>A log that can be read from a place in its middle.</summary>
internal interface IResumableLog : IAppendLog
{
    /// <summary>The position of the next line. Never read while lines are appended.</summary>
    long End { get; }

    /// <summary>The lines from a position on; null when no line begins or could begin there.</summary>
    IEnumerable<(long Position, ReadOnlyMemory<byte> Line)>? ReadLinesFrom(long position);
}

/// <summary>A place between two lines of a sealed log.</summary>
/// <param name="Number">Lines before it.</param>
/// <param name="Hash">SHA-256 over hash before and line, up to it; lower-case hex.</param>
/// <param name="Unsealed">How many lines at the log's beginning are from before lines were sealed.</param>
/// <param name="Position">Position of the line after it.</param>
internal sealed record LogMark(long Number, string Hash, long Unsealed, long Position);

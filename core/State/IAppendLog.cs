using KmsCloud.Errors;

namespace KmsCloud.State;

/// <summary>An append-only log of lines that are durable once written: what journal and audit stand on.</summary>
public interface IAppendLog : IDisposable
{
    /// <summary>Every whole line with its position, oldest first. Read once, before the first append.</summary>
    IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> ReadLines();

    /// <summary>
    /// Appends lines (without newline), all or none. When the task ends, they survive a power cut. Never called twice
    /// at once.
    /// </summary>
    /// <returns>The position of each line.</returns>
    /// <exception cref="KmsException">They could not be made durable.</exception>
    Task<long[]> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines);

    /// <summary>The line at a position.</summary>
    Task<ReadOnlyMemory<byte>> ReadAsync(long position);
}

/// <summary>A log whose lines may be replaced by fewer.</summary>
internal interface IShrinkingLog : IAppendLog
{
    /// <summary>
    /// Replaces everything. At any instant, also of a power cut, the log holds all old or all new lines. Never called
    /// while lines are appended.
    /// </summary>
    /// <exception cref="KmsException">It could not be done; the old lines stand.</exception>
    void Replace(IEnumerable<ReadOnlyMemory<byte>> lines);
}

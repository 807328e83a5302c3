using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.State;

/// <summary>
/// A log whose every line carries its number and a MAC over itself and all lines before it, as a last member
/// <c>seal</c>; its end is in
/// <see cref="StateHead"/>. No line can be added, changed, removed or moved, and no older log put in its place, without
/// the wallet file's key.
/// </summary>
public sealed class SealedLog : IShrinkingLog
{
    /// <summary>The hash before the first line.</summary>
    internal static readonly byte[] Start = new byte[32];

    private readonly IAppendLog log;
    private readonly string name;
    private readonly StateHead head;
    private readonly bool flushesHead;
    private byte[] hash = Start;
    private long number;
    private long unsealed;
    private long end;
    private bool isRead;

    /// <summary>A log under a head. Owns the log, not the head.</summary>
    /// <param name="log">Where the lines are.</param>
    /// <param name="name">Its name in the head and in messages, such as <c>journal.jsonl</c>.</param>
    /// <param name="head">The head.</param>
    /// <param name="flushesHead">
    /// Whether each append makes the head durable, too: for a log whose length the audit log does not name.
    /// </param>
    public SealedLog(IAppendLog log, string name, StateHead head, bool flushesHead = false)
    {
        this.flushesHead = flushesHead;
        this.log = log;
        this.name = name;
        this.head = head;
    }

    /// <summary>Lines that are durable.</summary>
    internal long Number => Interlocked.Read(ref number);

    /// <summary>
    /// Where it ends, or how far it is read; null when it cannot be read from there on. Never asked while lines are
    /// appended.
    /// </summary>
    internal LogMark? Mark => log is IResumableLog ? new(number, Hex.Lower(hash), unsealed, end) : null;

    /// <inheritdoc/>
    public IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> ReadLines() => Read(log.ReadLines(), null);

    /// <summary>
    /// The lines behind a mark, each checked; null when the log has no such place, or its head does not know it.
    /// </summary>
    internal IEnumerable<(long Position, ReadOnlyMemory<byte> Line)>? ReadLinesFrom(LogMark mark) =>
        head.Of(name) is { } known && known.Number >= mark.Number && log is IResumableLog resumable
            && resumable.ReadLinesFrom(mark.Position) is { } lines
            ? Read(lines, mark)
            : null;

    /// <summary>
    /// Checks the lines before a mark, which were not read when the log was opened behind it. Beside appends.
    /// </summary>
    /// <param name="mark">The mark.</param>
    /// <param name="lines">The log's lines, as <see cref="RawLines"/> gave them before anything was appended.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <exception cref="KmsException">They are not the ones that were there when the mark was made.</exception>
    internal void Verify(
        LogMark mark, IEnumerator<(long Position, ReadOnlyMemory<byte> Line)> lines, CancellationToken cancel)
    {
        var check = new SealCheck(name, head, new(0, "", mark.Unsealed));
        for (var count = 0L; count < mark.Number; count++)
        {
            cancel.ThrowIfCancellationRequested();
            check.Next(lines.Current.Line);
            if (count + 1 < mark.Number && !lines.MoveNext())
            {
                break;
            }
        }

        if (check.Number != mark.Number || Hex.Lower(check.Hash) != mark.Hash)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"the first {mark.Number} lines of {name} are not the ones that were written",
                "nothing is signed on it; see: kms audit verify, and kms state accept-restore");
        }
    }

    /// <summary>The lines as they are stored, the first of them read; null when there is none.</summary>
    internal IEnumerator<(long Position, ReadOnlyMemory<byte> Line)>? RawLines()
    {
        var lines = log.ReadLines().GetEnumerator();
        if (lines.MoveNext())
        {
            return lines;
        }

        lines.Dispose();
        return null;
    }

    private IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> Read(
        IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> lines, LogMark? mark)
    {
        var known = head.Of(name);
        if (known is null && head.WasThere)
        {
            known = new(0, Hex.Lower(Start), 0); // a head without it: nothing may be in it yet
        }

        var check = new SealCheck(name, head, known, mark);
        (hash, number, unsealed, end) = (check.Hash, check.Number, check.Unsealed, mark?.Position ?? 0);
        foreach (var (position, line) in lines)
        {
            var payload = check.Next(line);
            (hash, number, unsealed, end) = (check.Hash, check.Number, check.Unsealed, position + line.Length + 1);
            yield return (position, payload);
        }

        check.RequireEnd();
        end = (log as IResumableLog)?.End ?? end;
        if (!isRead || known?.Next is not null)
        {
            isRead = true;
            Remember(flush: true);
        }
    }

    /// <inheritdoc/>
    public async Task<long[]> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        head.RequireNewest(); // before it: two that write one file would write over each other's lines
        var (last, count) = (hash, number);
        var written = new ReadOnlyMemory<byte>[lines.Count];
        for (var i = 0; i < lines.Count; i++)
        {
            var line = Seal(lines[i].Span, ++count, last);
            last = Chain(last, line);
            written[i] = line;
        }

        var positions = await log.AppendAsync(written);
        (hash, number) = (last, count);
        end = (log as IResumableLog)?.End ?? end;
        Remember(flushesHead);
        return positions;
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(long position) =>
        Payload((await log.ReadAsync(position)).Span, out _);

    /// <inheritdoc/>
    public void Replace(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        if (log is not IShrinkingLog shrinking)
        {
            throw new InvalidOperationException("the log does not shrink");
        }

        var (last, count) = (Start, 0L);
        var written = new List<ReadOnlyMemory<byte>>();
        foreach (var line in lines)
        {
            var sealedLine = Seal(line.Span, ++count, last);
            last = Chain(last, sealedLine);
            written.Add(sealedLine);
        }

        var before = new LogHead(number, Hex.Lower(hash), unsealed);
        // whichever of the two is found after a crash, it opens
        head.Set(name, before with { Next = new(count, Hex.Lower(last), 0) }, flush: true);
        shrinking.Replace(written);
        (hash, number, unsealed) = (last, count, 0);
        end = (log as IResumableLog)?.End ?? end;
        Remember(flush: true);
    }

    /// <summary>Where a log ends whose seals fit, however far the head says that it was.</summary>
    /// <param name="log">The log.</param>
    /// <param name="name">Its name.</param>
    /// <param name="head">The head.</param>
    /// <param name="wasSealed">Whether the state is known to have had a head.</param>
    /// <exception cref="KmsException">
    /// A seal does not fit, or a line has none that was not there before there were seals.
    /// </exception>
    internal static LogHead Measure(IAppendLog log, string name, StateHead head, bool wasSealed)
    {
        var check = new SealCheck(name, head, Prefix(name, head, wasSealed));
        foreach (var (_, line) in log.ReadLines())
        {
            check.Next(line);
        }

        check.RequireEnd();
        return new(check.Number, Hex.Lower(check.Hash), check.Unsealed);
    }

    /// <summary>
    /// Every line of a log, and whether it is proved to be one that was written there: from the first seal that does
    /// not fit on, none is.
    /// </summary>
    internal static IEnumerable<(byte[] Payload, bool IsProved)> Walk(
        IAppendLog log,
        string name,
        StateHead head,
        bool wasSealed)
    {
        var check = new SealCheck(name, head, Prefix(name, head, wasSealed));
        var isProved = true;
        foreach (var (_, line) in log.ReadLines())
        {
            isProved = isProved && Fits(check, line);
            yield return (Payload(line.Span, out _), isProved);
        }
    }

    private static bool Fits(SealCheck check, ReadOnlyMemory<byte> line)
    {
        try
        {
            check.Next(line);
            return true;
        }
        catch (KmsException)
        {
            return false;
        }
    }

    // how many lines may be without a seal: those from before there were any, which nobody can add to later
    private static LogHead Prefix(string name, StateHead head, bool wasSealed)
    {
        var known = head.Of(name);
        var most = head.WasThere || wasSealed
            ? Math.Max(known?.Unsealed ?? 0, known?.Next?.Unsealed ?? 0)
            : long.MaxValue;
        return new(0, "", most);
    }

    /// <summary>Writes a log anew from lines that an operator keeps, whatever was in it.</summary>
    internal void Rewrite(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        if (head.Of(name) is { } known)
        {
            (hash, number, unsealed) = (Convert.FromHexString(known.Hash), known.Number, known.Unsealed);
        }

        Replace(lines);
    }

    /// <inheritdoc/>
    public void Dispose() => log.Dispose();

    /// <summary>A stored line without its seal.</summary>
    /// <param name="line">The line.</param>
    /// <param name="seal">Number and MAC, or null when there is none.</param>
    internal static byte[] Payload(ReadOnlySpan<byte> line, out (long Number, string Mac)? seal)
    {
        var cut = line.LastIndexOf(",\"seal\":\""u8);
        seal = null;
        if (cut < 0 || !line.EndsWith("\"}"u8))
        {
            return line.ToArray();
        }

        var words = Encoding.ASCII.GetString(line[(cut + 9)..^2]).Split(' ');
        if (words.Length != 2
            || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return line.ToArray();
        }

        seal = (number, words[1]);
        return [.. line[..cut], (byte)'}'];
    }

    /// <summary>The hash behind a line.</summary>
    internal static byte[] Chain(ReadOnlySpan<byte> before, ReadOnlySpan<byte> line) =>
        SHA256.HashData([.. before, .. line]);

    private byte[] Seal(ReadOnlySpan<byte> payload, long at, ReadOnlySpan<byte> before) =>
        [.. payload[..^1], .. Encoding.ASCII.GetBytes($",\"seal\":\"{at.ToString(CultureInfo.InvariantCulture)} {head.LineMac(name, at, before, payload)}\"}}")];

    private void Remember(bool flush) => head.Set(name, new(number, Hex.Lower(hash), unsealed), flush);
}

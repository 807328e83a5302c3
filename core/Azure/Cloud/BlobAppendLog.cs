using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Cloud;

/// <summary>
/// An append-only log in append blobs (<c>journal.jsonl.00000</c>, <c>.00001</c> …: one blob takes 50,000 appends).
/// Each append is one block that carries the lease id and the position it must land on: it is there whole or not at
/// all, once, and never after a write of somebody else. After any doubt the log is closed for good; the next opening
/// reads what is really there.
/// </summary>
internal sealed class BlobAppendLog : IResumableLog
{
    private const int PositionBits = 40;
    private const long OffsetMask = (1L << PositionBits) - 1;
    private const int LargestAppend = 64 * 1024 * 1024;
    private const byte NewLine = (byte)'\n';
    private readonly BlobStore store;
    private readonly Uri url;
    private readonly TimeSpan life;
    private readonly TimeProvider clock;
    private readonly int mostBlocks;
    private readonly Func<bool>? mayRenew;
    private readonly List<long> lengths = [];
    private BlobLease lease;
    private int blocks;
    private volatile bool closed;

    private BlobAppendLog(
        BlobStore store, Uri url, TimeSpan life, TimeProvider clock, int mostBlocks, Func<bool>? mayRenew)
    {
        this.mayRenew = mayRenew;
        this.store = store;
        this.url = url;
        this.life = life;
        this.clock = clock;
        this.mostBlocks = mostBlocks;
        var last = 0;
        Create(last);
        while (Exists(last + 1))
        {
            last++;
        }

        lease = BlobLease.Take(store, Segment(last), life, clock, mayRenew);
        try
        {
            MeasureAll(last);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Nothing measured before the lease counts: whoever held it may have appended and gone on to the next segment
    /// meanwhile.
    /// </summary>
    private void MeasureAll(int last)
    {
        for (var segment = 0; segment <= last; segment++)
        {
            var (length, count) = Measure(segment);
            lengths.Add(length);
            blocks = count;
        }

        if (Exists(last + 1))
        {
            throw new KmsException(Failure.WalletFile, $"the state '{url.AbsolutePath}' is held by another instance", "the next cycle tries again") { IsHeldElsewhere = true };
        }
    }

    /// <summary>Whether nothing can be appended any more.</summary>
    internal bool IsClosed => closed || lease.IsLost;

    /// <summary>Opens or makes a log, and takes its lease.</summary>
    /// <exception cref="KmsException">Another instance holds it, or the container cannot be used.</exception>
    internal static BlobAppendLog Open(
        BlobStore store, Uri url, TimeSpan life, TimeProvider clock, int mostBlocks = 45_000, Func<bool>? mayRenew = null) => new(store, url, life, clock, mostBlocks, mayRenew);

    /// <inheritdoc/>
    public long End => Position(lengths.Count - 1, lengths[^1]);

    /// <inheritdoc/>
    public IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> ReadLines() => ReadFrom(0, 0);

    /// <inheritdoc/>
    public IEnumerable<(long Position, ReadOnlyMemory<byte> Line)>? ReadLinesFrom(long position)
    {
        var (segment, offset) = (position >> PositionBits, position & OffsetMask);
        var isLineStart = segment < lengths.Count && offset <= lengths[(int)segment]
            && (offset == 0 || ReadRangeAsync((int)segment, offset - 1, offset).GetAwaiter().GetResult() is [NewLine]);
        return isLineStart ? ReadFrom((int)segment, offset) : null;
    }

    /// <summary>What was there when the reading began; lines that are appended meanwhile are not read.</summary>
    private IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> ReadFrom(int first, long offset)
    {
        var known = lengths.ToArray();
        for (var segment = first; segment < known.Length; segment++)
        {
            var begin = segment == first ? offset : 0;
            if (known[segment] == begin)
            {
                continue;
            }

            using var stream = new BufferedStream(Content(segment, begin, known[segment]), 1 << 20);
            var line = new MemoryStream();
            long start = begin, at = begin;
            for (int next; at < known[segment] && (next = ReadByte(stream, segment)) >= 0;)
            {
                at++;
                if (next != NewLine)
                {
                    line.WriteByte((byte)next);
                    continue;
                }

                yield return (Position(segment, start), line.ToArray());
                line.SetLength(0);
                start = at;
            }

            if (at != known[segment] || line.Length > 0)
            {
                throw new KmsException(
                    Failure.WalletFile,
                    $"the log '{Segment(segment).AbsolutePath}' ends in the middle of a line",
                    "restore it from the container's versions");
            }
        }
    }

    /// <inheritdoc/>
    public async Task<long[]> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        if (closed || lease.IsLost)
        {
            closed = true;
            throw Fenced(null);
        }

        var block = Block(lines, out var offsets);
        closed = true; // unless what follows ends well
        if (blocks >= mostBlocks)
        {
            await NextSegmentAsync();
        }

        var (segment, at) = (lengths.Count - 1, lengths[^1]);
        var conditions = new AppendBlobRequestConditions { LeaseId = lease.Id, IfAppendPositionEqual = at };
        var answer = await BlobStore.AskAsync(
            Segment(segment), () => Blob(segment).AppendBlockAsync(new MemoryStream(block, writable: false), new AppendBlobAppendBlockOptions { Conditions = conditions }));
        if (!answer.IsDone && !(answer.Status == 412 && !lease.IsLost && await IsOursAsync(segment, at, block)))
        {
            throw answer.Status is 412 or 409 or 404
                ? Fenced(null)
                : BlobStore.Problem(Segment(segment), answer, "the log");
        }

        lengths[^1] = at + block.Length;
        blocks++;
        closed = false;
        return [.. offsets.Select(offset => Position(segment, at + offset))];
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(long position)
    {
        var segment = (int)(position >> PositionBits);
        var (at, end) = (position & OffsetMask, lengths[segment]);
        for (var window = 16L * 1024; ; window *= 8)
        {
            var bytes = await ReadRangeAsync(segment, at, Math.Min(at + window, end));
            var length = bytes.AsSpan().IndexOf(NewLine);
            if (length >= 0)
            {
                return bytes.AsMemory(0, length);
            }

            if (at + window >= end)
            {
                throw new KmsException(
                    Failure.WalletFile, $"the log '{Segment(segment).AbsolutePath}' has no line at {at}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        closed = true;
        lease.Dispose();
    }

    private static long Position(int segment, long offset) => ((long)segment << PositionBits) + offset;

    private Uri Segment(int number) => new(url.AbsoluteUri + "." + number.ToString("D5", CultureInfo.InvariantCulture));

    private static byte[] Block(IReadOnlyList<ReadOnlyMemory<byte>> lines, out long[] offsets)
    {
        offsets = new long[lines.Count];
        using var block = new MemoryStream();
        for (var i = 0; i < lines.Count; i++)
        {
            offsets[i] = block.Length;
            block.Write(lines[i].Span);
            block.WriteByte(NewLine);
        }

        return block.Length <= LargestAppend
            ? block.ToArray()
            : throw new KmsException(Failure.WalletFile, "more than 64 MiB would have to be recorded at once");
    }

    private KmsException Fenced(Exception? cause) => new(
        Failure.WalletFile, $"the log '{url.AbsolutePath}' is no longer ours: the lease ran out, or another instance writes", "nothing more is signed until it is opened again", cause);

    private async Task NextSegmentAsync()
    {
        var next = lengths.Count;
        if (Exists(next))
        {
            throw Fenced(null);
        }

        Create(next);
        var taken = BlobLease.Take(store, Segment(next), life, clock, mayRenew);
        var (length, count) = Measure(next);
        if (length != 0 || lease.IsLost)
        {
            taken.Dispose();
            throw Fenced(null);
        }

        await Task.Run(lease.Dispose);
        (lease, blocks) = (taken, count);
        lengths.Add(0);
    }

    /// <summary>Makes a segment unless it is there, leased or not.</summary>
    private void Create(int segment)
    {
        var answer = BlobStore.Ask(
            Segment(segment),
            () => Blob(segment).Create(new AppendBlobCreateOptions { Conditions = new() { IfNoneMatch = ETag.All } }));
        if (answer.Status is not (200 or 409 or 412))
        {
            throw BlobStore.Problem(Segment(segment), answer, "the log");
        }
    }

    private bool Exists(int segment)
    {
        var answer = store.Look(Segment(segment), out _);
        return answer.Status switch
        {
            200 => true,
            404 => false,
            _ => throw BlobStore.Problem(Segment(segment), answer, "the log"),
        };
    }

    private (long Length, int Blocks) Measure(int segment)
    {
        var answer = store.Look(Segment(segment), out var properties);
        return answer.IsDone && properties!.BlobType is BlobType.Append
            ? (properties.ContentLength, properties.BlobCommittedBlockCount)
            : throw BlobStore.Problem(Segment(segment), answer, "the log");
    }

    private AppendBlobClient Blob(int segment) => store.Append(Segment(segment));

    /// <summary>A part of a segment as it comes.</summary>
    private Stream Content(int segment, long from, long to)
    {
        Stream? content = null;
        var answer = BlobStore.Ask(Segment(segment), () => content = Blob(segment).DownloadStreaming(new BlobDownloadOptions { Range = new(from, to - from) }).Value.Content);
        return answer.IsDone ? content! : throw BlobStore.Problem(Segment(segment), answer, "the log");
    }

    private int ReadByte(BufferedStream stream, int segment)
    {
        try
        {
            return stream.ReadByte();
        }
        catch (Exception error) when (BlobStore.Explain(Segment(segment), error) is { } problem)
        {
            throw problem;
        }
    }

    /// <summary>Whether a block whose answer was lost is there, and is the last one.</summary>
    private async Task<bool> IsOursAsync(int segment, long at, byte[] block) =>
        Measure(segment).Length == at + block.Length
            && (await ReadRangeAsync(segment, at, at + block.Length)).AsSpan().SequenceEqual(block);

    private async Task<byte[]> ReadRangeAsync(int segment, long from, long to)
    {
        using var content = new MemoryStream();
        var answer = await BlobStore.AskAsync(Segment(segment), async () =>
        {
            using var result = (await Blob(segment).DownloadStreamingAsync(new BlobDownloadOptions { Range = new(from, to - from) })).Value;
            await result.Content.CopyToAsync(content);
        });
        return answer.IsDone ? content.ToArray() : throw BlobStore.Problem(Segment(segment), answer, "the log");
    }
}

using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// The journal's index on disk: each line says what has changed in memory up to a mark in the journal, so that a start
/// reads these lines and the journal behind the last mark. Sealed as the journal is. Everything in it can be made anew
/// from the journal, and is when it does not fit.
/// </summary>
internal sealed class JournalCheckpoints
{
    /// <summary>The index's name in a state folder.</summary>
    internal const string Name = "journal.index.jsonl";

    /// <summary>
    /// Changes between two lines, unless a test says otherwise: a line stays below what .NET takes for a large object.
    /// </summary>
    internal const int Between = 1000;

    private readonly SealedLog journal;
    private readonly SealedLog log;
    private readonly int between;
    private readonly Lock gate = new();
    private JournalIndex? read;
    private LogMark? mark;
    private IEnumerator<(long Position, ReadOnlyMemory<byte> Line)>? oldLines;
    private Task writing = Task.CompletedTask;
    private int underWay; // records between append and memory
    private bool isFirst = true; // the next line stands for everything before it
    private bool isBroken; // it cannot be read, so nothing may be appended to it
    private bool isUseless;

    private JournalCheckpoints(SealedLog journal, SealedLog log, int between)
    {
        this.journal = journal;
        this.log = log;
        this.between = between;
    }

    /// <summary>Reads the index. One that does not open is as good as none.</summary>
    internal static JournalCheckpoints Open(SealedLog journal, SealedLog log, int between)
    {
        var index = new JournalCheckpoints(journal, log, between);
        try
        {
            foreach (var (_, line) in log.ReadLines())
            {
                index.Read(line.Span);
            }
        }
        catch (KmsException)
        {
            index.isBroken = true;
            (index.read, index.mark) = (null, null);
        }

        return index;
    }

    /// <summary>
    /// The journal's lines behind the mark and how many are before it; null when the index knows none, or there is no
    /// such place.
    /// </summary>
    internal (IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> Lines, long Before)? Tail()
    {
        if (mark is not { } known || journal.ReadLinesFrom(known) is not { } lines)
        {
            return null;
        }

        oldLines = journal.RawLines(); // before anything is appended
        return (lines, known.Number);
    }

    /// <summary>What the index says, for the memory of a journal that is read from the mark on.</summary>
    internal JournalIndex TakeIndex()
    {
        isFirst = false;
        return read!;
    }

    /// <summary>Begins an empty index: the journal is read whole.</summary>
    internal void Restart()
    {
        oldLines?.Dispose();
        (oldLines, read, mark, isFirst) = (null, null, null, true);
        if (!isBroken)
        {
            return;
        }

        try
        {
            log.Rewrite([]);
        }
        catch (Exception error) when (error is KmsException or InvalidOperationException)
        {
            isUseless = true; // such as in a container, where nothing is taken away: it goes on without
        }
    }

    /// <summary>Writes a line while the journal is read, when enough has changed.</summary>
    internal void WriteWhileReading(JournalIndex index)
    {
        if (!isUseless && index.Changes >= between && journal.Mark is { } here)
        {
            WriteAsync(here, index.TakeDelta()).GetAwaiter().GetResult();
        }
    }

    /// <summary>A record is on its way: no mark is made until it is in memory, too.</summary>
    internal Passage Enter()
    {
        lock (gate)
        {
            underWay++;
        }

        return new(this);
    }

    /// <summary>
    /// A record may be on disk and is not in memory: a mark behind it would leave it out for ever. Nothing is written
    /// any more; the next start reads the journal from the last mark. Called before the record's way ends.
    /// </summary>
    internal void GiveUp()
    {
        lock (gate)
        {
            isUseless = true;
        }
    }

    /// <summary>Begins to write a line when enough has changed and no record is on its way.</summary>
    internal void WriteWhenQuiet(JournalIndex index)
    {
        if (index.Changes < between)
        {
            return;
        }

        lock (gate)
        {
            if (!isUseless && underWay == 0 && writing.IsCompleted && journal.Mark is { } here)
            {
                var delta = index.TakeDelta();
                writing = Task.Run(() => WriteAsync(here, delta));
            }
        }
    }

    /// <summary>Ends when what is being written is durable.</summary>
    internal Task DrainAsync()
    {
        lock (gate)
        {
            return writing;
        }
    }

    /// <summary>Checks the lines before the mark at which the journal was opened.</summary>
    /// <exception cref="KmsException">They are not the ones that were written.</exception>
    internal void VerifyOld(CancellationToken cancel)
    {
        if (oldLines is not { } lines || mark is not { } known)
        {
            return;
        }

        using (lines)
        {
            oldLines = null;
            journal.Verify(known, lines, cancel);
        }
    }

    /// <summary>
    /// Takes a line in. Its changes are Base64 of some 50 KB, so they go from the bytes of the line into memory without
    /// a text between.
    /// </summary>
    private void Read(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            long number = -1, unsealed = -1, position = -1;
            string? hash = null;
            byte[]? changes = null;
            while (json.Read())
            {
                if (json.TokenType is not JsonTokenType.PropertyName)
                {
                    continue;
                }

                var name = json.GetString();
                json.Read();
                switch (name)
                {
                    case "n":
                        number = json.GetInt64();
                        break;
                    case "unsealed":
                        unsealed = json.GetInt64();
                        break;
                    case "position":
                        position = json.GetInt64();
                        break;
                    case "hash":
                        hash = json.GetString();
                        break;
                    case "first" when json.GetBoolean():
                        read = null;
                        break;
                    case "changes":
                        changes = json.GetBytesFromBase64();
                        break;
                }
            }

            if (number < 0 || unsealed < 0 || position < 0 || changes is null || hash is not { Length: 64 } || !hash.All(char.IsAsciiHexDigitLower))
            {
                throw new KmsException(Failure.WalletFile, "a line of the journal's index is not one");
            }

            read ??= new();
            read.Load(changes);
            mark = new(number, hash, unsealed, position);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new KmsException(Failure.WalletFile, "a line of the journal's index is not one", null, error);
        }
    }

    private async Task WriteAsync(LogMark here, byte[] delta)
    {
        var first = isFirst;
        var line = CompactJson.Utf8(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("n", here.Number);
            json.WriteString("hash", here.Hash);
            json.WriteNumber("unsealed", here.Unsealed);
            json.WriteNumber("position", here.Position);
            if (first)
            {
                json.WriteBoolean("first", true);
            }

            json.WriteBase64String("changes", delta);
            json.WriteEndObject();
        });
        try
        {
            await log.AppendAsync([line]);
            isFirst = false;
        }
        catch (KmsException)
        {
            GiveUp(); // a line is missing: the next start reads the journal whole, or from the mark before
        }
    }

    /// <summary>A record's way from the log into memory.</summary>
    /// <param name="checkpoints">Where it is counted.</param>
    internal readonly struct Passage(JournalCheckpoints checkpoints) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            lock (checkpoints.gate)
            {
                checkpoints.underWay--;
            }
        }
    }
}

using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// The lines of a journal: written in groups, with an index beside them, and whole or not to be used. What they say of
/// a pending id is the <see cref="Journal"/>'s.
/// </summary>
public sealed class JournalLog
{
    private readonly IAppendLog log;
    private readonly JournalCheckpoints? checkpoints;
    private readonly GroupCommit<ReadOnlyMemory<byte>> commits;
    private volatile KmsException? damage;

    internal JournalLog(IAppendLog log, JournalCheckpoints? checkpoints)
    {
        this.log = log;
        this.checkpoints = checkpoints;
        commits = new(log.AppendAsync);
    }

    /// <summary>Every entry of a journal, whole: for looking at it.</summary>
    /// <exception cref="KmsException">A line is damaged.</exception>
    public static IReadOnlyDictionary<string, JournalEntry> ReadAll(IAppendLog log)
    {
        var entries = new Dictionary<string, JournalEntry>(StringComparer.Ordinal);
        var (number, isSealed) = (0L, false);
        foreach (var (position, line) in log.ReadLines())
        {
            number++;
            var record = ReadLine(line, number);
            SealedLog.Payload(line.Span, out var seal);
            if (seal is null && isSealed)
            {
                throw new KmsException(
                    Failure.WalletFile,
                    $"line {number} of the journal has no seal, and lines before it have: somebody else wrote it",
                    "see: kms journal repair");
            }

            isSealed = seal is not null;
            if (record.Event == JournalRecord.Signed)
            {
                entries[record.Id] = JournalEntry.Of(record, position, entries.GetValueOrDefault(record.Id));
            }
            else if (record.Event != JournalRecord.Renumbered)
            {
                if (!entries.TryGetValue(record.Id, out var before))
                {
                    throw Damaged(number, NeverSigned(record.Id));
                }

                entries[record.Id] = before.After(record);
            }
        }

        return entries;
    }

    /// <summary>Refuses to go on with a journal of which less is known than is written.</summary>
    /// <exception cref="KmsException">It is one.</exception>
    internal void RequireWhole()
    {
        if (damage is { } found)
        {
            throw found;
        }
    }

    /// <summary>A line, by where it was appended.</summary>
    internal Task<ReadOnlyMemory<byte>> ReadAsync(long position) => log.ReadAsync(position);

    /// <summary>Keeps the index from being written while a line is on disk and not yet in memory.</summary>
    internal JournalCheckpoints.Passage? Enter() => checkpoints?.Enter();

    /// <summary>Makes a line durable.</summary>
    /// <returns>Where it is.</returns>
    internal async Task<long> WriteAsync(byte[] line)
    {
        try
        {
            return await commits.AddAsync(line);
        }
        catch (Exception)
        {
            checkpoints?.GiveUp();
            throw;
        }
    }

    /// <summary>
    /// A line is on disk and could not be taken into memory: nothing is signed on a memory that knows less than the
    /// disk.
    /// </summary>
    internal void Lose(Exception error)
    {
        checkpoints?.GiveUp();
        damage ??= new(
            Failure.WalletFile,
            "what was written into the journal could not be taken into memory",
            "start again: the next start reads it from the disk",
            error);
    }

    /// <summary>Writes the index when enough has changed, while the journal is read.</summary>
    internal void KeepWhileReading(JournalIndex index) => checkpoints?.WriteWhileReading(index);

    /// <summary>Writes the index when enough has changed and no line is under way.</summary>
    internal void KeepWhenQuiet(JournalIndex index) => checkpoints?.WriteWhenQuiet(index);

    /// <summary>Ends when everything recorded so far is durable, the index too.</summary>
    internal async Task DrainAsync()
    {
        await commits.DrainAsync();
        if (checkpoints is not null)
        {
            await checkpoints.DrainAsync();
        }
    }

    /// <summary>
    /// Checks the lines that the index stood for when the journal was opened, which takes a while. When they are not
    /// the ones that were written, nothing is found or recorded any more.
    /// </summary>
    /// <returns>What is wrong, or null.</returns>
    internal KmsException? VerifyOld(CancellationToken cancel)
    {
        try
        {
            checkpoints?.VerifyOld(cancel);
        }
        catch (KmsException error) when (error.Failure is Failure.WalletFile)
        {
            damage = error;
        }
#pragma warning disable CA1031 // whatever keeps it from reading (a stop, the network) says nothing about the lines: the next start looks again
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }

        return damage;
    }

    internal static JournalRecord ReadLine(ReadOnlyMemory<byte> line, long number)
    {
        try
        {
            return JournalRecord.Read(line);
        }
        catch (KmsException error)
        {
            throw Damaged(number, error);
        }
    }

    internal static KmsException Damaged(long number, KmsException error) => new(
        Failure.WalletFile,
        $"line {number} of the journal is damaged: {error.Message}",
        "nothing is signed without the journal; see what can be done with: kms journal repair",
        error);


    internal static KmsException NeverSigned(string id) => KmsException.Refused($"'{id}' was never signed");
}

using System.Numerics;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// Signed once, never twice: every signed transaction is on disk, by pending id and content, before a byte of it leaves the
/// process. One process at a time. Where the log is sealed, an index beside it (<see cref="JournalCheckpoints"/>) says what its older lines say,
/// so that a start reads the newer ones alone.
/// </summary>
public sealed class Journal
{
    private readonly JournalLog log;
    private readonly TimeProvider clock;
    private readonly JournalIndex index;

    private Journal(JournalLog log, TimeProvider clock, JournalIndex index)
    {
        this.log = log;
        this.clock = clock;
        this.index = index;
    }

    /// <summary>Entries whose end is open, or that may be signed afresh, in no order.</summary>
    public IEnumerable<JournalEntry> Unsettled => index.Open;

    /// <summary>How many entries there are.</summary>
    public int Count => index.Count;

    /// <summary>Lines that were read when it was opened: fewer than there are when an index knew the rest.</summary>
    internal long LinesRead { get; private set; }

    /// <summary>Reads a journal.</summary>
    /// <exception cref="KmsException">A line in the middle is damaged: whether something was signed can no longer be known.</exception>
    public static Journal Open(IAppendLog log, TimeProvider clock) => Open(log, null, clock);

    /// <summary>Reads a journal with its index, which is made or made anew where it does not fit.</summary>
    /// <param name="log">The journal.</param>
    /// <param name="indexLog">The index, or null for none. The caller owns both.</param>
    /// <param name="clock">The time.</param>
    /// <param name="between">Changes between two lines of the index.</param>
    /// <exception cref="KmsException">A line in the middle is damaged: whether something was signed can no longer be known.</exception>
    internal static Journal Open(IAppendLog log, SealedLog? indexLog, TimeProvider clock, int between = JournalCheckpoints.Between)
    {
        var checkpoints = log is SealedLog sealedLog && indexLog is not null ? JournalCheckpoints.Open(sealedLog, indexLog, between) : null;
        if (checkpoints?.Tail() is { } tail)
        {
            try
            {
                var journal = new Journal(new(log, checkpoints), clock, checkpoints.TakeIndex());
                journal.Replay(tail.Lines, tail.Before);
                return journal;
            }
            catch (KmsException)
            {
                // the index does not fit: what the whole journal says counts
            }
        }

        checkpoints?.Restart();
        var whole = new Journal(new(log, checkpoints), clock, new());
        whole.Replay(log.ReadLines(), 0);
        return whole;
    }

    /// <summary>What is known of a pending id, or null.</summary>
    /// <exception cref="KmsException">What is known of it is written in a line that cannot be read.</exception>
    public async Task<JournalEntry?> FindAsync(string id)
    {
        log.RequireWhole();
        return index.InMemory(id) ?? await LoadAsync(id);
    }

    /// <summary>The signed transaction of an entry, read back from the log.</summary>
    /// <exception cref="KmsException">The line is not what was written.</exception>
    public async Task<SignedTransaction> ReadSignedAsync(JournalEntry entry)
    {
        var record = JournalRecord.Read(await log.ReadAsync(entry.Position));
        if (record.Id != entry.Id || record.Data is not { } data || JournalEntry.DigestOf(data) != entry.DataDigest)
        {
            throw new KmsException(Failure.WalletFile, $"the journal's line about '{entry.Id}' was changed since it was written: it is not sent", "restart: the start says which line; see: kms audit verify");
        }

        return new(record.Data!, entry.TransactionId)
        {
            SequenceAccount = entry.SequenceAccount,
            Sequence = entry.Sequence,
            IsSequenceBrought = entry.IsSequenceBrought,
            IsDated = entry.IsDated,
            ValidUntil = entry.ValidUntil,
            MayBeOut = true,
        };
    }

    /// <summary>The number of an account's next transaction as far as the journal knows; null when it knows none.</summary>
    public ulong? NextSequence(string account) => index.NextSequence(account);

    /// <summary>The first number of an account from one on that no signed transaction holds.</summary>
    internal ulong FirstFreeSequence(string account, ulong from) => index.FirstFree(account, from);

    /// <summary>Where an account's numbers were seen to be, held or free again; null when none was ever held.</summary>
    internal ulong? SeenSequence(string account) => index.SeenSequence(account);

    /// <summary>Accounts with transactions out, in order.</summary>
    public IReadOnlyList<SequenceState> SequenceStates()
    {
        var waiting = index.Open.Where(entry => entry is { State: JournalState.Outstanding, SequenceAccount: not null, Sequence: not null, IsSequenceBrought: false }).ToLookup(entry => entry.SequenceAccount!, entry => entry.Sequence!.Value);
        return
        [
            .. waiting.OrderBy(account => account.Key, StringComparer.Ordinal).Select(account => new SequenceState(
                account.Key,
                account.Count(),
                account.Min(),
                account.Max(),
                index.NextSequence(account.Key) ?? 0,
                [.. index.Gaps(account.Key).Where(gap => gap.Last < account.Max())])),
        ];
    }

    /// <summary>Gives free numbers of an account out from here on first, as an operator says.</summary>
    /// <exception cref="KmsException">It is no smaller number than the next one, or could not be written.</exception>
    public async Task RenumberAsync(string account, ulong from)
    {
        if (NextSequence(account) is not { } next)
        {
            throw KmsException.Refused($"nothing was signed for '{account}' whose number was given out here");
        }

        if (from >= next)
        {
            throw KmsException.Refused($"the next number of '{account}' is {next} already: only a smaller one can be chosen");
        }

        await AppendAsync(new JournalRecord(clock.GetUtcNow(), JournalRecord.Renumbered, account) { Account = account, Sequence = from });
    }

    /// <summary>Takes a dated transaction for a pending id; false when another id has the very same one.</summary>
    public bool TryClaim(string id, SignedTransaction signed) =>
        signed is not { IsDated: true, TransactionId: { } transactionId } || index.TryClaim(id, transactionId);

    /// <summary>Takes the amounts that a transaction says its inputs hold, before it is recorded.</summary>
    /// <exception cref="KmsException">Another amount was signed for one of them, and this one is not proved.</exception>
    public void ClaimAmounts(PendingTransaction pending, SignedTransaction signed) => index.Amounts.Claim(pending.Chain, SpentOutput.Read(signed.Spent));

    /// <summary>Checks the amounts alone, before anybody is asked about it.</summary>
    /// <exception cref="KmsException">Another amount was signed for one of its inputs, and this one is not proved.</exception>
    internal void RequireAmounts(string chain, string? spent) => index.Amounts.Require(chain, SpentOutput.Read(spent));

    /// <summary>Makes a signature durable. Only after this may anything of it leave the process.</summary>
    /// <returns>The entry.</returns>
    /// <exception cref="KmsException">It could not be written, or not be read back.</exception>
    internal async Task<JournalEntry> RecordSignedAsync(PendingTransaction pending, string content, SignedTransaction signed, TransactionDigests? digests = null, BigInteger? fee = null)
    {
        var record = new JournalRecord(clock.GetUtcNow(), JournalRecord.Signed, pending.Id)
        {
            Chain = pending.Chain,
            Content = content,
            TransactionId = signed.TransactionId,
            Account = signed.SequenceAccount,
            Sequence = signed.Sequence,
            IsSequenceBrought = signed.IsSequenceBrought,
            IsDated = signed.IsDated,
            ValidUntil = signed.ValidUntil ?? (signed.ValidFor is { } time ? clock.GetUtcNow() + time : null),
            Number = NextNumber(await FindAsync(pending.Id)),
            Spent = signed.Spent,
            Request = digests?.Request,
            Transaction = digests?.Transaction,
            Fee = fee,
            Data = signed.Data,
        };
        await AppendAsync(record);
        return index.InMemory(pending.Id)!;
    }

    /// <summary>Which signature of a pending id the next one would be, from 1.</summary>
    /// <param name="before">What is known of the id.</param>
    public static int NextNumber(JournalEntry? before) => before is null ? 1 : before.Number + 1;

    /// <summary>Records what became of a signed transaction.</summary>
    /// <returns>The entry as it is now.</returns>
    /// <exception cref="KmsException">It could not be written, or was never signed.</exception>
    public async Task<JournalEntry> RecordStateAsync(string id, JournalState state, string? transactionId, string? reason)
    {
        var before = await FindAsync(id);
        await AddAsync(new JournalRecord(clock.GetUtcNow(), state.ToString().ToLowerInvariant(), id) { TransactionId = before?.TransactionId ?? transactionId, Reason = reason });
        return index.InMemory(id)!;
    }

    /// <summary>Records what was heard of a transaction that is out, when it is something new.</summary>
    /// <param name="id">The pending id.</param>
    /// <param name="reason">The words, fit to be shown.</param>
    /// <param name="doubt">What the gateway alone concludes.</param>
    /// <param name="sent">How often it was sent so far.</param>
    /// <exception cref="KmsException">It could not be written, or was never signed.</exception>
    public async Task RecordHeardAsync(string id, string? reason, JournalDoubt doubt, int sent)
    {
        var before = await FindAsync(id);
        if (before is not null && before.Reason == reason && before.Doubt == doubt)
        {
            index.Recount(before with { Sent = sent, HeardAt = clock.GetUtcNow() }); // it is written down with the next news
            return;
        }

        await AddAsync(new JournalRecord(clock.GetUtcNow(), JournalRecord.Heard, id) { TransactionId = before?.TransactionId, Reason = reason, Doubt = doubt, Sent = sent });
    }

    /// <summary>Ends when everything recorded so far is durable, the index too.</summary>
    public Task DrainAsync() => log.DrainAsync();

    /// <summary>
    /// Checks the lines that the index stood for when the journal was opened, which takes a while. When they are not the ones that were
    /// written, nothing is found or recorded any more.
    /// </summary>
    /// <returns>What is wrong, or null.</returns>
    internal KmsException? VerifyOld(CancellationToken cancel) => log.VerifyOld(cancel);

    private void Replay(IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> lines, long before)
    {
        var number = before;
        foreach (var (position, line) in lines)
        {
            number++;
            LinesRead++;
            var record = JournalLog.ReadLine(line, number);
            try
            {
                Apply(record, position, record.Event == JournalRecord.Signed ? index.InMemory(record.Id) : KnownBefore(record.Id));
            }
            catch (KmsException error)
            {
                throw JournalLog.Damaged(number, error);
            }

            log.KeepWhileReading(index);
        }
    }

    /// <summary>While the log is opened nobody waits for anything else: reading one line back may hold the thread.</summary>
    private JournalEntry? KnownBefore(string id) => index.InMemory(id) ?? LoadAsync(id).GetAwaiter().GetResult();

    private async Task AddAsync(JournalRecord record)
    {
        _ = await FindAsync(record.Id) ?? throw JournalLog.NeverSigned(record.Id);
        await AppendAsync(record);
    }

    private async Task AppendAsync(JournalRecord record)
    {
        log.RequireWhole();
        var line = record.Write();
        using (log.Enter())
        {
            var position = await log.WriteAsync(line);
            try
            {
                Apply(record, position, record.Event == JournalRecord.Renumbered ? null : await FindAsync(record.Id));
            }
            catch (Exception error)
            {
                log.Lose(error);
                throw;
            }
        }

        log.KeepWhenQuiet(index);
    }

    private void Apply(JournalRecord record, long position, JournalEntry? before)
    {
        if (record.Event == JournalRecord.Signed)
        {
            index.Enter(JournalEntry.Of(record, position, before), SpentOutput.Read(record.Spent));
            return;
        }

        if (record.Event == JournalRecord.Renumbered)
        {
            index.StartAt(record.Account!, record.Sequence!.Value);
            return;
        }

        if (before is null)
        {
            throw JournalLog.NeverSigned(record.Id);
        }

        var entry = before.After(record);
        var frees = IsHeld(before) && !IsHeld(entry); // once: by the next time another transaction may hold its number
        if (entry.IsNamed && record.TransactionId is null)
        {
            index.KeepOpen(entry, frees); // no one line says all of it
            return;
        }

        index.Change(entry, entry.IsNamed || entry.Reason is not null ? position : null, frees);
    }

    private static bool IsHeld(JournalEntry entry) => entry.State is JournalState.Accepted or JournalState.Outstanding;

    /// <summary>Reads an entry that has ended from where it is written.</summary>
    private async Task<JournalEntry?> LoadAsync(string id)
    {
        if (!index.TryFindSettled(id, out var place, out var lastWords))
        {
            return null;
        }

        var signed = JournalRecord.Read(await log.ReadAsync(place.Position));
        if (signed.Event != JournalRecord.Signed || signed.Id != id)
        {
            throw new KmsException(Failure.WalletFile, $"the journal's line about '{id}' says something else", "see: kms audit verify");
        }

        var entry = JournalEntry.Of(signed, place.Position, null) with { State = place.State };
        if (lastWords is { } at)
        {
            var said = JournalRecord.Read(await log.ReadAsync(at));
            entry = said.Id == id ? entry with { Reason = said.Reason, TransactionId = entry.TransactionId ?? said.TransactionId, IsNamed = entry.TransactionId is null && said.TransactionId is not null } : throw new KmsException(
                Failure.WalletFile, $"the journal's line about '{id}' says something else", "see: kms audit verify");
        }

        if (entry.MaySignAfresh)
        {
            // whatever may be signed afresh is kept in memory whole: the line was changed since it was written
            throw new KmsException(Failure.WalletFile, $"the journal's line about '{id}' was changed since it was written: nothing is signed on it", "see: kms audit verify");
        }

        index.Remember(entry);
        return entry;
    }
}

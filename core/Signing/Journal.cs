using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// Signed once, never twice: every signed transaction is on disk, by pending id and content, before a byte of it leaves the
/// process. One process at a time.
/// </summary>
public sealed class Journal
{
    private readonly IAppendLog log;
    private readonly TimeProvider clock;
    private readonly GroupCommit<ReadOnlyMemory<byte>> commits;
    private readonly ConcurrentDictionary<string, JournalEntry> entries = new(StringComparer.Ordinal);
    private readonly SequenceBook sequences = new();
    private readonly ConcurrentDictionary<string, string> dated = new(StringComparer.Ordinal); // pending ids by transaction id
    private readonly SignedAmounts amounts = new();
    private readonly Lock gate = new();

    private Journal(IAppendLog log, TimeProvider clock) => (this.log, this.clock, commits) = (log, clock, new(log.AppendAsync));

    /// <summary>Everything known, in no order.</summary>
    public IEnumerable<JournalEntry> Entries => entries.Values;

    /// <summary>How many there are.</summary>
    public int Count => entries.Count;

    /// <summary>Reads a journal.</summary>
    /// <exception cref="KmsException">A line in the middle is damaged: whether something was signed can no longer be known.</exception>
    public static Journal Open(IAppendLog log, TimeProvider clock)
    {
        var journal = new Journal(log, clock);
        var number = 0;
        foreach (var (position, line) in log.ReadLines())
        {
            number++;
            try
            {
                journal.Apply(JournalRecord.Read(line), position);
            }
            catch (KmsException error)
            {
                throw new KmsException(
                    Failure.WalletFile, $"line {number} of the journal is damaged: {error.Message}", "nothing is signed without the journal; see what can be done with: kms journal repair", error);
            }
        }

        return journal;
    }

    /// <summary>SHA-256 over everything a signature depends on; the gateway's other members may change freely.</summary>
    public static string ContentOf(PendingTransaction pending, Network network)
    {
        var canonical = CompactJson.Hashed(json =>
        {
            json.WriteStartArray();
            json.WriteStringValue(pending.Chain);
            json.WriteStringValue(network.ToString());
            json.WriteStringValue(pending.SerializedTransaction);
            json.WriteStartArray();
            foreach (var hash in pending.Hashes)
            {
                json.WriteStringValue(hash);
            }

            json.WriteEndArray();
            json.WriteStartArray();
            foreach (var (signatureId, index) in pending.Signatures)
            {
                json.WriteStringValue(signatureId);
                json.WriteStringValue(index?.ToString(CultureInfo.InvariantCulture));
            }

            json.WriteEndArray();
            json.WriteStringValue(pending.Index?.ToString(CultureInfo.InvariantCulture));
            json.WriteStringValue(pending.WithdrawalId);
            json.WriteStringValue(pending.WithdrawalResponses?.GetRawText());
            json.WriteEndArray();
        });
        return Hex.Lower(SHA256.HashData(canonical));
    }

    /// <summary>What is known of a pending id, or null.</summary>
    public JournalEntry? Find(string id) => entries.GetValueOrDefault(id);

    /// <summary>The signed transaction of an entry, read back from the log.</summary>
    public async Task<SignedTransaction> ReadSignedAsync(JournalEntry entry)
    {
        var record = JournalRecord.Read(await log.ReadAsync(entry.Position));
        return new(record.Data!, entry.TransactionId)
        {
            SequenceAccount = entry.SequenceAccount,
            Sequence = entry.Sequence,
            IsDated = entry.IsDated,
            ValidUntil = entry.ValidUntil,
            MayBeOut = true,
        };
    }

    /// <summary>The number of an account's next transaction as far as the journal knows; null when it knows none.</summary>
    public ulong? NextSequence(string account)
    {
        lock (gate)
        {
            return sequences.Next(account);
        }
    }

    /// <summary>Accounts with transactions out, in order.</summary>
    public IReadOnlyList<SequenceState> SequenceStates()
    {
        var waiting = entries.Values.Where(entry => entry is { State: JournalState.Outstanding, SequenceAccount: not null, Sequence: not null }).ToLookup(entry => entry.SequenceAccount!, entry => entry.Sequence!.Value);
        lock (gate)
        {
            return
            [
                .. waiting.OrderBy(account => account.Key, StringComparer.Ordinal).Select(account => new SequenceState(
                    account.Key,
                    account.Count(),
                    account.Min(),
                    account.Max(),
                    sequences.Next(account.Key) ?? 0,
                    [.. sequences.Gaps(account.Key).Where(gap => gap.Last < account.Max())])),
            ];
        }
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

        var record = new JournalRecord(clock.GetUtcNow(), JournalRecord.Renumbered, account) { Account = account, Sequence = from };
        await commits.AddAsync(record.Write());
        Apply(record, 0);
    }

    /// <summary>Takes a dated transaction for a pending id; false when another id has the very same one.</summary>
    public bool TryClaim(string id, SignedTransaction signed) =>
        signed is not { IsDated: true, TransactionId: { } transactionId } || dated.GetOrAdd(transactionId, id) == id;

    /// <summary>Takes the amounts that a transaction says its inputs hold, before it is recorded.</summary>
    /// <exception cref="KmsException">Another amount was signed for one of them, and this one is not proved.</exception>
    public void ClaimAmounts(PendingTransaction pending, SignedTransaction signed) => amounts.Claim(pending.Chain, SpentOutput.Read(signed.Spent));

    /// <summary>Makes a signature durable. Only after this may anything of it leave the process.</summary>
    /// <returns>The entry.</returns>
    /// <exception cref="KmsException">It could not be written, or not be read back.</exception>
    public async Task<JournalEntry> RecordSignedAsync(PendingTransaction pending, string content, SignedTransaction signed)
    {
        var record = new JournalRecord(clock.GetUtcNow(), JournalRecord.Signed, pending.Id)
        {
            Chain = pending.Chain,
            Content = content,
            TransactionId = signed.TransactionId,
            Account = signed.SequenceAccount,
            Sequence = signed.Sequence,
            IsDated = signed.IsDated,
            ValidUntil = signed.ValidUntil ?? (signed.ValidFor is { } time ? clock.GetUtcNow() + time : null),
            Number = NextNumber(pending.Id),
            Spent = signed.Spent,
            Data = signed.Data,
        };
        var position = await commits.AddAsync(record.Write());
        Apply(record, position);
        return entries[pending.Id];
    }

    /// <summary>Which signature of a pending id the next one would be, from 1.</summary>
    public int NextNumber(string id) => entries.TryGetValue(id, out var entry) ? entry.Number + 1 : 1;

    /// <summary>Records what became of a signed transaction.</summary>
    /// <exception cref="KmsException">It could not be written, or was never signed.</exception>
    public async Task RecordStateAsync(string id, JournalState state, string? transactionId, string? reason)
    {
        var record = new JournalRecord(clock.GetUtcNow(), state.ToString().ToLowerInvariant(), id) { TransactionId = transactionId, Reason = reason };
        await AddAsync(record);
    }

    /// <summary>Records what was heard of a transaction that is out, when it is something new.</summary>
    /// <param name="id">The pending id.</param>
    /// <param name="reason">The words, fit to be shown.</param>
    /// <param name="doubt">What the gateway alone concludes.</param>
    /// <param name="sent">How often it was sent so far.</param>
    /// <exception cref="KmsException">It could not be written, or was never signed.</exception>
    public async Task RecordHeardAsync(string id, string? reason, JournalDoubt doubt, int sent)
    {
        var before = entries.GetValueOrDefault(id);
        if (before?.Reason == reason && before?.Doubt == doubt)
        {
            entries[id] = before! with { Sent = sent, HeardAt = clock.GetUtcNow() }; // the count is written down with the next news
            return;
        }

        await AddAsync(new JournalRecord(clock.GetUtcNow(), JournalRecord.Heard, id) { Reason = reason, Doubt = doubt, Sent = sent });
    }

    /// <summary>Ends when everything recorded so far is durable.</summary>
    public Task DrainAsync() => commits.DrainAsync();

    private async Task AddAsync(JournalRecord record)
    {
        Known(record.Id);
        var position = await commits.AddAsync(record.Write());
        Apply(record, position);
    }

    private void Apply(JournalRecord record, long position)
    {
        if (record.Event == JournalRecord.Signed)
        {
            Enter(new(record.Id, record.Chain!, record.Content!, JournalState.Outstanding, record.Time)
            {
                TransactionId = record.TransactionId,
                SequenceAccount = record.Account,
                Sequence = record.Sequence,
                IsDated = record.IsDated,
                ValidUntil = record.ValidUntil,
                Number = record.Number ?? NextNumber(record.Id),
                Position = position,
            });
            amounts.Remember(record.Chain!, SpentOutput.Read(record.Spent));
            if (record is { TransactionId: { } transactionId, IsDated: true })
            {
                dated[transactionId] = record.Id;
            }

            return;
        }

        if (record.Event == JournalRecord.Renumbered)
        {
            lock (gate)
            {
                sequences.StartAt(record.Account!, record.Sequence!.Value);
            }

            return;
        }

        var before = Known(record.Id);
        if (record.Event == JournalRecord.Heard)
        {
            entries[record.Id] = before with { Reason = record.Reason, Doubt = record.Doubt, Sent = record.Sent ?? before.Sent, HeardAt = record.Time };
            return;
        }

        var state = Enum.Parse<JournalState>(record.Event, ignoreCase: true);
        entries[record.Id] = before with
        {
            State = state,
            TransactionId = before.TransactionId ?? record.TransactionId, // what we computed is never replaced by what somebody names
            Reason = record.Reason,
        };
        if (state is not (JournalState.Accepted or JournalState.Outstanding))
        {
            Vacate(before);
        }
    }

    private JournalEntry Known(string id) => entries.GetValueOrDefault(id) ?? throw KmsException.Refused($"'{id}' was never signed");

    private void Enter(JournalEntry entry)
    {
        entries[entry.Id] = entry;
        Occupy(entry);
    }

    private void Occupy(JournalEntry entry)
    {
        if (entry is { SequenceAccount: { } account, Sequence: { } sequence })
        {
            lock (gate)
            {
                sequences.Take(account, sequence);
            }
        }
    }

    private void Vacate(JournalEntry entry)
    {
        if (entry is { SequenceAccount: { } account, Sequence: { } sequence })
        {
            lock (gate)
            {
                sequences.Free(account, sequence);
            }
        }
    }
}

using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Signing;

/// <summary>
/// What is kept in memory of the journal: whole entries only while their end is open, for the rest a fingerprint of the
/// id with what became of it and where it is written. Safe for several threads.
/// </summary>
internal sealed class JournalIndex
{
    private readonly Dictionary<string, JournalEntry> open = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, string> openByKey = [];
    private readonly RecentEntries recent = new();
    private readonly FingerprintTable<SettledPlace> settled = new();
    // 1 + position of the line that says more than that it ended
    private readonly FingerprintTable<long> lastWords = new();
    // fingerprints of pending ids by those of transaction ids
    private readonly FingerprintTable<UInt128> dated = new();
    private readonly SequenceBook sequences = new();
    private readonly Lock gate = new();
    private JournalDelta delta = new();

    /// <summary>How many entries there are.</summary>
    internal int Count { get; private set; }

    /// <summary>How much has changed since the last delta was taken.</summary>
    internal int Changes
    {
        get
        {
            lock (gate)
            {
                return delta.Changes;
            }
        }
    }

    /// <summary>What inputs were said to hold.</summary>
    internal SignedAmounts Amounts { get; } = new();

    /// <summary>Entries whose end is open, or that may be signed afresh.</summary>
    internal IReadOnlyList<JournalEntry> Open
    {
        get
        {
            lock (gate)
            {
                return [.. open.Values];
            }
        }
    }

    /// <summary>The number of an account's next transaction; null when none is known.</summary>
    internal ulong? NextSequence(string account)
    {
        lock (gate)
        {
            return sequences.Next(account);
        }
    }

    /// <summary>The first number of an account from one on that no transaction holds.</summary>
    internal ulong FirstFree(string account, ulong from)
    {
        lock (gate)
        {
            return sequences.FirstFree(account, from);
        }
    }

    /// <summary>Where an account's numbers were seen to be, held or free again; null when none was ever held.</summary>
    internal ulong? SeenSequence(string account)
    {
        lock (gate)
        {
            return sequences.Seen(account);
        }
    }

    /// <summary>Free numbers of an account below one that is held.</summary>
    internal IReadOnlyList<NumberSpan> Gaps(string account)
    {
        lock (gate)
        {
            return sequences.Gaps(account);
        }
    }

    /// <summary>Gives numbers out from here on.</summary>
    internal void StartAt(string account, ulong number)
    {
        lock (gate)
        {
            sequences.StartAt(account, number);
            delta.Accounts.Add(account);
        }
    }

    /// <summary>An entry that is in memory.</summary>
    internal JournalEntry? InMemory(string id)
    {
        lock (gate)
        {
            return open.GetValueOrDefault(id) ?? recent.Find(id);
        }
    }

    /// <summary>Where an entry that has ended is written.</summary>
    internal bool TryFindSettled(string id, out SettledPlace place, out long? lastWordsAt)
    {
        lock (gate)
        {
            var key = FingerprintTable<SettledPlace>.Of(id);
            place = settled[key];
            lastWordsAt = lastWords[key] is > 0 and var at ? at - 1 : null;
            return place != default;
        }
    }

    /// <summary>Keeps an entry that was read from where it is written.</summary>
    internal void Remember(JournalEntry entry)
    {
        lock (gate)
        {
            recent.Keep(entry);
        }
    }

    /// <summary>Takes a dated transaction for a pending id; false when another id has the very same one.</summary>
    internal bool TryClaim(string id, string transactionId)
    {
        lock (gate)
        {
            var key = FingerprintTable<UInt128>.Of(transactionId);
            var owner = FingerprintTable<UInt128>.Of(id);
            var known = dated[key];
            if (known != 0)
            {
                return known == owner;
            }

            dated[key] = owner;
            delta.Dated.Add((key, owner));
            return true;
        }
    }

    /// <summary>Enters what was signed.</summary>
    internal void Enter(JournalEntry entry, IReadOnlyList<SpentOutput> spent)
    {
        Amounts.Remember(entry.Chain, spent);
        lock (gate)
        {
            var before = open.GetValueOrDefault(entry.Id) ?? recent.Find(entry.Id);
            Count += before is null && settled[FingerprintTable<SettledPlace>.Of(entry.Id)] == default ? 1 : 0;
            Reopen(entry);
            if (entry is { SequenceAccount: { } account, Sequence: { } sequence })
            {
                Take(account, sequence, entry.IsSequenceBrought);
                delta.Accounts.Add(account);
            }

            if (entry is { TransactionId: { } transactionId, IsDated: true })
            {
                var key = FingerprintTable<UInt128>.Of(transactionId);
                var owner = FingerprintTable<UInt128>.Of(entry.Id);
                dated[key] = owner;
                delta.Dated.Add((key, owner));
            }

            delta.Amounts.AddRange(SignedAmounts.Keys(entry.Chain, spent));
        }
    }

    /// <summary>Puts another form of an entry in the place of the one before.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="saidAt">
    /// Position of the line that says it, when it says more than that it ended; null otherwise.
    /// </param>
    /// <param name="frees">Whether its sequence number is free again.</param>
    internal void Change(JournalEntry entry, long? saidAt, bool frees)
    {
        lock (gate)
        {
            if (frees && entry is { SequenceAccount: { } account, Sequence: { } sequence })
            {
                Free(account, sequence, entry.IsSequenceBrought);
                delta.Accounts.Add(account);
            }

            if (entry.IsSettled)
            {
                Settle(entry, saidAt);
            }
            else
            {
                Reopen(entry);
            }
        }
    }

    /// <summary>Takes a new count of an entry whose end is open; that of one that has ended interests nobody.</summary>
    internal void Recount(JournalEntry entry)
    {
        lock (gate)
        {
            if (open.ContainsKey(entry.Id))
            {
                open[entry.Id] = entry;
            }
        }
    }

    /// <summary>Puts another form of an entry in the place of the one before, and keeps it in memory whole.</summary>
    internal void KeepOpen(JournalEntry entry, bool frees)
    {
        Change(entry, null, frees);
        lock (gate)
        {
            Reopen(entry);
        }
    }

    /// <summary>What has changed since the last one, in a form to be written down; the next begins empty.</summary>
    internal byte[] TakeDelta()
    {
        lock (gate)
        {
            var taken = delta;
            delta = new();
            return taken.Write(id => open.GetValueOrDefault(id), id => (settled[id], lastWords[id]), sequences);
        }
    }

    /// <summary>Takes a delta that was written down into an index that is read.</summary>
    /// <exception cref="KmsException">It is damaged.</exception>
    internal void Load(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            var read = JournalDelta.Read(bytes);
            foreach (var entry in read.Open)
            {
                var isKnown = open.ContainsKey(entry.Id)
                    || settled[FingerprintTable<SettledPlace>.Of(entry.Id)] != default;
                Count += isKnown ? 0 : 1;
                Reopen(entry);
            }

            foreach (var (key, place, said) in read.Settled)
            {
                var wasOpen = openByKey.Remove(key, out var id) && open.Remove(id);
                Count += wasOpen || settled[key] != default ? 0 : 1;
                (settled[key], lastWords[key]) = (place, said);
            }

            foreach (var (key, owner) in read.Dated)
            {
                dated[key] = owner;
            }

            foreach (var (key, units) in read.Amounts)
            {
                Amounts.Remember(key, units);
            }

            foreach (var account in read.Sequences)
            {
                sequences.Put(account);
            }

            delta = new();
        }
    }

    private void Take(string account, ulong sequence, bool isBrought)
    {
        if (isBrought)
        {
            sequences.Bring(account, sequence);
            return;
        }

        sequences.Take(account, sequence);
    }

    private void Free(string account, ulong sequence, bool isBrought)
    {
        if (isBrought)
        {
            sequences.FreeBrought(account, sequence);
            return;
        }

        sequences.Free(account, sequence);
    }

    private void Reopen(JournalEntry entry)
    {
        var key = FingerprintTable<SettledPlace>.Of(entry.Id);
        open[entry.Id] = entry;
        openByKey[key] = entry.Id;
        recent.Forget(entry.Id);
        if (settled[key] != default)
        {
            (settled[key], lastWords[key]) = (default, 0);
        }

        delta.Ids.Add(entry.Id);
    }

    private void Settle(JournalEntry entry, long? saidAt)
    {
        var key = FingerprintTable<SettledPlace>.Of(entry.Id);
        open.Remove(entry.Id);
        openByKey.Remove(key);
        settled[key] = new(entry.State, entry.Position);
        if (saidAt is not null || lastWords[key] != 0)
        {
            lastWords[key] = saidAt + 1 ?? 0;
        }

        recent.Keep(entry);
        delta.Ids.Add(entry.Id);
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>What became of a signed transaction.</summary>
public enum JournalState
{
    /// <summary>Signed; whether the network has it is not known yet.</summary>
    Outstanding,

    /// <summary>Taken by the gateway or the network.</summary>
    Accepted,

    /// <summary>Refused for good.</summary>
    Rejected,

    /// <summary>Released, by an operator or because it can never be included any more: it may be signed afresh.</summary>
    Released,
}

/// <summary>What the journal knows of a pending id.</summary>
/// <param name="Id">The pending id.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="Content">SHA-256 of what was asked, lower-case hex.</param>
/// <param name="State">What became of it.</param>
/// <param name="SignedAt">When it was signed.</param>
public sealed record JournalEntry(string Id, string Chain, string Content, JournalState State, DateTimeOffset SignedAt)
{
    /// <summary>The transaction id, when known.</summary>
    public string? TransactionId { get; init; }

    /// <summary>Why it was rejected or released, or what the last attempt met.</summary>
    public string? Reason { get; init; }

    /// <summary>The account whose sequence number it took, or null.</summary>
    public string? SequenceAccount { get; init; }

    /// <summary>That sequence number.</summary>
    public ulong? Sequence { get; init; }

    internal long Position { get; init; }
}

/// <summary>
/// Signed once, never twice: every signed transaction is on disk, by pending id and content, before a byte of it leaves the
/// process. One process at a time.
/// </summary>
public sealed class Journal
{
    private static readonly Comparer<(ulong Number, string Id)> BySequence =
        Comparer<(ulong Number, string Id)>.Create((left, right) => left.Number != right.Number ? left.Number.CompareTo(right.Number) : string.CompareOrdinal(left.Id, right.Id));

    private readonly IAppendLog log;
    private readonly TimeProvider clock;
    private readonly GroupCommit<ReadOnlyMemory<byte>> commits;
    private readonly ConcurrentDictionary<string, JournalEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<(ulong Number, string Id)>> sequences = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> dated = new(StringComparer.Ordinal); // pending ids by transaction id
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
                journal.Apply(StrictJson.Parse(line, "the line"), position);
            }
            catch (KmsException error)
            {
                throw new KmsException(
                    Failure.WalletFile, $"line {number} of the journal is damaged: {error.Message}", "nothing is signed without the journal; restore it from a backup of the state folder", error);
            }
        }

        return journal;
    }

    /// <summary>SHA-256 over everything a signature depends on; the gateway's other members may change freely.</summary>
    public static string ContentOf(PendingTransaction pending, Network network)
    {
        var canonical = CompactJson.Utf8(json =>
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
        var json = StrictJson.Parse(await log.ReadAsync(entry.Position), "the journal's line");
        return new(json.GetProperty("data").GetString()!, entry.TransactionId) { SequenceAccount = entry.SequenceAccount, Sequence = entry.Sequence, MayBeOut = true };
    }

    /// <summary>The lowest sequence number of an account that no signed and unreleased transaction uses or is below; null when there is none.</summary>
    public ulong? NextSequence(string account)
    {
        lock (gate)
        {
            return sequences.TryGetValue(account, out var used) && used.Count > 0 ? used.Max.Number + 1 : null;
        }
    }

    /// <summary>Takes a dated transaction for a pending id; false when another id has the very same one.</summary>
    public bool TryClaim(string id, SignedTransaction signed) =>
        signed is not { IsDated: true, TransactionId: { } transactionId } || dated.GetOrAdd(transactionId, id) == id;

    /// <summary>Makes a signature durable. Only after this may anything of it leave the process.</summary>
    /// <exception cref="KmsException">It could not be written.</exception>
    public async Task RecordSignedAsync(PendingTransaction pending, string content, SignedTransaction signed)
    {
        var entry = new JournalEntry(pending.Id, pending.Chain, content, JournalState.Outstanding, clock.GetUtcNow())
        {
            TransactionId = signed.TransactionId,
            SequenceAccount = signed.SequenceAccount,
            Sequence = signed.Sequence,
        };
        var position = await commits.AddAsync(CompactJson.Utf8(json =>
        {
            json.WriteStartObject();
            json.WriteString("time", entry.SignedAt);
            json.WriteString("event", "signed");
            json.WriteString("id", entry.Id);
            json.WriteString("chain", entry.Chain);
            json.WriteString("content", entry.Content);
            WriteText(json, "txId", entry.TransactionId);
            WriteText(json, "account", entry.SequenceAccount);
            if (entry.Sequence is { } sequence)
            {
                json.WriteNumber("sequence", sequence);
            }

            if (signed.IsDated)
            {
                json.WriteBoolean("dated", true);
            }

            json.WriteString("data", signed.Data);
            json.WriteEndObject();
        }));
        Enter(entry with { Position = position });
    }

    /// <summary>Records what became of a signed transaction.</summary>
    /// <exception cref="KmsException">It could not be written, or was never signed.</exception>
    public async Task RecordStateAsync(string id, JournalState state, string? transactionId, string? reason)
    {
        await commits.AddAsync(CompactJson.Utf8(json =>
        {
            json.WriteStartObject();
            json.WriteString("time", clock.GetUtcNow());
            json.WriteString("event", state.ToString().ToLowerInvariant());
            json.WriteString("id", id);
            WriteText(json, "txId", transactionId);
            WriteText(json, "reason", reason);
            json.WriteEndObject();
        }));
        Change(id, state, transactionId, reason);
    }

    /// <summary>Ends when everything recorded so far is durable.</summary>
    public Task DrainAsync() => commits.DrainAsync();

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private void Apply(JsonElement line, long position)
    {
        var json = new StrictObject(line, "the record");
        var time = DateTimeOffset.Parse(json.String("time"), CultureInfo.InvariantCulture);
        var (kind, id, transactionId) = (json.String("event"), json.String("id"), json.OptionalString("txId"));
        if (kind == "signed")
        {
            Enter(new(id, json.String("chain"), json.String("content"), JournalState.Outstanding, time)
            {
                TransactionId = transactionId,
                SequenceAccount = json.OptionalString("account"),
                Sequence = (ulong?)json.OptionalInteger("sequence", 0, long.MaxValue),
                Position = position,
            });
            if (transactionId is not null && json.OptionalBool("dated") is true)
            {
                dated[transactionId] = id;
            }

            return;
        }

        var state = Enum.TryParse<JournalState>(kind, ignoreCase: true, out var known) ? known : throw json.Bad("event", "is unknown");
        Change(id, state, transactionId, json.OptionalString("reason"));
    }

    private void Enter(JournalEntry entry)
    {
        entries[entry.Id] = entry;
        Occupy(entry);
    }

    private void Change(string id, JournalState state, string? transactionId, string? reason)
    {
        var before = entries.GetValueOrDefault(id) ?? throw KmsException.Refused($"'{id}' was never signed");
        entries[id] = before with { State = state, TransactionId = transactionId ?? before.TransactionId, Reason = reason };
        if (state is JournalState.Rejected or JournalState.Released)
        {
            Vacate(before);
        }
    }

    private void Occupy(JournalEntry entry)
    {
        if (entry is { SequenceAccount: { } account, Sequence: { } sequence })
        {
            lock (gate)
            {
                if (!sequences.TryGetValue(account, out var used))
                {
                    sequences[account] = used = new(BySequence);
                }

                used.Add((sequence, entry.Id));
            }
        }
    }

    private void Vacate(JournalEntry entry)
    {
        if (entry is { SequenceAccount: { } account, Sequence: { } sequence })
        {
            lock (gate)
            {
                sequences.GetValueOrDefault(account)?.Remove((sequence, entry.Id));
            }
        }
    }
}

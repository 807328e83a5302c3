using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.State;

/// <summary>
/// <c>state.head</c>: how far each log of the state is, which generation of the wallet file was seen, and whether an operator froze it, under a
/// MAC of the wallet file's. What is put back or taken away in the state folder is behind it, and does not open.
/// </summary>
public sealed class StateHead : IDisposable
{
    /// <summary>The record's name in a state folder.</summary>
    public const string RecordName = "state.head";

    /// <summary>Bytes of the record.</summary>
    public const int Size = 2048;

    private const int LongestId = 64;
    private const string Label = "kmscloud state head v1\n";
    private readonly IRecordPlaces places;
    private readonly SecretBytes key;
    private readonly Lock gate = new();
    private HeadRecord record = new();
    private byte[]? last; // as it is in a place
    private int next;

    private StateHead(IRecordPlaces places, SecretBytes key)
    {
        this.places = places;
        this.key = key;
    }

    /// <summary>HKDF purpose of the MAC key.</summary>
    public static ReadOnlySpan<byte> KeyPurpose => "kmscloud state mac v1"u8;

    /// <summary>The counter of the newest record that is sure to be on disk.</summary>
    internal long FlushedCounter { get; private set; }

    /// <summary>The counter of the newest record.</summary>
    internal long Counter => record.Counter;

    /// <summary>Whether there was a record when it was opened.</summary>
    public bool WasThere { get; private set; }

    /// <summary>What tells this state from any other: 32 lower-case hex digits; null before anything was written.</summary>
    public string? Id => record.Id;

    /// <summary>The largest generation of the wallet file that was seen.</summary>
    public long Generation => record.Generation;

    /// <summary>The hash of the note that froze the state, or null.</summary>
    public string? Frozen => record.Frozen;

    /// <summary>SHA-256 over what it says now, lower-case hex: an anchor to be kept elsewhere.</summary>
    public string Hash
    {
        get
        {
            lock (gate)
            {
                return Hex.Lower(SHA256.HashData(record.Bytes()));
            }
        }
    }

    /// <summary>Reads the head. Takes ownership of places and key.</summary>
    /// <param name="places">Where it is.</param>
    /// <param name="key">The wallet file's key for it.</param>
    /// <param name="expectedId">The identity that the state must have; null for any.</param>
    /// <exception cref="KmsException">There is one, and it was written under another wallet file or by somebody else; or it is of another state.</exception>
    public static StateHead Open(IRecordPlaces places, SecretBytes key, string? expectedId = null)
    {
        var head = Read(places, key);
        if (expectedId is null || expectedId.Equals(head.Id, StringComparison.OrdinalIgnoreCase))
        {
            return head;
        }

        var found = head.Id is { } id ? $"this is state {id}" : "here is none";
        head.Dispose();
        throw new KmsException(
            Failure.WalletFile, $"{found}, and KMS_STATE_ID says {Printable.Line(expectedId, LongestId)}", "find out who put it there; a state tells its id when a daemon starts");
    }

    private static StateHead Read(IRecordPlaces places, SecretBytes key)
    {
        var head = new StateHead(places, key);
        var forged = false;
        for (var place = 0; place < places.Count; place++)
        {
            if (places.Read(place) is not { } bytes || bytes.All(value => value == 0))
            {
                continue;
            }

            if (head.ReadPlace(bytes) is not { } found)
            {
                forged = true; // or half written
            }
            else if (!head.WasThere || found.Counter > head.record.Counter)
            {
                (head.record, head.next, head.WasThere, head.last) = (found, (place + 1) % places.Count, true, bytes);
            }
        }

        if (head.WasThere || !forged)
        {
            head.FlushedCounter = head.record.Counter; // it may be of a power cut's last moment: at worst it is written once more
            return head;
        }

        head.Dispose();
        throw new KmsException(
            Failure.WalletFile, "state.head is not of this wallet file, or was changed", "use the wallet file and the state folder that belong together; a restored one is taken with: kms state accept-restore");
    }

    /// <summary>Refuses to go on when another process has written the head since, or another file lies in its place: one daemon uses a state.</summary>
    /// <exception cref="KmsException">It is so.</exception>
    internal void RequireNewest()
    {
        lock (gate)
        {
            if (last is not null && !places.Holds(last))
            {
                throw new KmsException(
                    Failure.WalletFile, "state.head is not the one that this process left: another daemon uses this state folder, or somebody exchanged it", "nothing is signed until one of them is started anew");
            }
        }
    }

    /// <summary>How far a log was, or null when it was not sealed before.</summary>
    internal LogHead? Of(string log)
    {
        lock (gate)
        {
            return record.Logs.GetValueOrDefault(log);
        }
    }

    /// <summary>Gives a state of before, which has none, its identity.</summary>
    internal void Name()
    {
        if (Id is null)
        {
            Write(before => before, flush: true);
        }
    }

    /// <summary>Records how far a log is.</summary>
    /// <param name="log">Its name.</param>
    /// <param name="at">Where it is.</param>
    /// <param name="flush">Whether it must survive a power cut by itself: a plain write survives the end of the process, and costs no flush.</param>
    internal void Set(string log, LogHead at, bool flush) => Write(record => record.With(log, at), flush);

    /// <summary>Records how many lines a log has that carries its own seals, and which its last one is.</summary>
    internal void Count(string log, long number, ReadOnlyMemory<byte> last)
    {
        var at = new LogHead(number, Hex.Lower(last.Span), 0);
        if (Of(log) != at)
        {
            Set(log, at, flush: false);
        }
    }

    /// <summary>
    /// The last line of such a log that is known, and its hash, which a head of before does not know (""); null for none.
    /// </summary>
    internal (long Number, string Hash)? LastOf(string log) => Of(log) is { } known ? (known.Number, known.Hash) : null;

    /// <summary>Refuses a log that carries its own seals and has fewer lines than before.</summary>
    /// <exception cref="KmsException">It has.</exception>
    internal void Require(string log, long number, string? file = null)
    {
        if (Of(log) is { } known && known.Number > number)
        {
            throw new KmsException(
                Failure.WalletFile, $"{file ?? log} holds {number} lines, and state.head knows {known.Number}: an older one was put back, or it was taken away", "if this is a restore you made, see: kms state accept-restore");
        }
    }

    /// <summary>Records that a generation of the wallet file was seen.</summary>
    /// <exception cref="KmsException">An older one than before: what was removed since would be back.</exception>
    public void Saw(long generation)
    {
        if (generation < record.Generation)
        {
            throw new KmsException(
                Failure.WalletFile, $"the wallet file is generation {generation}, and this state has seen generation {record.Generation}: an older file was put back", "put the newer file back, or take the older one with: kms state accept-restore");
        }

        if (generation > record.Generation)
        {
            Write(before => before with { Generation = generation }, flush: true);
        }
    }

    /// <summary>
    /// Remembers that it is frozen, so that taking the note away does not thaw it. Another note is another freeze with a random number of its own:
    /// what ended an earlier one, or one of another state of the same wallet file, ends nothing.
    /// </summary>
    public void Freeze(string note)
    {
        lock (gate)
        {
            if (record.Frozen != note)
            {
                Write(before => before with { Frozen = note, FrozenBy = Hex.Lower(RandomNumberGenerator.GetBytes(16)), FrozenAt = 0 }, flush: true);
            }
        }
    }

    /// <summary>Forgets a freeze, when the words of an operator with the password say so.</summary>
    /// <returns>Whether they do.</returns>
    public bool TryThaw(string token)
    {
        lock (gate)
        {
            if (ThawToken() is not { } right || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(token), Encoding.ASCII.GetBytes(right)))
            {
                return false;
            }

            Write(before => before with { Frozen = null, FrozenBy = null, FrozenAt = 0 }, flush: true);
            return true;
        }
    }

    /// <summary>What <c>kms thaw</c> leaves for a running daemon to end the freeze that is remembered now, and no other; null when none is.</summary>
    public string? ThawToken()
    {
        var at = record;
        if (at.Frozen is null)
        {
            return null;
        }

        var freeze = at.FrozenBy is { } number ? $"kmscloud thaw v3\n{number}" : string.Create(CultureInfo.InvariantCulture, $"kmscloud thaw v2\n{at.FrozenAt}");
        return Hex.Lower(HMACSHA256.HashData(key.Span, Encoding.ASCII.GetBytes(freeze)));
    }

    /// <summary>Takes the state as it is: an operator with the password says so.</summary>
    internal void Accept(IReadOnlyDictionary<string, LogHead> logs, long generation, long counter, long auditLine)
    {
        record = record with { Counter = Math.Max(record.Counter, counter) };
        Write(before => before with { Logs = new Dictionary<string, LogHead>(logs, StringComparer.Ordinal), Generation = generation, TakenAt = auditLine }, flush: true);
    }

    /// <summary>The audit line up to which an operator has taken what is behind.</summary>
    internal long TakenAt => record.TakenAt;

    /// <summary>An operator takes what is behind the audit log's last line.</summary>
    internal void Take(long auditLine) => Write(before => before with { TakenAt = auditLine }, flush: true);

    /// <summary>The MAC of a line of a log.</summary>
    internal string LineMac(string log, long number, ReadOnlySpan<byte> before, ReadOnlySpan<byte> payload) =>
        Hex.Lower(HMACSHA256.HashData(key.Span, [.. Encoding.UTF8.GetBytes($"kmscloud state line v1\n{log}\n{number}\n{Hex.Lower(before)}\n"), .. payload]));

    /// <inheritdoc/>
    public void Dispose()
    {
        places.Dispose();
        key.Dispose();
    }

    private void Write(Func<HeadRecord, HeadRecord> change, bool flush)
    {
        lock (gate)
        {
            RequireNewest();
            var after = change(record) with { Counter = record.Counter + 1, Id = record.Id ?? Hex.Lower(RandomNumberGenerator.GetBytes(16)) };
            var body = after.Bytes();
            var line = new byte[Size];
            line.AsSpan().Fill((byte)' ');
            var text = Encoding.ASCII.GetBytes($"{Encoding.ASCII.GetString(body)[..^1]},\"mac\":\"{Mac(body)}\"}}");
            if (text.Length >= Size)
            {
                throw new KmsException(Failure.Internal, "state.head is too small for what it must hold");
            }

            text.CopyTo(line, 0);
            line[^1] = (byte)'\n';
            places.WriteAll(next, line, flush);
            (record, next, last) = (after, (next + 1) % places.Count, line);
            FlushedCounter = flush ? after.Counter : FlushedCounter;
        }
    }

    private string Mac(ReadOnlySpan<byte> body) => Hex.Lower(HMACSHA256.HashData(key.Span, [.. Encoding.ASCII.GetBytes(Label), .. body]));

    private HeadRecord? ReadPlace(byte[] bytes)
    {
        var text = Encoding.ASCII.GetString(bytes).TrimEnd('\n', ' ');
        var cut = text.LastIndexOf(",\"mac\":\"", StringComparison.Ordinal);
        if (cut < 0)
        {
            return null;
        }

        var body = Encoding.ASCII.GetBytes(text[..cut] + "}");
        return text[cut..] == $",\"mac\":\"{Mac(body)}\"}}" ? HeadRecord.Read(body) : null;
    }
}

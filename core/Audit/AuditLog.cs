using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.State;

namespace KmsCloud.Audit;

/// <summary>
/// Append-only JSON lines. Each carries its number, the SHA-256 of the line before (<c>prev</c>) and, where the wallet file gives
/// a key, an HMAC-SHA256 of the whole line up to it (<c>mac</c>): no line can be edited, removed or moved unseen.
/// </summary>
public sealed class AuditLog : IDisposable
{
    /// <summary>HKDF purpose of the MAC key (docs/audit-log.md).</summary>
    public static ReadOnlySpan<byte> KeyPurpose => "kmscloud audit mac v1"u8;

    /// <summary>The decision that is written when a state gets its head.</summary>
    internal const string SealedDecision = "state-sealed";

    private readonly IAppendLog log;
    private readonly TimeProvider clock;
    private readonly SecretBytes? key;
    private readonly AuditHead? head;
    private readonly GroupCommit<byte[]> commits;
    private byte[] previous = new byte[32];
    private long number;

    private AuditLog(IAppendLog log, TimeProvider clock, SecretBytes? key, AuditHead? head) =>
        (this.log, this.clock, this.key, this.head, commits) = (log, clock, key, head, new(WriteAsync));

    /// <summary>Opens an audit log and checks every line of it, and that its end is where the head says. Takes ownership of the key.</summary>
    /// <param name="log">The lines.</param>
    /// <param name="clock">The time.</param>
    /// <param name="key">MAC key, or null.</param>
    /// <param name="head">Its head.</param>
    /// <param name="known">A line and its hash as the state's head remembers them, or null.</param>
    /// <exception cref="KmsException">The chain is broken: see <c>kms audit verify</c>.</exception>
    public static AuditLog Open(
        IAppendLog log,
        TimeProvider clock,
        SecretBytes? key,
        AuditHead? head = null,
        (long Number, string Hash)? known = null)
    {
        var audit = new AuditLog(log, clock, key, head);
        var check = new AuditCheck(key) { Known = known };
        ReadOnlyMemory<byte> last = default;
        try
        {
            foreach (var (_, line) in log.ReadLines())
            {
                check.Next(line.Span, head);
                last = line;
                audit.WasSealed |= line.Span.IndexOf("\"decision\":\"state-sealed\""u8) >= 0;
                if (check.Problems.Count > 0)
                {
                    break;
                }
            }

            check.End(head);
            if (check.Problems is [var problem, ..])
            {
                throw new KmsException(
                    Failure.WalletFile, problem, "look at it with: kms audit verify; move audit.jsonl and audit.head away to start a new log");
            }

            (audit.number, audit.previous) = (check.Lines, check.Last);
            audit.LastMarks = MarksOf(last);
            head?.Write(audit.number, audit.previous, key); // ahead of it after a crash between the two writes
            return audit;
        }
        catch
        {
            key?.Dispose();
            throw;
        }
    }

    /// <summary>What it says, line by line, for who must know what was before.</summary>
    public IEnumerable<AuditRecord> Records() => log.ReadLines().Select(line => AuditRecord.Read(line.Line));

    /// <summary>Whether it says that the state got a head.</summary>
    internal bool WasSealed { get; private set; }

    /// <summary>Lines that are durable.</summary>
    internal long Number => number;

    /// <summary>What the last line says was durable in the journal and in the state's head when it was written; zeros when it says nothing.</summary>
    internal (long Journal, long Head) LastMarks { get; private set; }

    /// <summary>What is durable in the journal and in the state's head now; each line says it, so that neither can be put back behind it.</summary>
    internal Func<(long Journal, long Head)>? Marks { get; set; }

    /// <summary>Asked before each write; throws when nothing may be written.</summary>
    internal Action? Permits { get; set; }

    /// <summary>SHA-256 of the last durable line; 32 zero bytes before the first.</summary>
    internal ReadOnlyMemory<byte> Last => previous;

    /// <summary>Told after each write, when its lines are durable.</summary>
    internal Action? Written { get; set; }

    /// <summary>What is wrong with a line, or null.</summary>
    /// <param name="line">The line, without newline.</param>
    /// <param name="number">The number it must have.</param>
    /// <param name="previous">SHA-256 of the line before; 32 zero bytes for the first.</param>
    /// <param name="key">MAC key, or null to check the chain alone.</param>
    public static string? Problem(ReadOnlySpan<byte> line, long number, ReadOnlySpan<byte> previous, SecretBytes? key)
    {
        if (!StrictJson.TryParse(Encoding.UTF8.GetString(line), out var parsed) || parsed is not { ValueKind: JsonValueKind.Object } json)
        {
            return "is not JSON";
        }

        if (!json.TryGetProperty("n", out var n) || n.ValueKind is not JsonValueKind.Number || !n.TryGetInt64(out var actual) || actual != number)
        {
            return $"does not have the number {number}: lines are missing or out of order";
        }

        if (!json.TryGetProperty("prev", out var prev) || prev.ValueKind is not JsonValueKind.String || prev.GetString() != Hex.Lower(previous))
        {
            return "does not continue the line before it: one of them was changed";
        }

        if (key is null)
        {
            return null;
        }

        return HasMac(line, key) ? null : "has a wrong MAC: it was changed, or written under another wallet file";
    }

    /// <summary>Appends a record. When the task ends, it survives a power cut.</summary>
    /// <param name="write">Writes the record's own members into an open object.</param>
    /// <exception cref="KmsException">It could not be written: nothing may be signed.</exception>
    public Task AppendAsync(Action<Utf8JsonWriter> write) => commits.AddAsync(CompactJson.Utf8(json =>
    {
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    }));

    /// <summary>Ends when everything appended so far is durable.</summary>
    public Task DrainAsync() => commits.DrainAsync();

    /// <inheritdoc/>
    public void Dispose() => key?.Dispose();

    private async Task<long[]> WriteAsync(IReadOnlyList<byte[]> records)
    {
        Permits?.Invoke();
        var lines = new ReadOnlyMemory<byte>[records.Count];
        var (last, count) = (previous, number);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = Line(records[i], ++count, last);
            last = SHA256.HashData(line);
            lines[i] = line;
        }

        var positions = await log.AppendAsync(lines);
        (previous, number) = (last, count); // only now: lines that were not written are no part of the chain
        head?.Write(number, previous, key);
        Written?.Invoke();
        return positions;
    }

    /// <summary>The record between what only the log knows: number and time before it, the hash of the line before and the MAC after it.</summary>
    private byte[] Line(byte[] record, long n, byte[] prev)
    {
        var start = CompactJson.Utf8(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("n", n);
            json.WriteString("time", clock.GetUtcNow());
            if (Marks?.Invoke() is { } marks)
            {
                json.WriteNumber("j", marks.Journal);
                json.WriteNumber("h", marks.Head);
            }

            json.WriteEndObject();
        });
        byte[] unsigned = [.. start.AsSpan(0, start.Length - 1), (byte)',', .. record.AsSpan(1, record.Length - 2), .. Encoding.ASCII.GetBytes($",\"prev\":\"{Hex.Lower(prev)}\"")];
        return key is null ? [.. unsigned, (byte)'}'] : [.. unsigned, .. MacMember(key, unsigned)];
    }

    private static (long Journal, long Head) MarksOf(ReadOnlyMemory<byte> line)
    {
        if (line.IsEmpty || !StrictJson.TryParse(Encoding.UTF8.GetString(line.Span), out var parsed) || parsed is not { ValueKind: JsonValueKind.Object } json)
        {
            return default;
        }

        return (Mark(json, "j"), Mark(json, "h"));
    }

    private static long Mark(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.Number && member.TryGetInt64(out var number) ? number : 0;

    /// <summary>Whether a line ends with the MAC that <see cref="MacMember"/> gives of all before it.</summary>
    internal static bool HasMac(ReadOnlySpan<byte> line, SecretBytes key)
    {
        var cut = line.LastIndexOf(",\"mac\":\""u8);
        return cut > 0 && line[cut..].SequenceEqual(MacMember(key, line[..cut]));
    }

    /// <summary>The end of a JSON line with a MAC: its last member and the closing brace.</summary>
    /// <param name="key">The key.</param>
    /// <param name="unsigned">The line up to there, without a comma at its end.</param>
    internal static byte[] MacMember(SecretBytes key, ReadOnlySpan<byte> unsigned) =>
        Encoding.ASCII.GetBytes($",\"mac\":\"{Hex.Lower(HMACSHA256.HashData(key.Span, unsigned))}\"}}");
}

using System.Globalization;
using System.Numerics;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Signing;

/// <summary>
/// One line of the journal. What is written here was read back by the very reader of the next start before it is
/// appended.
/// </summary>
/// <param name="Time">When it was written.</param>
/// <param name="Event">
/// <c>signed</c>, <c>heard</c>, <c>renumbered</c>, or the name of a <see cref="JournalState"/> in lower case.
/// </param>
/// <param name="Id">The pending id.</param>
internal sealed record JournalRecord(DateTimeOffset Time, string Event, string Id)
{
    /// <summary>A transaction was signed.</summary>
    internal const string Signed = "signed";

    /// <summary>Something new was heard of a transaction that is out.</summary>
    internal const string Heard = "heard";

    /// <summary>An operator says from where numbers of an account are given out; the id is the account.</summary>
    internal const string Renumbered = "renumbered";

    /// <summary>
    /// Largest sequence number that is signed: far above every account's real one (Stellar's begin at the ledger times
    /// 2^32), and small enough that one more can be written and read again.
    /// </summary>
    internal const ulong LargestSequence = 1UL << 62;

    private const int LargestNumber = 1_000_000_000;
    private const int LongestUnits = 100; // digits: above 2^256, and above every ceiling of a fee

    internal string? Chain { get; init; }

    internal string? Content { get; init; }

    internal string? TransactionId { get; init; }

    internal string? Account { get; init; }

    internal ulong? Sequence { get; init; }

    /// <summary>The request brought the sequence number along.</summary>
    internal bool IsSequenceBrought { get; init; }

    internal bool IsDated { get; init; }

    /// <summary>
    /// Last instant at which the chain could take it, by its own dates; null when they are not told by a clock.
    /// </summary>
    internal DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Which signature of the pending id this is, from 1.</summary>
    internal int? Number { get; init; }

    /// <summary>
    /// Outputs it spends and what they were said to hold (<see cref="KmsCloud.Chains.SpentOutput.Write"/>); null for
    /// none.
    /// </summary>
    internal string? Spent { get; init; }

    /// <summary>
    /// SHA-256 over the request's canonical bytes, as the approver was told it; null in lines of before.
    /// </summary>
    internal string? Request { get; init; }

    /// <summary>SHA-256 over the bytes that were signed; null in lines of before.</summary>
    internal string? Transaction { get; init; }

    /// <summary>
    /// The most it can cost in base units of the fee coin; null where that was not proved, and in lines of before.
    /// </summary>
    internal BigInteger? Fee { get; init; }

    internal string? Data { get; init; }

    internal string? Reason { get; init; }

    internal JournalDoubt Doubt { get; init; }

    /// <summary>How often it was sent so far.</summary>
    internal int? Sent { get; init; }

    /// <summary>Reads a line.</summary>
    /// <exception cref="KmsException">It is damaged.</exception>
    internal static JournalRecord Read(ReadOnlyMemory<byte> line)
    {
        var json = new StrictObject(StrictJson.Parse(line, "the line"), "the record");
        var kind = json.String("event");
        if (kind is not (Signed or Heard or Renumbered) && !Enum.TryParse<JournalState>(kind, ignoreCase: true, out _))
        {
            throw json.Bad("event", "is unknown");
        }

        var record = ReadMembers(json, kind);
        return kind != Renumbered || (record.Account == record.Id && record.Sequence is not null)
            ? record
            : throw json.Bad("account", "has no number, or is not the id");
    }

    private static JournalRecord ReadMembers(StrictObject json, string kind) =>
        new(Instant(json.String("time"), json), kind, json.String("id"))
        {
            Chain = kind == Signed ? json.String("chain") : null,
            Content = kind == Signed ? json.String("content") : null,
            TransactionId = json.OptionalString("txId"),
            Account = json.OptionalString("account"),
            Sequence = (ulong?)json.OptionalInteger("sequence", 0, long.MaxValue),
            IsSequenceBrought = json.OptionalBool("brought") is true,
            IsDated = json.OptionalBool("dated") is true,
            ValidUntil = json.OptionalString("validUntil") is { } until ? Instant(until, json) : null,
            Number = (int?)json.OptionalInteger("n", 1, LargestNumber),
            Spent = json.OptionalString("spent"),
            Request = json.OptionalString("request"),
            Transaction = json.OptionalString("transaction"),
            Fee = json.OptionalString("fee") is { } fee ? Units(fee, json) : null,
            Data = kind == Signed ? json.String("data") : null,
            Reason = json.OptionalString("reason"),
            Doubt = json.OptionalString("doubt") is not { } doubt ? JournalDoubt.None
                : Enum.TryParse<JournalDoubt>(doubt, ignoreCase: true, out var known) ? known
                : throw json.Bad("doubt", "is unknown"),
            Sent = (int?)json.OptionalInteger("sent", 0, LargestNumber),
        };

    /// <summary>The line.</summary>
    /// <exception cref="KmsException">The next start could not read it, so it is not written.</exception>
    internal byte[] Write()
    {
        if (Sequence > LargestSequence)
        {
            throw KmsException.Refused(
                $"the sequence number {Sequence} is above {LargestSequence}, which no account reaches");
        }

        var line = CompactJson.Utf8(WriteTo);
        var again = Read(line);
        return again == this with { Time = again.Time, ValidUntil = again.ValidUntil }
            ? line
            : throw KmsException.Refused("what is to be recorded cannot be read back");
    }

    private static BigInteger Units(string text, StrictObject json) =>
        text.Length <= LongestUnits && BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var units) ? units : throw json.Bad("fee", "is no number of base units");

    private static DateTimeOffset Instant(string text, StrictObject json) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw json.Bad("time", "is not a time");

    private void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("time", Time);
        json.WriteString("event", Event);
        json.WriteString("id", Id);
        WriteText(json, "chain", Chain);
        WriteText(json, "content", Content);
        WriteText(json, "request", Request);
        WriteText(json, "transaction", Transaction);
        WriteText(json, "fee", Fee?.ToString(CultureInfo.InvariantCulture));
        WriteText(json, "txId", TransactionId);
        WriteText(json, "account", Account);
        if (Sequence is { } sequence)
        {
            json.WriteNumber("sequence", sequence);
        }

        if (IsSequenceBrought)
        {
            json.WriteBoolean("brought", true);
        }

        if (IsDated)
        {
            json.WriteBoolean("dated", true);
        }

        if (ValidUntil is { } until)
        {
            json.WriteString("validUntil", until);
        }

        if (Number is { } number)
        {
            json.WriteNumber("n", number);
        }

        WriteText(json, "reason", Reason);
        WriteText(json, "doubt", Doubt is JournalDoubt.None ? null : Doubt.ToString().ToLowerInvariant());
        if (Sent is { } sent)
        {
            json.WriteNumber("sent", sent);
        }

        WriteText(json, "spent", Spent);
        WriteText(json, "data", Data);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}

using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.State;

/// <summary>How far a log is.</summary>
/// <param name="Number">Lines.</param>
/// <param name="Hash">SHA-256 over hash before and line, from 32 zero bytes; lower-case hex.</param>
/// <param name="Unsealed">How many lines at its beginning are from before lines were sealed.</param>
internal sealed record LogHead(long Number, string Hash, long Unsealed)
{
    /// <summary>Where it will be when a replacement under way has been done; null when none is.</summary>
    internal LogHead? Next { get; init; }
}

/// <summary>What the head says.</summary>
internal sealed record HeadRecord
{
    internal long Counter { get; init; }

    /// <summary>A random number that no other state has, also not one of the same wallet file; null in a head of before.</summary>
    internal string? Id { get; init; }

    internal long Generation { get; init; }

    internal string? Frozen { get; init; }

    /// <summary>A random number of the freeze, which no other has, here or in another state.</summary>
    internal string? FrozenBy { get; init; }

    /// <summary>In its place in a freeze of before: the counter at which it was frozen.</summary>
    internal long FrozenAt { get; init; }

    /// <summary>The audit line up to which an operator has taken what is behind.</summary>
    internal long TakenAt { get; init; }

    internal IReadOnlyDictionary<string, LogHead> Logs { get; init; } = new Dictionary<string, LogHead>();

    internal HeadRecord With(string log, LogHead at) =>
        this with { Logs = new Dictionary<string, LogHead>(Logs, StringComparer.Ordinal) { [log] = at } };

    internal byte[] Bytes() => CompactJson.Utf8(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("counter", Counter);
        if (Id is not null)
        {
            json.WriteString("state", Id);
        }

        json.WriteNumber("generation", Generation);
        if (Frozen is not null)
        {
            json.WriteString("frozen", Frozen);
            WriteNumber(json);
        }

        json.WriteNumber("takenAt", TakenAt);

        json.WriteStartObject("logs");
        foreach (var (name, at) in Logs.OrderBy(log => log.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(name);
            Write(json, at);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    internal static HeadRecord Read(byte[] body)
    {
        var json = new StrictObject(StrictJson.Parse(body, "state.head"), "state.head");
        var logs = json.Object("logs");
        return new()
        {
            Counter = json.Integer("counter", 0, long.MaxValue),
            Id = json.OptionalString("state"),
            Generation = json.Integer("generation", 0, long.MaxValue),
            Frozen = json.OptionalString("frozen"),
            FrozenBy = json.OptionalString("frozenBy"),
            FrozenAt = json.OptionalInteger("frozenAt", 0, long.MaxValue) ?? 0, // older heads have none
            TakenAt = json.Integer("takenAt", 0, long.MaxValue),
            Logs = logs.Names.ToDictionary(name => name, name => ReadLog(logs.Object(name)), StringComparer.Ordinal),
        };
    }

    private void WriteNumber(Utf8JsonWriter json)
    {
        if (FrozenBy is not null)
        {
            json.WriteString("frozenBy", FrozenBy);
            return;
        }

        json.WriteNumber("frozenAt", FrozenAt);
    }

    private static void Write(Utf8JsonWriter json, LogHead at)
    {
        json.WriteNumber("n", at.Number);
        json.WriteString("hash", at.Hash);
        json.WriteNumber("unsealed", at.Unsealed);
        if (at.Next is { } next)
        {
            json.WriteStartObject("next");
            Write(json, next);
            json.WriteEndObject();
        }
    }

    private static LogHead ReadLog(StrictObject json) =>
        new(json.Integer("n", 0, long.MaxValue), json.String("hash"), json.Integer("unsealed", 0, long.MaxValue)) { Next = json.OptionalObject("next") is { } next ? ReadLog(next) : null };
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Audit;
using KmsCloud.Secrets;
using KmsCloud.State;

namespace KmsCloud.Tests.Support;

/// <summary>A state folder whose audit log tells of a year of withdrawals, the same for the same seed, written by the real log.</summary>
internal static class SimulatedYear
{
    internal static readonly DateTimeOffset Start = new(2025, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly (string Chain, string Asset, int Decimals)[] Coins =
        [("BTC", "BTC", 8), ("ETH", "ETH", 18), ("ETH", "0xdAC17F958D2ee523a2206206994597C13D831ec7", 6), ("XRP", "XRP", 6), ("SOL", "SOL", 9), ("TRON", "TRX", 6)];

    /// <summary>The MAC key of its audit log.</summary>
    internal static SecretBytes Key() => SecretBytes.Copy(Encoding.ASCII.GetBytes("a key of the tests that MACs it."));

    /// <summary>Writes the log.</summary>
    /// <param name="folder">The state folder.</param>
    /// <param name="count">Withdrawals.</param>
    /// <param name="texts">Recipient and memo that some of them have.</param>
    internal static async Task WriteAsync(string folder, int count, params string[] texts)
    {
        var (clock, random) = (new SetClock { Now = Start }, new SeededRandom(2026));
        using var lines = new UnflushedLog();
        using var audit = AuditLog.Open(lines, clock, Key());
        var step = TimeSpan.FromDays(365) / count;
        for (var at = 0; at < count; at++)
        {
            clock.Now = Start + (step * at);
            var (chain, asset, decimals) = Coins[random.Below(Coins.Length)];
            var units = (1 + random.Below(2_000_000_000)).ToString(CultureInfo.InvariantCulture) + (decimals == 18 ? "000000000" : "");
            var to = texts.Length > 0 && random.Chance(10) ? random.Pick(texts) : $"{chain.ToLowerInvariant()}-recipient-{random.Below(60)}";
            var id = $"{at:x24}";
            if (random.Chance(25))
            {
                await audit.AppendAsync(json => WriteRefusal(json, id, chain, random.Coin()));
                continue;
            }

            await audit.AppendAsync(json => Write(json, "signing", id, chain, to, units, decimals, asset, texts));
            clock.Now += random.Chance(20) ? TimeSpan.FromMinutes(random.Below(300)) : TimeSpan.FromMilliseconds(200 + random.Below(4000));
            await audit.AppendAsync(json => Write(json, "broadcast", id, chain, to, units, decimals, asset, texts));
        }

        await File.WriteAllBytesAsync(Path.Combine(folder, "audit.jsonl"), lines.ToArray());
        using var key = Key();
        using var head = AuditHead.Open(folder);
        head.Write(audit.Number, lines.Last, key);
    }

    /// <summary>Writes lines into the audit log of a state folder, as they are.</summary>
    internal static async Task AppendAsync(string folder, params Action<Utf8JsonWriter>[] lines)
    {
        using var log = FileAppendLog.Open(Path.Combine(folder, "audit.jsonl"));
        using var head = AuditHead.Open(folder);
        using var audit = AuditLog.Open(log, new SetClock { Now = Start }, Key(), head);
        foreach (var line in lines)
        {
            await audit.AppendAsync(line);
        }
    }

    /// <summary>A line about one bitcoin for bob.</summary>
    internal static Action<Utf8JsonWriter> Line(string decision, string id) => json =>
    {
        json.WriteString("decision", decision);
        json.WriteString("id", id);
        json.WriteString("chain", "BTC");
        json.WriteStartArray("transfers");
        json.WriteStartObject();
        json.WriteString("to", "bob");
        json.WriteString("amount", "1");
        json.WriteString("asset", "BTC");
        json.WriteEndObject();
        json.WriteEndArray();
    };

    private static void WriteRefusal(Utf8JsonWriter json, string id, string chain, bool byPolicy)
    {
        json.WriteString("decision", byPolicy ? "refused" : "not-approved");
        json.WriteString("id", id);
        json.WriteString("chain", chain);
        json.WriteString("network", "mainnet");
        json.WriteString("reason", byPolicy ? "no rule allows it" : "the approver said no");
    }

    /// <summary>The members of a line about a payment.</summary>
    internal static void Write(Utf8JsonWriter json, string decision, string id, string chain, string to, string units, int decimals, string asset, string[] texts)
    {
        json.WriteString("decision", decision);
        json.WriteString("id", id);
        json.WriteString("chain", chain);
        json.WriteString("network", "mainnet");
        json.WriteStartArray("wallets");
        json.WriteStringValue($"wallet-{chain}");
        json.WriteEndArray();
        if (decision == "broadcast")
        {
            json.WriteString("txId", $"tx-{id}");
        }

        json.WriteString("request", id);
        if (decision == "signing")
        {
            json.WriteString("approver", "https://approver.example/");
        }

        json.WriteString("kind", "transfer");
        json.WriteStartArray("transfers");
        json.WriteStartObject();
        json.WriteString("to", to);
        json.WriteString("amount", new KmsCloud.Chains.Amount(System.Numerics.BigInteger.Parse(units, CultureInfo.InvariantCulture), decimals, asset).Number);
        json.WriteString("asset", asset);
        json.WriteNumber("decimals", decimals);
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("to", "ourselves");
        json.WriteString("amount", "7");
        json.WriteString("asset", asset);
        json.WriteNumber("decimals", decimals);
        json.WriteBoolean("change", true);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("fee", "0.00001");
        json.WriteString("feeAsset", chain);
        json.WriteNumber("feeDecimals", 8);
        if (texts.Length > 0)
        {
            json.WriteString("memo", texts[0]);
        }
    }

    /// <summary>A log that is only written to, in memory: a year has too many lines to flush each.</summary>
    private sealed class UnflushedLog : IAppendLog
    {
        private readonly MemoryStream written = new();

        /// <summary>SHA-256 of the last line.</summary>
        internal byte[] Last { get; private set; } = new byte[32];

        public IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> ReadLines() => [];

        public Task<long[]> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
        {
            foreach (var line in lines)
            {
                written.Write(line.Span);
                written.WriteByte((byte)'\n');
                Last = SHA256.HashData(line.Span);
            }

            return Task.FromResult(new long[lines.Count]);
        }

        public Task<ReadOnlyMemory<byte>> ReadAsync(long position) => throw new NotSupportedException();

        public void Dispose() => written.Dispose();

        internal byte[] ToArray() => written.ToArray();
    }
}

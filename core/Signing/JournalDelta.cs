using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using KmsCloud.Errors;

namespace KmsCloud.Signing;

/// <summary>
/// What has changed in a <see cref="JournalIndex"/>, by itself or written down: little-endian numbers, texts as length
/// and UTF-8.
/// </summary>
internal sealed class JournalDelta
{
    private const byte Version = 3; // an index of another version is made anew

    /// <summary>Ids of entries that changed.</summary>
    internal HashSet<string> Ids { get; } = new(StringComparer.Ordinal);

    /// <summary>Accounts whose numbers changed.</summary>
    internal HashSet<string> Accounts { get; } = new(StringComparer.Ordinal);

    /// <summary>Dated transactions and whose they are.</summary>
    internal List<(UInt128 Key, UInt128 Owner)> Dated { get; } = [];

    /// <summary>Outputs and what they were said to hold.</summary>
    internal List<(UInt128 Key, long Units)> Amounts { get; } = [];

    /// <summary>How much it is.</summary>
    internal int Changes => Ids.Count + Accounts.Count + Amounts.Count;

    /// <summary>The delta as bytes.</summary>
    /// <param name="open">An entry whose end is open, or null.</param>
    /// <param name="settled">Where one that has ended is written.</param>
    /// <param name="sequences">The accounts' numbers.</param>
    internal byte[] Write(
        Func<string, JournalEntry?> open,
        Func<UInt128, (SettledPlace Place, long Said)> settled,
        SequenceBook sequences)
    {
        var stream = new MemoryStream();
        var to = new BinaryWriter(stream, Encoding.UTF8);
        to.Write(Version);
        var entries = Ids.Select(open).OfType<JournalEntry>().ToList();
        to.Write(entries.Count);
        entries.ForEach(entry => Write(to, entry));
        var ended = Ids.Where(id => open(id) is null).Select(FingerprintTable<SettledPlace>.Of).ToList();
        to.Write(ended.Count);
        foreach (var key in ended)
        {
            var (place, said) = settled(key);
            Write(to, key);
            to.Write(place.Packed);
            to.Write(said);
        }

        to.Write(Dated.Count);
        foreach (var (key, owner) in Dated)
        {
            Write(to, key);
            Write(to, owner);
        }

        to.Write(Amounts.Count);
        foreach (var (key, units) in Amounts)
        {
            Write(to, key);
            to.Write(units);
        }

        var accounts = Accounts.Select(sequences.Get).OfType<AccountNumbers>().ToList();
        to.Write(accounts.Count);
        accounts.ForEach(account => Write(to, account));
        to.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads the bytes of a delta.</summary>
    /// <exception cref="KmsException">They are damaged.</exception>
    internal static Content Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var from = new BinaryReader(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
            if (from.ReadByte() != Version)
            {
                throw Damaged(null);
            }

            var read = new Content(
                Items(from, ReadEntry),
                Items(from, item => (ReadKey(item), SettledPlace.Of(item.ReadUInt64()) ?? throw Damaged(null), item.ReadInt64())),
                Items(from, item => (ReadKey(item), ReadKey(item))),
                Items(from, item => (ReadKey(item), item.ReadInt64())),
                Items(from, ReadAccount));
            return from.BaseStream.Position == from.BaseStream.Length ? read : throw Damaged(null);
        }
        catch (Exception error) when (error is IOException or ArgumentException or FormatException or DecoderFallbackException)
        {
            throw Damaged(error);
        }
    }

    private static KmsException Damaged(Exception? cause) =>
        new(Failure.WalletFile, "the journal's index is damaged", null, cause);

    private static List<T> Items<T>(BinaryReader from, Func<BinaryReader, T> read)
    {
        var items = new List<T>();
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            items.Add(read(from));
        }

        return items;
    }

    private static void Write(BinaryWriter to, UInt128 key)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, key);
        to.Write(bytes);
    }

    private static UInt128 ReadKey(BinaryReader from)
    {
        Span<byte> bytes = stackalloc byte[16];
        from.BaseStream.ReadExactly(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }

    private static UInt128? ReadKeyOrNull(BinaryReader from)
    {
        var isThere = from.ReadBoolean();
        var key = ReadKey(from);
        return isThere ? key : null;
    }

    private static void Write(BinaryWriter to, JournalEntry entry)
    {
        to.Write(entry.Id);
        to.Write(entry.Chain);
        to.Write(entry.Content);
        to.Write((byte)entry.State);
        Write(to, entry.SignedAt);
        Write(to, entry.TransactionId);
        Write(to, entry.Reason);
        Write(to, entry.SequenceAccount);
        Write(to, entry.Sequence?.ToString(CultureInfo.InvariantCulture));
        to.Write(entry.IsDated);
        to.Write(entry.IsNamed);
        to.Write(entry.IsSequenceBrought);
        to.Write(entry.ValidUntil is not null);
        Write(to, entry.ValidUntil ?? default);
        to.Write(entry.Number);
        to.Write(entry.Sent);
        to.Write(entry.HeardAt is not null);
        Write(to, entry.HeardAt ?? default);
        to.Write((byte)entry.Doubt);
        Write(to, entry.TransactionDigest);
        Write(to, entry.Fee?.ToString(CultureInfo.InvariantCulture));
        to.Write(entry.DataDigest is not null);
        Write(to, entry.DataDigest ?? default);
        to.Write(entry.Position);
    }

    private static JournalEntry ReadEntry(BinaryReader from) =>
        new(from.ReadString(), from.ReadString(), from.ReadString(), (JournalState)from.ReadByte(), ReadTime(from))
        {
            TransactionId = ReadText(from),
            Reason = ReadText(from),
            SequenceAccount = ReadText(from),
            Sequence = ReadText(from) is { } sequence ? ulong.Parse(sequence, CultureInfo.InvariantCulture) : null,
            IsDated = from.ReadBoolean(),
            IsNamed = from.ReadBoolean(),
            IsSequenceBrought = from.ReadBoolean(),
            ValidUntil = ReadTimeOrNull(from),
            Number = from.ReadInt32(),
            Sent = from.ReadInt32(),
            HeardAt = ReadTimeOrNull(from),
            Doubt = (JournalDoubt)from.ReadByte(),
            TransactionDigest = ReadText(from),
            Fee = ReadText(from) is { } fee ? BigInteger.Parse(fee, CultureInfo.InvariantCulture) : null,
            DataDigest = ReadKeyOrNull(from),
            Position = from.ReadInt64(),
        };

    private static void Write(BinaryWriter to, AccountNumbers account)
    {
        to.Write(account.Account);
        to.Write(account.Lowest);
        to.Write(account.Start is not null);
        to.Write(account.Start ?? 0);
        Write(to, account.Held);
        Write(to, account.Brought);
        to.Write(account.Shared.Count);
        foreach (var (number, count) in account.Shared)
        {
            to.Write(number);
            to.Write(count);
        }
    }

    private static void Write(BinaryWriter to, IReadOnlyList<NumberSpan> spans)
    {
        to.Write(spans.Count);
        foreach (var span in spans)
        {
            to.Write(span.First);
            to.Write(span.Last);
        }
    }

    private static AccountNumbers ReadAccount(BinaryReader from)
    {
        var (account, lowest, hasStart, start) = (from.ReadString(), from.ReadUInt64(), from.ReadBoolean(), from.ReadUInt64());
        return new(
            account,
            lowest,
            hasStart ? start : null,
            ReadSpans(from),
            ReadSpans(from),
            Items(from, item => (item.ReadUInt64(), item.ReadInt32())));
    }

    private static List<NumberSpan> ReadSpans(BinaryReader from) =>
        Items(from, item => new NumberSpan(item.ReadUInt64(), item.ReadUInt64()));

    private static void Write(BinaryWriter to, string? text)
    {
        to.Write(text is not null);
        to.Write(text ?? "");
    }

    private static string? ReadText(BinaryReader from)
    {
        var isThere = from.ReadBoolean();
        var text = from.ReadString();
        return isThere ? text : null;
    }

    private static void Write(BinaryWriter to, DateTimeOffset time)
    {
        to.Write(time.UtcTicks);
    }

    private static DateTimeOffset ReadTime(BinaryReader from) => new(from.ReadInt64(), TimeSpan.Zero);

    private static DateTimeOffset? ReadTimeOrNull(BinaryReader from)
    {
        var isThere = from.ReadBoolean();
        var time = ReadTime(from);
        return isThere ? time : null;
    }

    /// <summary>A delta that was read.</summary>
    /// <param name="Open">Entries whose end is open.</param>
    /// <param name="Settled">
    /// Those that have ended, and one more than the position of the last word about them; 0 for none.
    /// </param>
    /// <param name="Dated">Dated transactions and whose they are.</param>
    /// <param name="Amounts">Outputs and what they were said to hold.</param>
    /// <param name="Sequences">Accounts' numbers.</param>
    internal sealed record Content(
        IReadOnlyList<JournalEntry> Open,
        IReadOnlyList<(UInt128 Key, SettledPlace Place, long Said)> Settled,
        IReadOnlyList<(UInt128 Key, UInt128 Owner)> Dated,
        IReadOnlyList<(UInt128 Key, long Units)> Amounts,
        IReadOnlyList<AccountNumbers> Sequences);
}

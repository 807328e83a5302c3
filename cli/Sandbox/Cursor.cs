namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// The independent readers' own place in a run of bytes; whatever is missing or left over is a refusal.
/// </summary>
internal sealed class Cursor(byte[] bytes)
{
    private const int MostVarintBits = 63;

    /// <summary>How many bytes were read.</summary>
    internal int At { get; private set; }

    /// <summary>Whether all of them were.</summary>
    internal bool IsAtEnd => At == bytes.Length;

    /// <summary>How many are left.</summary>
    internal int Remaining => bytes.Length - At;

    /// <summary>The next bytes.</summary>
    internal byte[] Take(ulong count)
    {
        IndependentReader.Require(count <= (ulong)(bytes.Length - At), "the transaction ends too early");
        return bytes[At..(At += (int)count)];
    }

    /// <summary>The next byte.</summary>
    internal byte Byte() => Take(1)[0];

    /// <summary>The next byte, left where it is.</summary>
    internal byte Peek()
    {
        var next = Byte();
        At--;
        return next;
    }

    /// <summary>An unsigned number, highest byte first.</summary>
    internal ulong BigEndian(uint size) => Take(size).Aggregate(0UL, (number, next) => unchecked(number << 8) | next);

    /// <summary>An unsigned number, lowest byte first.</summary>
    internal ulong LittleEndian(uint size) =>
        Take(size).Reverse().Aggregate(0UL, (number, next) => unchecked(number << 8) | next);

    /// <summary>Protocol buffers' and Solana's numbers: seven bits a byte, lowest first.</summary>
    internal ulong Varint()
    {
        for (var (number, shift) = (0UL, 0); ; shift += 7)
        {
            IndependentReader.Require(shift <= MostVarintBits, "a number is too long");
            var next = Byte();
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }

    /// <summary>Items of at least a byte each, so that a wrong count takes no memory.</summary>
    internal List<T> Many<T>(ulong count, Func<Cursor, T> read)
    {
        IndependentReader.Require(count <= (ulong)Remaining, "the transaction ends too early");
        var items = new List<T>();
        while ((ulong)items.Count < count)
        {
            items.Add(read(this));
        }

        return items;
    }

    /// <summary>The bytes between two places.</summary>
    internal byte[] Between(int from, int to) => bytes[from..to];

    /// <summary>Nothing may follow.</summary>
    internal void End() => IndependentReader.Require(IsAtEnd, "bytes behind the transaction");
}

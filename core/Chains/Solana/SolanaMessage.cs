using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Solana;

/// <summary>One instruction: a program, the numbers of its accounts, and data.</summary>
/// <param name="Program">The program's address.</param>
/// <param name="Accounts">Places in the message's list of accounts, looked-up ones behind the others.</param>
/// <param name="Data">The data.</param>
internal sealed record SolanaInstruction(string Program, byte[] Accounts, byte[] Data);

/// <summary>
/// A message, legacy or version 0 (Solana documentation, "Transactions"), read to the last byte. The order stays the
/// gateway's.
/// </summary>
internal sealed class SolanaMessage
{
    private const int KeySize = 32;
    private const int SignatureSize = 64;
    private const int LargestPacket = 1232; // signatures included: what fits into one IPv6 packet
    private const string What = "the Solana message";

    private readonly byte[] data;
    private readonly int required;
    private readonly int readOnlySigned;
    private readonly int readOnlyUnsigned;
    private readonly List<string> accounts = [];

    public SolanaMessage(byte[] data)
    {
        this.data = data;
        if (data.Length > LargestPacket)
        {
            throw Malformed($"has {data.Length} bytes, and no packet takes more than {LargestPacket}");
        }

        var left = (ReadOnlySpan<byte>)data;
        if (Peek(left) >= 0x80 && Take(ref left, 1)[0] != 0x80)
        {
            throw Malformed("is of an unknown version");
        }

        var isVersioned = left.Length < data.Length;
        (required, readOnlySigned, readOnlyUnsigned) = (Take(ref left, 1)[0], Take(ref left, 1)[0], Take(ref left, 1)[0]);
        for (var count = ShortNumber(ref left); count > 0; count--)
        {
            accounts.Add(Base58.Encode(Take(ref left, KeySize)));
        }

        StaticAccounts = accounts.Count;
        BlockhashOffset = data.Length - left.Length;
        Blockhash = Base58.Encode(Take(ref left, KeySize));
        var instructions = new List<SolanaInstruction>();
        for (var count = ShortNumber(ref left); count > 0; count--)
        {
            instructions.Add(ReadInstruction(ref left));
        }

        Instructions = instructions;
        if (isVersioned)
        {
            ReadLookups(ref left);
        }

        Check(left);
    }

    /// <summary>Reads a message, and says so where a whole transaction stands in its place.</summary>
    /// <exception cref="KmsException">It is no message.</exception>
    public static SolanaMessage Read(byte[] data)
    {
        try
        {
            return new(data);
        }
        catch (KmsException) when (IsWholeTransaction(data))
        {
            throw KmsException.Refused(
                "the Solana transaction is a whole transaction with its signatures, and the message alone is wanted",
                "send the bytes behind the signatures: serializeMessage() of web3.js");
        }
    }

    /// <summary>Addresses in order; looked-up accounts as a description in parentheses.</summary>
    public IReadOnlyList<string> Accounts => accounts;

    /// <summary>How many accounts the message itself names.</summary>
    public int StaticAccounts { get; }

    /// <summary>The accounts that must sign, the fee payer first.</summary>
    public IEnumerable<string> Signers => accounts.Take(required);

    /// <summary>Where the 32 bytes of the blockhash lie.</summary>
    public int BlockhashOffset { get; }

    public string Blockhash { get; }

    public IReadOnlyList<SolanaInstruction> Instructions { get; }

    /// <summary>
    /// Whether the blockhash field holds a durable nonce, which must stay: the first instruction advances a nonce
    /// account (System program, instruction 4).
    /// </summary>
    public bool HasDurableNonce => Instructions[0] is { Program: SolanaPrograms.System, Data: [4, 0, 0, 0] };

    /// <summary>
    /// Whether the network would see a durable nonce where <see cref="HasDurableNonce"/> sees none: it reads the
    /// instruction's number and ignores what stands behind it.
    /// </summary>
    public bool HasLongNonceInstruction =>
        Instructions[0] is { Program: SolanaPrograms.System, Data: [4, 0, 0, 0, _, ..] };

    /// <summary>The message's bytes.</summary>
    public ReadOnlySpan<byte> Bytes => data;

    /// <summary>The same message with another blockhash.</summary>
    public SolanaMessage WithBlockhash(ReadOnlySpan<byte> blockhash) =>
        new([.. data.AsSpan(..BlockhashOffset), .. blockhash, .. data.AsSpan((BlockhashOffset + KeySize)..)]);

    /// <summary>The wire transaction: signatures in the order of the signers, and the message.</summary>
    public byte[] Wire(IReadOnlyList<byte[]> signatures) =>
        [(byte)signatures.Count, .. signatures.SelectMany(signature => signature), .. data];

    private SolanaInstruction ReadInstruction(ref ReadOnlySpan<byte> left)
    {
        var program = Take(ref left, 1)[0];
        var places = Take(ref left, ShortNumber(ref left)).ToArray();
        var content = Take(ref left, ShortNumber(ref left)).ToArray();
        return program < accounts.Count
            ? new(accounts[program], places, content)
            : throw Malformed("calls a program that is not among its accounts");
    }

    private void ReadLookups(ref ReadOnlySpan<byte> left)
    {
        var (writable, readOnly) = (new List<string>(), new List<string>());
        for (var count = ShortNumber(ref left); count > 0; count--)
        {
            var table = Base58.Encode(Take(ref left, KeySize));
            foreach (var list in (List<string>[])[writable, readOnly])
            {
                foreach (var entry in Take(ref left, ShortNumber(ref left)))
                {
                    list.Add($"(entry {entry} of lookup table {table})");
                }
            }
        }

        accounts.AddRange(writable);
        accounts.AddRange(readOnly);
    }

    private void Check(ReadOnlySpan<byte> left)
    {
        if (!left.IsEmpty)
        {
            throw Malformed("has bytes behind its end");
        }

        if (required == 0 || required > StaticAccounts || readOnlySigned >= required || readOnlyUnsigned > StaticAccounts - required)
        {
            throw Malformed("has a header that does not fit its accounts");
        }

        if (1 + (required * SignatureSize) + data.Length > LargestPacket)
        {
            throw Malformed($"is longer than a transaction can be");
        }

        if (accounts.Distinct().Count() != accounts.Count || accounts.Count > 256)
        {
            throw Malformed("names an account twice, or too many");
        }

        if (Instructions.Count == 0 || Instructions.Any(instruction => instruction.Accounts.Any(place => place >= accounts.Count)))
        {
            throw Malformed("has no instruction, or one with an account that is not there");
        }
    }

    // a count of signatures, 64 bytes each, and a message that needs as many
    private static bool IsWholeTransaction(byte[] data)
    {
        if (data.Length == 0 || data[0] == 0 || data.Length <= 1 + (data[0] * SignatureSize))
        {
            return false;
        }

        try
        {
            return new SolanaMessage(data[(1 + (data[0] * SignatureSize))..]).required == data[0];
        }
        catch (KmsException)
        {
            return false;
        }
    }

    // compact-u16: seven bits a byte, least significant first, shortest form
    private static int ShortNumber(ref ReadOnlySpan<byte> left)
    {
        var number = 0;
        for (var shift = 0; shift < 21; shift += 7)
        {
            var part = Take(ref left, 1)[0];
            number |= (part & 0x7f) << shift;
            if (part < 0x80)
            {
                return (part > 0 || shift == 0) && number <= ushort.MaxValue
                    ? number
                    : throw Malformed("holds a length that is not in its shortest form");
            }
        }

        throw Malformed("holds a length that is too large");
    }

    private static byte Peek(ReadOnlySpan<byte> left) => left.IsEmpty ? throw Malformed("is truncated") : left[0];

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> left, int length)
    {
        if (length > left.Length)
        {
            throw Malformed("is truncated");
        }

        var taken = left[..length];
        left = left[length..];
        return taken;
    }

    private static KmsException Malformed(string why) => KmsException.Refused($"{What} {why}");
}

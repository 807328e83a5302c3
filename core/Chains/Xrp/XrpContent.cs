using System.Buffers.Binary;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Xrp;

/// <summary>
/// The fields of a serialised transaction, read back for people: what is shown comes from the bytes that are signed.
/// </summary>
internal sealed class XrpContent
{
    private readonly Dictionary<string, XrpMember> members;

    /// <summary>Reads a serialised object.</summary>
    public XrpContent(ReadOnlySpan<byte> blob) =>
        members = XrpBinary.Read(blob).ToDictionary(member => member.Field.Name);

    /// <summary>The fields in canonical order.</summary>
    public IEnumerable<XrpMember> Members => members.Values;

    /// <summary>The transaction's type.</summary>
    public XrpFormat Format => XrpFormat.ByCode[BinaryPrimitives.ReadUInt16BigEndian(members["TransactionType"].Value)];

    /// <summary>An unsigned number, or null.</summary>
    public uint? Number(string name) => Find(name) is { } member ? Number(member.Value) : null;

    /// <summary>An amount, or null.</summary>
    public Amount? Amount(string name) => Find(name) is { } member ? XrpAmount.Decode(member.Value) : null;

    /// <summary>An address, or null.</summary>
    public string? Account(string name) => Find(name) is { } member ? XrpAddress.FromAccount(member.Value) : null;

    /// <summary>Whether a field holds this account id of 20 bytes.</summary>
    public bool IsAccount(string name, ReadOnlySpan<byte> accountId) =>
        Find(name) is { } member && member.Value.AsSpan().SequenceEqual(accountId);

    /// <summary>Bytes as hexadecimal, or null.</summary>
    public string? Bytes(string name) => Find(name) is { } member ? Convert.ToHexString(member.Value) : null;

    /// <summary>Whether a bit of Flags is set.</summary>
    public bool HasFlag(uint flag) => (Number("Flags") & flag) is > 0;

    /// <summary>The memos as text where they are printable, else as hexadecimal.</summary>
    public IEnumerable<string> Memos() => from memo in Elements("Memos")
                                          select string.Join(" ", memo.Select(member => Printable.Text(member.Value)));

    /// <summary>The signer list as "weight address".</summary>
    public IEnumerable<string> Signers() =>
        from entry in Elements("SignerEntries")
        let account = entry.FirstOrDefault(member => member.Field.Name == "Account")
        let weight = entry.FirstOrDefault(member => member.Field.Name == "SignerWeight")
        select $"{(weight is null ? 0 : Number(weight.Value))} {(account is null ? "nobody" : XrpAddress.FromAccount(account.Value))}";

    private static uint Number(byte[] bigEndian) => bigEndian.Aggregate(0u, (number, next) => (number << 8) | next);

    private XrpMember? Find(string name) => members.GetValueOrDefault(name);

    private IEnumerable<IReadOnlyList<XrpMember>> Elements(string name) =>
        Find(name) is { } member ? XrpBinary.ReadArray(member.Value).Select(element => element.Members) : [];
}

using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Stellar;

/// <summary>
/// A TransactionEnvelope, read to the last byte; what is hashed and sent on stays as it came (Stellar-transaction.x).
/// </summary>
internal sealed class StellarEnvelope
{
    private const uint V0 = 0;
    private const uint V1 = 2;
    private const uint FeeBump = 5;
    private const int MostOperations = 100;
    private const int MostSignatures = 20;
    private const int MostExtraSigners = 2;

    private readonly byte[] data;

    public StellarEnvelope(byte[] data)
    {
        this.data = data;
        var xdr = new XdrReader(data, "the Stellar transaction");
        Type = xdr.UInt32();
        switch (Type)
        {
            case V0:
                SourceKey = xdr.Fixed(32).ToArray();
                Source = StrKey.PublicKey(SourceKey);
                ReadTransaction(ref xdr, isV0: true);
                break;
            case V1:
                (SourceKey, Source) = StellarTypes.MuxedAccount(ref xdr);
                ReadTransaction(ref xdr, isV0: false);
                break;
            case FeeBump:
                ReadFeeBump(ref xdr);
                break;
            default:
                throw xdr.Malformed("is an envelope of an unknown type");
        }

        BodyEnd = xdr.Offset;
        Signatures = ReadSignatures(ref xdr);
        xdr.Done();
    }

    /// <summary>0, 2 or 5.</summary>
    public uint Type { get; }

    /// <summary>The key that must sign: of the transaction's source, or of a fee bump's payer.</summary>
    public byte[] SignerKey => FeePayer?.PublicKey ?? SourceKey;

    public byte[] SourceKey { get; private set; } = [];

    public string Source { get; private set; } = "";

    /// <summary>Who pays the fee, where that is another than the source.</summary>
    public (byte[] PublicKey, string Address)? FeePayer { get; private set; }

    public long Fee { get; private set; }

    public long Sequence { get; private set; }

    public string? Memo { get; private set; }

    /// <summary>The memo as policies name it: an id is its number, a hash its hexadecimal digits.</summary>
    public string? Tag =>
        Memo is { } memo
            ? $"memo={(namesItsKind ? memo[(memo.IndexOf(' ', StringComparison.Ordinal) + 1)..] : memo)}"
            : null;

    private bool namesItsKind; // the memo begins with "id" or "hash"

    /// <summary>Whether it can be included for ever.</summary>
    public bool NeverExpires { get; private set; } = true;

    /// <summary>Time bounds and other preconditions, for people.</summary>
    public Dictionary<string, string> Preconditions { get; } = [];

    public IReadOnlyList<StellarOperation> Operations { get; private set; } = [];

    public IReadOnlyList<(byte[] Hint, byte[] Signature)> Signatures { get; }

    private int BodyEnd { get; }

    /// <summary>What is hashed: network id, envelope type and transaction; V0 as the equivalent V1.</summary>
    public byte[] SigningPayload(ReadOnlySpan<byte> networkId)
    {
        var body = data.AsSpan(4..BodyEnd);
        return Type switch
        {
            V0 => [.. networkId, 0, 0, 0, 2, 0, 0, 0, 0, .. body],
            V1 => [.. networkId, 0, 0, 0, 2, .. body],
            _ => [.. networkId, 0, 0, 0, 5, .. body],
        };
    }

    /// <summary>The envelope with one more signature behind the others.</summary>
    public byte[] With(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature)
    {
        if (Signatures.Count == MostSignatures)
        {
            throw KmsException.Refused(
                $"the Stellar transaction has {MostSignatures} signatures already and no room for another");
        }

        return
        [
            .. data.AsSpan(..BodyEnd), 0, 0, 0, (byte)(Signatures.Count + 1), .. data.AsSpan((BodyEnd + 4)..),
            .. publicKey[^4..], 0, 0, 0, (byte)signature.Length, .. signature,
        ];
    }

    private void ReadFeeBump(ref XdrReader xdr)
    {
        FeePayer = StellarTypes.MuxedAccount(ref xdr);
        var fee = xdr.Int64();
        if (xdr.UInt32() != V1)
        {
            throw xdr.Malformed("raises the fee of something else than a transaction");
        }

        (SourceKey, Source) = StellarTypes.MuxedAccount(ref xdr);
        ReadTransaction(ref xdr, isV0: false);
        ReadSignatures(ref xdr);
        Fee = fee >= 0 ? fee : throw xdr.Malformed("has a negative fee");
        if (xdr.UInt32() != 0)
        {
            throw xdr.Malformed("has an unknown extension");
        }
    }

    private void ReadTransaction(ref XdrReader xdr, bool isV0)
    {
        Fee = xdr.UInt32();
        Sequence = xdr.Int64();
        ReadPreconditions(ref xdr, isV0);
        (Memo, namesItsKind) = ReadMemo(ref xdr);
        var operations = new List<StellarOperation>();
        for (var left = xdr.Count(MostOperations); left > 0; left--)
        {
            operations.Add(StellarOperation.Read(ref xdr));
        }

        Operations = operations.Count > 0 ? operations : throw xdr.Malformed("has no operation");
        if (xdr.UInt32() is var extension and not 0)
        {
            throw xdr.Malformed(
                extension == 1 ? "calls a smart contract, which is not supported" : "has an unknown extension");
        }
    }

    /// <summary>The upper time bound, or null.</summary>
    public DateTimeOffset? ValidUntil { get; private set; }

    private void ReadPreconditions(ref XdrReader xdr, bool isV0)
    {
        switch (xdr.UInt32())
        {
            case 0:
                break;
            case 1:
                ReadTimeBounds(ref xdr);
                break;
            case 2 when !isV0:
                ReadPreconditionsV2(ref xdr);
                break;
            default:
                throw xdr.Malformed("has preconditions of an unknown form");
        }
    }

    private void ReadTimeBounds(ref XdrReader xdr)
    {
        var (from, to) = (xdr.UInt64(), xdr.UInt64());
        Preconditions["time bounds"] = $"{from} to {(to == 0 ? "any time" : to)}";
        NeverExpires &= to == 0;
        ValidUntil = ValidTime.FromSeconds(to);
    }

    // CAP-21
    private void ReadPreconditionsV2(ref XdrReader xdr)
    {
        if (xdr.Bool())
        {
            ReadTimeBounds(ref xdr);
        }

        if (xdr.Bool())
        {
            var (from, to) = (xdr.UInt32(), xdr.UInt32());
            Preconditions["ledger bounds"] = $"{from} to {(to == 0 ? "any ledger" : to)}";
            NeverExpires &= to == 0;
        }

        if (xdr.Bool())
        {
            Preconditions["least sequence"] = $"{xdr.Int64()}";
        }

        Preconditions["least sequence age"] = $"{xdr.UInt64()} s";
        Preconditions["least sequence ledger gap"] = $"{xdr.UInt32()}";
        for (var left = xdr.Count(MostExtraSigners); left > 0; left--)
        {
            Preconditions[$"extra signer {left}"] = StellarTypes.SignerKey(ref xdr);
        }
    }

    private static (string? Text, bool NamesItsKind) ReadMemo(ref XdrReader xdr) => xdr.UInt32() switch
    {
        0 => (null, false),
        1 => (Printable.Text(xdr.Opaque(28)), false),
        2 => ($"id {xdr.UInt64()}", true),
        3 => ($"hash {Hex.Lower(xdr.Fixed(32))}", true),
        4 => ($"return hash {Hex.Lower(xdr.Fixed(32))}", false),
        _ => throw xdr.Malformed("has a memo of an unknown kind"),
    };

    private static List<(byte[] Hint, byte[] Signature)> ReadSignatures(ref XdrReader xdr)
    {
        var signatures = new List<(byte[], byte[])>();
        for (var left = xdr.Count(MostSignatures); left > 0; left--)
        {
            signatures.Add((xdr.Fixed(4).ToArray(), xdr.Opaque(64).ToArray()));
        }

        return signatures;
    }
}

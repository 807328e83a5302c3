using System.Numerics;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Evm;

/// <summary>How the fields of a transaction, its chain id and its signature are put together.</summary>
internal enum Envelope
{
    /// <summary>EIP-155: chain id and two empty items are signed in place of v, r, s.</summary>
    Eip155,

    /// <summary>EIP-2718: a type byte before the list; the chain id is an item; yParity, r, s behind.</summary>
    Eip2718,

    /// <summary>
    /// Klaytn: the type byte and the fields are signed as one string, followed by the chain id; signatures are a list.
    /// </summary>
    Klaytn,

    /// <summary>The same with an empty place for the fee payer and its signature.</summary>
    KlaytnFeeDelegated,
}

/// <summary>What the data of a transaction is.</summary>
internal enum DataMeaning
{
    /// <summary>A call, or code of a new contract.</summary>
    Call,

    /// <summary>Text for people.</summary>
    Memo,

    /// <summary>Nothing: the transaction only takes the place of another with its nonce.</summary>
    Cancellation,
}

/// <summary>One transaction type: its name, type byte, envelope and the RLP items in order.</summary>
internal sealed record EvmFormat(string Name, byte TypeByte, Envelope Envelope, Func<EvmFields, byte[][]> Items)
{
    /// <summary>What its data is.</summary>
    public DataMeaning Meaning { get; init; }

    /// <summary>Before EIP-2718.</summary>
    public static EvmFormat Legacy { get; } = new("legacy (EIP-155)", 0, Envelope.Eip155, tx =>
        [Rlp.Integer(tx.Nonce!.Value), Rlp.Integer(tx.Price!.Value), Rlp.Integer(tx.Gas!.Value), Recipient(tx), Rlp.Integer(tx.Value), Rlp.Bytes(tx.Data)]);

    /// <summary>EIP-2930.</summary>
    public static EvmFormat AccessList { get; } = new("type 1 with access list (EIP-2930)", 1, Envelope.Eip2718, tx =>
    [
        Rlp.Integer(tx.ChainId!.Value), Rlp.Integer(tx.Nonce!.Value), Rlp.Integer(tx.Price!.Value), Rlp.Integer(tx.Gas!.Value), Recipient(tx),
        Rlp.Integer(tx.Value), Rlp.Bytes(tx.Data), Accesses(tx),
    ]);

    /// <summary>EIP-1559.</summary>
    public static EvmFormat FeeMarket { get; } = new(
        "type 2 with fee market (EIP-1559)", 2, Envelope.Eip2718, FeeMarketItems);

    private static readonly byte[] Empty = Rlp.Bytes([]);
    private static readonly byte[] NoFeePayer = Rlp.Bytes(new byte[AddressForm.Size]);
    private static readonly byte[] NoFeePayerSignature = Rlp.List(Rlp.List(Rlp.Integer(1), Empty, Empty));

    /// <summary>The items of EIP-1559, which CIP-64 continues.</summary>
    public static byte[][] FeeMarketItems(EvmFields tx) =>
    [
        Rlp.Integer(tx.ChainId!.Value), Rlp.Integer(tx.Nonce!.Value), Rlp.Integer(tx.Tip!.Value), Rlp.Integer(tx.Price!.Value),
        Rlp.Integer(tx.Gas!.Value), Recipient(tx), Rlp.Integer(tx.Value), Rlp.Bytes(tx.Data), Accesses(tx),
    ];

    /// <summary>20 bytes, or the empty string that creates a contract.</summary>
    public static byte[] Recipient(EvmFields tx) => Rlp.Bytes(tx.To);

    /// <summary>The bytes whose Keccak-256 is signed.</summary>
    public byte[] SigningPayload(EvmFields tx) => Envelope switch
    {
        Envelope.Eip155 => Rlp.List([.. Items(tx), Rlp.Integer(tx.ChainId!.Value), Empty, Empty]),
        Envelope.Eip2718 => [TypeByte, .. Rlp.List(Items(tx))],
        _ => Rlp.List(Rlp.Bytes(Rlp.List([Rlp.Bytes([TypeByte]), .. Items(tx)])), Rlp.Integer(tx.ChainId!.Value), Empty, Empty),
    };

    /// <summary>The signed transaction.</summary>
    /// <param name="tx">The fields.</param>
    /// <param name="signature">64 bytes r ‖ s.</param>
    /// <param name="parity">Parity of y of the curve point: 0 or 1.</param>
    public byte[] Signed(EvmFields tx, byte[] signature, int parity)
    {
        var (r, s) = (Rlp.Integer(signature.AsSpan(..32)), Rlp.Integer(signature.AsSpan(32)));
        var v = Rlp.Integer(((BigInteger)tx.ChainId!.Value * 2) + 35 + parity); // EIP-155
        return Envelope switch
        {
            Envelope.Eip155 => Rlp.List([.. Items(tx), v, r, s]),
            Envelope.Eip2718 => [TypeByte, .. Rlp.List([.. Items(tx), Rlp.Integer(parity), r, s])],
            Envelope.Klaytn => [TypeByte, .. Rlp.List([.. Items(tx), Rlp.List(Rlp.List(v, r, s))])],
            _ => [TypeByte, .. Rlp.List([.. Items(tx), Rlp.List(Rlp.List(v, r, s)), NoFeePayer, NoFeePayerSignature])],
        };
    }

    private static byte[] Accesses(EvmFields tx) => Rlp.List(
    [
        .. tx.AccessList.Select(entry => Rlp.List(Rlp.Bytes(entry.Address), Rlp.List([.. entry.StorageKeys.Select(key => Rlp.Bytes(key))]))),
    ]);
}

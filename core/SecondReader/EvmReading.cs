using System.Numerics;
using Nethereum.Hex.HexConvertors.Extensions;
using Nethereum.Model;
using Nethereum.RLP;
using Nethereum.Util;

namespace KmsCloud.Readers;

/// <summary>
/// A signed EVM transaction of type 0, 1 or 2 as Nethereum reads it. It was written again from these fields to the same bytes, since Nethereum's reader
/// is lenient and its writer is not.
/// </summary>
public sealed record EvmReading
{
    private const byte FirstList = 0xc0; // RLP: below it a type byte of EIP-2718
    private const int Word = 32;

    /// <summary>0 for a legacy transaction, else the type byte (EIP-2718).</summary>
    public required byte Type { get; init; }

    /// <summary>Its id, computed from the bytes.</summary>
    public required string TransactionId { get; init; }

    /// <summary>What was signed, made of the fields.</summary>
    public required IReadOnlyList<byte> Digest { get; init; }

    /// <summary>Who signed it, recovered from signature and digest.</summary>
    public required EvmSigner Signer { get; init; }

    /// <summary>The chain it is for.</summary>
    public required BigInteger ChainId { get; init; }

    /// <summary>The sender's number.</summary>
    public required BigInteger Nonce { get; init; }

    /// <summary>The gas limit.</summary>
    public required BigInteger Gas { get; init; }

    /// <summary>The most that a unit of gas may cost.</summary>
    public required BigInteger Price { get; init; }

    /// <summary>What of it goes to whom makes the block; before type 2 all of it.</summary>
    public required BigInteger Tip { get; init; }

    /// <summary>The recipient in lower case; null where a contract is made.</summary>
    public required string? To { get; init; }

    /// <summary>The coins it pays, in the smallest unit.</summary>
    public required BigInteger Value { get; init; }

    /// <summary>The data of the call.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Addresses and storage keys of the access list (EIP-2930).</summary>
    public required IReadOnlyList<(string Address, IReadOnlyList<byte[]> Keys)> AccessList { get; init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It is malformed, or written in another way than its fields are.</exception>
    public static EvmReading Read(string data)
    {
        var found = new Reading();
        var read = Of(found, Convert.FromHexString(data.AsSpan(2)));
        return found.Differences.Count == 0 ? read : throw new FormatException($"{found.Differences[0].What}: {found.Differences[0].Read}");
    }

    /// <summary>Reads it and notes what is wrong with the bytes.</summary>
    internal static EvmReading Of(Reading found, byte[] bytes)
    {
        var type = bytes[0] >= FirstList ? (byte)0 : bytes[0];
        var transaction = TransactionFactory.CreateTransaction(bytes);
        var again = Rewritten(transaction);
        var digest = again.RawHash;
        again.SetSignature(transaction.Signature);
        found.Require(again.GetRLPEncoded().AsSpan().SequenceEqual(bytes), "the bytes", "others, when written again");
        var signer = SignerOf(transaction.Signature, digest, type);
        found.Require(signer.HasLowS, "the signature", "an s of the upper half");
        return new()
        {
            Type = type,
            TransactionId = Hex(Sha3Keccack.Current.CalculateHash(bytes)),
            Digest = digest,
            Signer = signer,
            ChainId = transaction.GetChainId(),
            Nonce = transaction.GetNonce(),
            Gas = transaction.GetGasLimit(),
            Price = transaction.GetMaxFeePerGas(),
            Tip = transaction is Transaction1559 market ? market.GetMaxPriorityFeePerGas() : transaction.GetMaxFeePerGas(),
            To = transaction.GetReceiverAddress() is { Length: > 2 } receiver ? receiver.ToLowerInvariant() : null,
            Value = transaction.GetValue(),
            Data = transaction.GetData() ?? [],
            AccessList = [.. AccessListOf(transaction).Select(item => (item.Address.EnsureHexPrefix().ToLowerInvariant(), (IReadOnlyList<byte[]>)item.StorageKeys))],
        };
    }

    /// <summary>The same transaction of its fields; the constructors that take bytes write a zero as a byte.</summary>
    private static SignedTransaction Rewritten(ISignedTransaction read)
    {
        var to = read.GetReceiverAddress() ?? "";
        var data = read.GetData() ?? [];
        return read switch
        {
            Transaction1559 tx => new Transaction1559(tx.ChainId, tx.GetNonce(), tx.GetMaxPriorityFeePerGas(), tx.GetMaxFeePerGas(), tx.GetGasLimit(), to, tx.GetValue(), tx.Data, tx.AccessList),
            Transaction2930 tx => new Transaction2930(tx.ChainId, tx.GetNonce(), tx.GetMaxFeePerGas(), tx.GetGasLimit(), to, tx.GetValue(), tx.Data, tx.AccessList),
            LegacyTransactionChainId tx => new LegacyTransactionChainId(to, tx.GetValue(), tx.GetNonce(), tx.GetMaxFeePerGas(), tx.GetGasLimit(), Hex(data), tx.GetChainId()),
            _ => throw new NotSupportedException("a type that was not shown"),
        };
    }

    private static EvmSigner SignerOf(ISignature signature, byte[] digest, byte type)
    {
        var v = signature.V.ToBigIntegerFromRLPDecoded();
        var parity = (int)(type == 0 ? (v - 35) % 2 : v); // EIP-155
        return EvmSigner.Recover(digest, Padded(signature.R), Padded(signature.S), parity);
    }

    private static List<AccessListItem> AccessListOf(ISignedTransaction transaction) => transaction switch
    {
        Transaction1559 tx => tx.AccessList ?? [],
        Transaction2930 tx => tx.AccessList ?? [],
        _ => [],
    };

    private static byte[] Padded(byte[]? number) => [.. new byte[Word - (number?.Length ?? 0)], .. number ?? []];

    private static string Hex(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);
}

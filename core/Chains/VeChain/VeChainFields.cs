using System.Numerics;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.VeChain;

/// <summary>One clause: a payment, a call or, without recipient, a new contract.</summary>
internal readonly record struct Clause(byte[]? To, BigInteger Value, byte[] Data);

/// <summary>The fields of a VeChainThor transaction (legacy type). Null means: still to be asked for.</summary>
internal sealed record VeChainFields
{
    /// <summary>Size of a block reference.</summary>
    public const int BlockRefSize = 8;

    /// <summary>Last byte of the genesis block's id.</summary>
    public byte? ChainTag { get; init; }

    /// <summary>First eight bytes of a recent block's id, which begin with its number.</summary>
    public byte[]? BlockRef { get; init; }

    /// <summary>Blocks after <see cref="BlockRef"/> within which it may be included.</summary>
    public required uint Expiration { get; init; }

    /// <summary>What it does, in order, all or nothing.</summary>
    public required IReadOnlyList<Clause> Clauses { get; init; }

    /// <summary>Raises the price of gas to 1 + coefficient/255 times the base price.</summary>
    public required byte GasPriceCoef { get; init; }

    /// <summary>Gas limit.</summary>
    public ulong? Gas { get; init; }

    /// <summary>Id of the transaction that must come first, or null.</summary>
    public byte[]? DependsOn { get; init; }

    /// <summary>Any number: it only makes the id unique.</summary>
    public required ulong Nonce { get; init; }

    /// <summary>
    /// Gas before anything runs: 5000, per clause 16000 (48000 for a new contract), per byte of data 4 or 68.
    /// </summary>
    public ulong IntrinsicGas => 5000UL + Clauses.Aggregate(0UL, (sum, clause) =>
    {
        var zeros = (ulong)clause.Data.AsSpan().Count((byte)0);
        return sum + (clause.To is null ? 48000UL : 16000UL) + (4 * zeros) + (68 * ((ulong)clause.Data.Length - zeros));
    });

    /// <summary>The items that are signed; the last, reserved, is empty: no fee delegation (VIP-191).</summary>
    public byte[][] Items() =>
    [
        Rlp.Integer(ChainTag!.Value), Rlp.Integer(BlockRef), Rlp.Integer(Expiration),
        Rlp.List([.. Clauses.Select(clause => Rlp.List(Rlp.Bytes(clause.To), Rlp.Integer(clause.Value), Rlp.Bytes(clause.Data)))]),
        Rlp.Integer(GasPriceCoef), Rlp.Integer(Gas!.Value), Rlp.Bytes(DependsOn), Rlp.Integer(Nonce), Rlp.List(),
    ];
}

using System.Numerics;

namespace KmsCloud.Chains.Evm;

/// <summary>One entry of an access list (EIP-2930).</summary>
/// <param name="Address">20 bytes.</param>
/// <param name="StorageKeys">32 bytes each.</param>
internal readonly record struct AccessListEntry(byte[] Address, IReadOnlyList<byte[]> StorageKeys);

/// <summary>The fields of one transaction of the family. Null means: still to be asked for.</summary>
internal sealed record EvmFields
{
    /// <summary>Which transaction it is and how it is written.</summary>
    public required EvmFormat Format { get; init; }

    /// <summary>EIP-155 chain id.</summary>
    public ulong? ChainId { get; init; }

    /// <summary>Number of the sender's transaction.</summary>
    public ulong? Nonce { get; init; }

    /// <summary>Gas limit.</summary>
    public ulong? Gas { get; init; }

    /// <summary>Highest price of one gas: maxFeePerGas, or gasPrice where there is only that.</summary>
    public BigInteger? Price { get; init; }

    /// <summary>Highest tip of one gas, which equals <see cref="Price"/> where there is only gasPrice.</summary>
    public BigInteger? Tip { get; init; }

    /// <summary>Sender: the address of the key.</summary>
    public byte[] From { get; init; } = [];

    /// <summary>Recipient, 20 bytes; null creates a contract.</summary>
    public byte[]? To { get; init; }

    /// <summary>Value in base units.</summary>
    public BigInteger Value { get; init; }

    /// <summary>Call data, init code or memo.</summary>
    public byte[] Data { get; init; } = [];

    /// <summary>Access list, empty for the types without one.</summary>
    public IReadOnlyList<AccessListEntry> AccessList { get; init; } = [];

    /// <summary>Token that pays the fee (CIP-64), or null for the coin.</summary>
    public byte[]? FeeCurrency { get; init; }

    /// <summary>Whether the transaction creates a contract.</summary>
    public bool IsCreation => To is null && Data.Length > 0;

    /// <summary>Gas times price, once both are there.</summary>
    public BigInteger? LargestFee => Gas * Price;

    /// <summary>
    /// The least gas of a transaction with this data (EIP-7623): ten for a zero byte, forty for another.
    /// </summary>
    public ulong DataFloorGas
    {
        get
        {
            var zeros = (ulong)Data.AsSpan().Count((byte)0);
            return 21000UL + (10 * zeros) + (40 * ((ulong)Data.Length - zeros));
        }
    }

    /// <summary>Gas that any execution costs (Yellow Paper, G_transaction and G_txdata; EIP-2028; EIP-2930).</summary>
    public ulong IntrinsicGas
    {
        get
        {
            var zeros = (ulong)Data.AsSpan().Count((byte)0);
            return 21000UL + (IsCreation ? 32000UL : 0) + (4 * zeros) + (16 * ((ulong)Data.Length - zeros))
                + (2400 * (ulong)AccessList.Count) + (1900 * (ulong)AccessList.Sum(entry => entry.StorageKeys.Count));
        }
    }
}

using System.Buffers.Binary;
using KmsCloud.Keys;

namespace KmsCloud.Chains.VeChain;

/// <summary>VeChainThor's time: at most one block every ten seconds since genesis, and some are missed.</summary>
internal static class ThorBlocks
{
    private const ulong SecondsPerBlock = 10;

    /// <summary>One block in so many missed is taken as the most: how many there were, only a node knows.</summary>
    private const ulong OneMissedIn = 50;

    // timestamps of the genesis blocks
    private const ulong Mainnet = 1_530_316_800;
    private const ulong TestNetwork = 1_530_014_400;

    /// <summary>
    /// The latest at which the last block can have come that may hold a transaction; null while its block reference is not filled in.
    /// </summary>
    internal static DateTimeOffset? LatestEnd(VeChainFields fields, Network network)
    {
        if (fields.BlockRef is not { } block)
        {
            return null;
        }

        var last = BinaryPrimitives.ReadUInt32BigEndian(block) + (ulong)fields.Expiration;
        var genesis = network is Network.Mainnet ? Mainnet : TestNetwork;
        return ValidTime.FromSeconds(genesis + (last * SecondsPerBlock) + (last * SecondsPerBlock / OneMissedIn));
    }
}

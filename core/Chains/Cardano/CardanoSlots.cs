using KmsCloud.Keys;

namespace KmsCloud.Chains.Cardano;

/// <summary>Cardano's time: one slot a second since the Shelley era began.</summary>
internal static class CardanoSlots
{
    /// <summary>
    /// First second and slot of the Shelley era: mainnet, and preview, of the test networks the one that began last.
    /// </summary>
    private static readonly (ulong Second, ulong Slot) Mainnet = (1_596_059_091, 4_492_800);
    private static readonly (ulong Second, ulong Slot) Preview = (1_666_656_000, 0);

    /// <summary>
    /// When a slot ends. A test network is not named in a request, so that the latest of them counts.
    /// </summary>
    internal static DateTimeOffset? End(ulong slot, Network network)
    {
        var (second, first) = network is Network.Mainnet ? Mainnet : Preview;
        return slot < first || slot > uint.MaxValue * 16UL ? null : ValidTime.FromSeconds(second + (slot - first) + 1);
    }
}

namespace KmsCloud.Anomalies;

/// <summary>What a person compares of two addresses: some characters at either end, behind what all addresses of a chain begin with.</summary>
internal static class AddressEnds
{
    private const int LongestPrefix = 12; // addr_test1 and bchtest: with the version behind them

    /// <summary>Both ends in one text, or null where the address is too short for two of them.</summary>
    internal static string? Of(string address, AlikeEnds ends)
    {
        var end = address.IndexOf('?', StringComparison.Ordinal);
        var whole = end < 0 ? address : address[..end]; // a tag or memo is another customer of the same address, not another address
        var rest = whole[Prefix(whole)..];
        return rest.Length <= ends.First + ends.Last ? null : $"{rest[..ends.First]}…{rest[^ends.Last..]}".ToLowerInvariant();
    }

    private static int Prefix(string address)
    {
        if (address.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return 2;
        }

        var colon = address.IndexOf(':', StringComparison.Ordinal);
        if (colon is > 0 and < LongestPrefix)
        {
            return colon + 2; // cashaddr: and the letter of its type
        }

        var one = address.IndexOf('1', StringComparison.Ordinal);
        var isBech32 = one is > 1 and < LongestPrefix && address.All(character => !char.IsAsciiLetterUpper(character));
        return isBech32 ? one + 2 : Math.Min(1, address.Length); // behind bech32's separator a version; in Base58 the version's letter
    }
}

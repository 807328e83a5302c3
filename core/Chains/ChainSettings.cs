using System.Globalization;
using System.Numerics;
using KmsCloud.Errors;

namespace KmsCloud.Chains;

/// <summary>One bound or switch an operator may set for a chain.</summary>
/// <param name="Name">The words after <c>TATUM_KMS_CHAIN_</c>.</param>
/// <param name="Description">What it says, for help and documents.</param>
/// <param name="Apply">Takes it into a chain's options; null when the text makes no sense.</param>
public sealed record ChainSetting(string Name, string Description, Func<ChainOptions, string, ChainOptions?> Apply)
{
    /// <summary>The chains that heed it; set for another it is an error, not a bound that holds nothing.</summary>
    public IReadOnlyList<string> Chains =>
        [.. ChainCatalog.Codes.Where(code => ChainCatalog.All[code].Info.Settings.Contains(Name))];

    /// <summary>The environment variable of a chain.</summary>
    public string Variable(string chain) => $"TATUM_KMS_{chain}_{Name}";

    /// <summary>The option on the command line.</summary>
    public string Option { get; } = "--" + Name.ToLowerInvariant().Replace('_', '-');
}

/// <summary>
/// Every <see cref="ChainOptions"/> member as a setting, read the same way by the daemon and the function.
/// </summary>
public static class ChainSettings
{
    internal const string FeeRateCeiling = "FEE_RATE_CEILING";
    internal const string FeeCeiling = "FEE_CEILING";
    internal const string FeeCurrencyCeilings = "FEE_CURRENCY_CEILINGS";
    internal const string DefaultFeeRate = "DEFAULT_FEE_RATE";
    internal const string AllowLowFee = "ALLOW_LOW_FEE";
    internal const string ExtraChainIds = "EXTRA_CHAIN_IDS";
    internal const string LegacyFormat = "LEGACY_FORMAT";
    internal const string AllowAccountControl = "ALLOW_ACCOUNT_CONTROL";

    private const int LongestNumber = 30; // digits: more than any coin has base units

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ChainSetting> All { get; } =
    [
        new(FeeRateCeiling, "Highest fee rate signed: satoshi per 1000 vbytes, wei of gas price",
            (options, text) => Whole(text) is { } rate ? options with { FeeRateCeiling = rate } : null),
        new(FeeCeiling, "Highest fee signed for one transaction, in base units of the fee coin",
            (options, text) => Whole(text) is { } fee ? options with { FeeCeiling = fee } : null),
        new(FeeCurrencyCeilings, "Highest fee signed for one transaction that pays in a token (CIP-64): ADDRESS=BASE-UNITS of that token, divided by commas",
            (options, text) => Ceilings(text) is { } ceilings ? options with { FeeCurrencyCeilings = ceilings } : null),
        new(DefaultFeeRate, "Gas price in wei where the request has none, instead of asking the network",
            (options, text) => Whole(text) is { } rate ? options with { DefaultFeeRate = rate } : null),
        new(AllowLowFee, "true: sign gas prices below 10,000 wei, which look like gwei",
            (options, text) => Switch(text) is { } on ? options with { AllowLowFee = on } : null),
        new(ExtraChainIds, "Chain ids (VET: chain tags, XRP: network ids) of private networks, taken beside the known ones",
            (options, text) => Ids(text) is { } ids ? options with { ExtraChainIds = ids } : null),
        new(LegacyFormat, "true: write the format from before 2025, for private networks that still speak it",
            (options, text) => Switch(text) is { } on ? options with { LegacyFormat = on } : null),
        new(AllowAccountControl, "true: sign what hands over an account or all it holds (rekey, close-to, clawback)",
            (options, text) => Switch(text) is { } on ? options with { AllowAccountControl = on } : null),
    ];

    /// <summary>Reads what is set.</summary>
    /// <param name="setting">The value of an environment variable by name, or null.</param>
    /// <exception cref="KmsException">A value makes no sense, or the chain does not heed it.</exception>
    public static IReadOnlyDictionary<string, ChainOptions> Read(Func<string, string?> setting)
    {
        var chosen = new Dictionary<string, ChainOptions>(StringComparer.Ordinal);
        foreach (var chain in ChainCatalog.All.Keys)
        {
            foreach (var item in All)
            {
                if (setting(item.Variable(chain)) is not { } text)
                {
                    continue;
                }

                if (!item.Chains.Contains(chain))
                {
                    throw new KmsException(
                        Failure.Usage,
                        $"{item.Variable(chain)} or {item.Option} {chain}=… is given, and {chain} has no such setting",
                        $"it is for {string.Join(' ', item.Chains)}");
                }

                chosen[chain] = item.Apply(chosen.GetValueOrDefault(chain, ChainOptions.Default), text)
                    ?? throw new KmsException(Failure.Usage, $"the value of {item.Variable(chain)} or {item.Option} {chain}=… is not understood", $"it says: {item.Description}");
            }
        }

        return chosen;
    }

    private static BigInteger? Whole(string text) =>
        text.Length <= LongestNumber && BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    private static Dictionary<string, BigInteger>? Ceilings(string text)
    {
        var ceilings = new Dictionary<string, BigInteger>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Split('=') is not [var address, var units] || !IsAddress(address) || Whole(units) is not { } ceiling || !ceilings.TryAdd(address.ToLowerInvariant(), ceiling))
            {
                return null;
            }
        }

        return ceilings;
    }

    private static bool IsAddress(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal) && text.Length == 42 && text[2..].All(char.IsAsciiHexDigit);

    private static List<ulong>? Ids(string text)
    {
        var ids = new List<ulong>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!ulong.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == 0)
            {
                return null;
            }

            ids.Add(id);
        }

        return ids;
    }

    private static bool? Switch(string text) => text switch { "true" => true, "false" => false, _ => null };
}

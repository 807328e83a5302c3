using KmsCloud.Anomalies;
using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Signing;

/// <summary>How the second reader is used (docs/operations.md).</summary>
/// <param name="Off">Codes of the chains that it does not read.</param>
/// <param name="Freezes">A disagreement freezes all signing.</param>
public sealed record SecondReaderSettings(IReadOnlyList<string> Off, bool Freezes)
{
    /// <summary>Names of the anomaly rules that freeze all signing.</summary>
    public IReadOnlySet<string> FreezingRules { get; init; } = new HashSet<string>();

    private const string OffWord = "off=";
    private const string FreezeWord = "second-reader";

    /// <summary>It reads every chain it knows, and freezes nothing.</summary>
    public static SecondReaderSettings Default { get; } = new([], false);

    /// <summary>Reads both settings.</summary>
    /// <param name="use"><c>off=CHAIN[,CHAIN]</c>, or null.</param>
    /// <param name="freezeOn"><c>second-reader</c> and names of anomaly rules, divided by commas; or null.</param>
    /// <param name="reader">The reader, which knows its chains.</param>
    /// <exception cref="KmsException">One is not understood, or names a chain that is not read anyway.</exception>
    public static SecondReaderSettings Read(string? use, string? freezeOn, ISecondReader reader)
    {
        var freezing = freezeOn?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        if (freezeOn is not null && (freezing.Length == 0 || freezing.FirstOrDefault(word => word != FreezeWord && !AnomalyRules.Names.Contains(word)) is not null))
        {
            throw new KmsException(
                Failure.Usage, "--freeze-on or KMS_FREEZE_ON is not understood", $"the choices, divided by commas, are: {FreezeWord} {string.Join(' ', AnomalyRules.Names)}");
        }

        return new(use is null ? [] : ReadOff(use, reader), freezing.Contains(FreezeWord))
        {
            FreezingRules = freezing.Where(word => word != FreezeWord).ToHashSet(StringComparer.Ordinal),
        };
    }

    private static List<string> ReadOff(string use, ISecondReader reader)
    {
        var chains = use.StartsWith(OffWord, StringComparison.Ordinal)
            ? use[OffWord.Length..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [];
        if (chains.Length == 0)
        {
            throw new KmsException(Failure.Usage, "--second-reader or KMS_SECOND_READER is not understood", "write it like off=BTC,LTC");
        }

        if (chains.FirstOrDefault(chain => !reader.Chains.Contains(chain)) is { } unknown)
        {
            throw new KmsException(Failure.Usage, $"the second reader reads no chain '{unknown}' that could be left out", "it reads " + string.Join(' ', reader.Chains));
        }

        return [.. chains.Distinct()];
    }
}

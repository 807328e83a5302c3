using System.Globalization;
using System.Numerics;
using KmsCloud.Chains;

namespace KmsCloud.Readers;

/// <summary>The points on which a reading differs from what was shown, as they are found.</summary>
internal sealed class Reading
{
    private const int Most = 8; // one wrong byte may change every output

    private readonly List<ReadingDifference> differences = [];

    /// <summary>What was found.</summary>
    internal IReadOnlyList<ReadingDifference> Differences => differences;

    /// <summary>Compares two texts.</summary>
    internal void Same(string what, string? shown, string? read)
    {
        if (!string.Equals(shown, read, StringComparison.Ordinal))
        {
            Differs(what, shown ?? "nothing", read ?? "nothing");
        }
    }

    /// <summary>Compares two numbers.</summary>
    internal void Same(string what, BigInteger? shown, BigInteger? read) => Same(what, Text(shown), Text(read));

    /// <summary>Requires something of the bytes alone.</summary>
    internal void Require(bool holds, string what, string read)
    {
        if (!holds)
        {
            Differs(what, "right", read);
        }
    }

    private void Differs(string what, string shown, string read)
    {
        if (differences.Count < Most)
        {
            differences.Add(new(what, shown, read));
        }
    }

    private static string? Text(BigInteger? number) => number?.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>What a row is measured against.</summary>
internal enum Bar
{
    /// <summary>The ratio must be at least this.</summary>
    AtLeast,

    /// <summary>The figure must be at most this.</summary>
    AtMost,
}

/// <summary>The table of one run: every figure against the bare native call or the obvious lower bound, measured in the same run.</summary>
internal sealed class Table
{
    private readonly List<(string Name, string Ours, string Bound, string Ratio, string Target, string Met)> rows = [];

    /// <summary>A row whose ratio is our speed as a part of the bound's: 1.00 is as fast as possible.</summary>
    public void Share(string name, TimeSpan ours, TimeSpan bound, double? atLeast = null) => Add(
        name, Show(ours), Show(bound), bound / ours, atLeast is { } bar ? $"≥ {bar:0.00}" : "", atLeast is null ? "" : bound / ours >= atLeast ? "yes" : "NO");

    /// <summary>A row whose ratio is our cost as a multiple of the bound's.</summary>
    public void Multiple(string name, TimeSpan ours, TimeSpan bound, double? atMost = null) => Add(
        name, Show(ours), Show(bound), ours / bound, atMost is { } bar ? $"≤ {bar:0.00}" : "", atMost is null ? "" : ours / bound <= atMost ? "yes" : "NO");

    /// <summary>A row of one figure.</summary>
    public void Figure(string name, double value, string unit, double? atMost = null) => rows.Add((
        name, string.Create(CultureInfo.InvariantCulture, $"{value:0.###} {unit}"), "", "", atMost is { } bar ? string.Create(CultureInfo.InvariantCulture, $"≤ {bar:0.###} {unit}") : "", atMost is null ? "" : value <= atMost ? "yes" : "NO"));

    public void Print(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("| what | ours | bound | ratio | bar | met |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var (name, ours, bound, ratio, target, met) in rows)
        {
            output.WriteLine($"| {name} | {ours} | {bound} | {ratio} | {target} | {met} |");
        }
    }

    private static string Show(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 1 => time.TotalMicroseconds.ToString("0.0", CultureInfo.InvariantCulture) + " µs",
        < 1000 => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms",
        _ => time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) + " s",
    };

    private void Add(string name, string ours, string bound, double ratio, string target, string met) =>
        rows.Add((name, ours, bound, ratio.ToString("0.00", CultureInfo.InvariantCulture), target, met));
}

using System.Globalization;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Policy;

namespace KmsCloud.Anomalies;

/// <summary>Reads a file of anomaly rules (docs/anomalies.md) strictly: a rule that is not named is off.</summary>
public static class AnomalyFile
{
    private const int LargestFile = 64 * 1024;
    private const int LargestNumber = 1_000_000;
    private const int MostCharacters = 20;
    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="open">Opens it, such as only where nobody else could have written it.</param>
    /// <exception cref="KmsException"><see cref="Failure.Usage"/>: it cannot be read, or holds no rules.</exception>
    public static AnomalyRules Load(string path, Func<string, FileStream> open)
    {
        try
        {
            using var file = open(path);
            if (file.Length > LargestFile)
            {
                throw KmsException.Refused("it is larger than 64 KiB");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return Read(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.Usage, $"the anomaly rules '{path}' cannot be read", "check the file's name and mode", error);
        }
        catch (KmsException error) when (error.Failure is not Failure.Usage)
        {
            throw new KmsException(Failure.Usage, $"the anomaly rules '{path}' are not valid: {error.Message}", "see docs/anomalies.md", error);
        }
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="KmsException">They are no rules.</exception>
    public static AnomalyRules Read(ReadOnlyMemory<byte> utf8)
    {
        var json = new StrictObject(StrictJson.Parse(utf8, "the file"), "the file");
        json.Integer("version", 1, 1);
        var rules = new AnomalyRules
        {
            Usual = Part(json, AnomalyRules.UsualName, rule => new AboveUsual(Number(rule, "times", 2), Number(rule, "days"), Number(rule, "least"))),
            FirstSeen = json.OptionalBool(AnomalyRules.FirstSeenName) ?? false,
            Burst = Part(json, AnomalyRules.BurstName, Rate),
            Hours = Part(json, AnomalyRules.HoursName, Hours),
            FeePercent = Part(json, AnomalyRules.FeeName, Percent)?.Value,
            Refusals = Part(json, AnomalyRules.RefusalsName, Rate),
            LimitPercent = Part(json, AnomalyRules.LimitName, Percent)?.Value,
            Alike = Part(json, AnomalyRules.AlikeName, rule => new AlikeEnds(Number(rule, "first", most: MostCharacters), Number(rule, "last", most: MostCharacters))),
        };
        json.Done();
        return rules;
    }

    private static T? Part<T>(StrictObject json, string name, Func<StrictObject, T> read)
        where T : class
    {
        if (json.OptionalObject(name) is not { } rule)
        {
            return null;
        }

        var part = read(rule);
        rule.Done();
        return part;
    }

    private static EventRate Rate(StrictObject rule) => new(Number(rule, "count"), Number(rule, "minutes"));

    private static PercentValue Percent(StrictObject rule) => new(Number(rule, "percent"));

    private static int Number(StrictObject rule, string name, int least = 1, int most = LargestNumber) => (int)rule.Integer(name, least, most);

    private static AllowedHours Hours(StrictObject rule)
    {
        var days = (rule.OptionalArray("days") ?? []).Select(day => Array.IndexOf(DayNames, day.ToString())).ToList();
        if (days.Contains(-1))
        {
            throw rule.Bad("days", "holds something other than mon tue wed thu fri sat sun");
        }

        var all = days.Count == 0 ? Enum.GetValues<DayOfWeek>() : days.Select(day => (DayOfWeek)day);
        return new(all.ToHashSet(), Time(rule, "from"), Time(rule, "to"));
    }

    private static TimeOnly Time(StrictObject rule, string name)
    {
        if (!TimeOnly.TryParseExact(rule.String(name), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            throw rule.Bad(name, "is no time such as \"08:00\"");
        }

        return time;
    }

    private sealed record PercentValue(int Value);
}

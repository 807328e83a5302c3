using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using KmsCloud.Signing;

namespace KmsCloud.Cli;

/// <summary>The instruments of a meter as Prometheus text, format 0.0.4.</summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly SortedDictionary<string, Family> families = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    internal PrometheusText()
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == KmsMetrics.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.Start();
    }

    public void Dispose() => listener.Dispose();

    /// <summary>Everything as of now.</summary>
    internal string Render()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        lock (gate)
        {
            foreach (var (name, family) in families)
            {
                text.Append(
                    CultureInfo.InvariantCulture, $"# HELP {name} {family.Help}\n# TYPE {name} {family.Type}\n");
                foreach (var (labels, series) in family.Series)
                {
                    series.Write(text, name, labels);
                }
            }
        }

        return text.ToString();
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}=\"{tag.Value}\""));
        var type = instrument is Counter<long> ? "counter" : instrument is Histogram<double> ? "histogram" : "gauge";
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "") + (type == "counter" ? "_total" : "");
        lock (gate)
        {
            if (!families.TryGetValue(name, out var family))
            {
                families[name] = family = new(type, instrument.Description ?? "", new(StringComparer.Ordinal));
            }

            if (!family.Series.TryGetValue(labels, out var series))
            {
                family.Series[labels] = series = new(type);
            }

            series.Add(value);
        }
    }

    private sealed record Family(string Type, string Help, SortedDictionary<string, Series> Series);

    private sealed class Series(string type)
    {
        private readonly long[] buckets = new long[KmsMetrics.Buckets.Count];
        private double value;
        private long count;

        internal void Add(double measured)
        {
            value = type == "gauge" ? measured : value + measured;
            count++;
            for (var i = 0; i < buckets.Length; i++)
            {
                buckets[i] += measured <= KmsMetrics.Buckets[i] ? 1 : 0;
            }
        }

        internal void Write(StringBuilder text, string name, string labels)
        {
            if (type != "histogram")
            {
                text.Append(
                    CultureInfo.InvariantCulture, $"{name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {value}\n");
                return;
            }

            for (var i = 0; i < buckets.Length; i++)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{name}_bucket{{{labels},le=\"{KmsMetrics.Buckets[i]}\"}} {buckets[i]}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels},le=\"+Inf\"}} {count}\n{name}_sum{{{labels}}} {value}\n{name}_count{{{labels}}} {count}\n");
        }
    }
}

using System.Diagnostics.Metrics;
using System.Text.Json;
using KmsCloud.Signing;

namespace KmsCloud.Functions;

/// <summary>
/// The instruments as log lines, for a platform that collects nothing but stdout: after each invocation what counters
/// and histograms gained since the line before, so that sums over instances and restarts are right, and what gauges
/// show now.
/// </summary>
internal sealed class MetricLines : IDisposable
{
    internal const string EventName = "KmsMetrics";
    private const int SeriesInLine = 100; // Application Insights cuts a message at 32 KiB
    private readonly MeterListener listener = new();
    private readonly SortedDictionary<string, Series> series = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    internal MetricLines()
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == KmsMetrics.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
    }

    public void Dispose() => listener.Dispose();

    /// <summary>Writes what there is to say and begins anew.</summary>
    internal void Flush(InvocationLog log)
    {
        try
        {
            listener.RecordObservableInstruments();
        }
        catch (AggregateException)
        {
            // gauges of wallets and journal that another invocation is just closing
        }

        List<Series> gathered;
        lock (gate)
        {
            gathered = [.. series.Values];
            series.Clear();
        }

        foreach (var part in gathered.Chunk(SeriesInLine))
        {
            log.Always(EventName, json =>
            {
                json.WriteStartArray("metrics");
                foreach (var one in part)
                {
                    one.WriteTo(json);
                }

                json.WriteEndArray();
            });
        }
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = tags.ToArray();
        var key = instrument.Name + string.Concat(labels.Select(label => $" {label.Key}={label.Value}"));
        lock (gate)
        {
            if (!series.TryGetValue(key, out var known))
            {
                series[key] = known = new(instrument, labels);
            }

            known.Add(value);
        }
    }

    private sealed class Series(Instrument instrument, KeyValuePair<string, object?>[] labels)
    {
        private double value;
        private long count;

        internal void Add(double measured)
        {
            value = instrument is Counter<long> or Histogram<double> ? value + measured : measured;
            count++;
        }

        internal void WriteTo(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("name", instrument.Name);
            foreach (var (name, label) in labels)
            {
                json.WriteString(name, label?.ToString());
            }

            json.WriteNumber("value", value);
            if (instrument is Histogram<double>)
            {
                json.WriteNumber("count", count);
            }

            json.WriteEndObject();
        }
    }
}

using KmsCloud.Signing;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace KmsCloud.Functions;

/// <summary>What the functions need, put into the worker's builder.</summary>
internal static class KmsServices
{
    private const string Name = "kms-functions";

    /// <summary>Sends the measurements by OTLP for as long as it lives, and what is left at its end; null when no endpoint is set.</summary>
    internal static MeterProvider? Exporter(FunctionSettings settings) => settings.ExportsMetrics
        ? Sdk.CreateMeterProviderBuilder().ConfigureResource(resource => resource.AddService(Name)).AddMeter(KmsMetrics.MeterName).AddOtlpExporter().Build()
        : null;

    /// <summary>Sends the traces of pending transactions in the same way.</summary>
    internal static TracerProvider? Traces(FunctionSettings settings) => settings.ExportsMetrics
        ? Sdk.CreateTracerProviderBuilder().ConfigureResource(resource => resource.AddService(Name)).AddSource(KmsTrace.SourceName).AddOtlpExporter().Build()
        : null;

    /// <summary>Puts them there.</summary>
    internal static void AddKms(this FunctionsApplicationBuilder builder, FunctionSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(host => new InvocationLog(settings.LeastLevel, TimeProvider.System, new(Console.OpenStandardOutput()), host.GetRequiredService<ILoggerFactory>().CreateLogger(Name)));
        services.AddSingleton(_ => new MetricLines());
        services.AddSingleton(_ => new FunctionMetrics());
        services.AddSingleton(host => new SigningWorker(settings, TimeProvider.System, host.GetRequiredService<InvocationLog>(), host.GetRequiredService<FunctionMetrics>()));
        services.AddHostedService<Drain>(); // hosted services stop in reverse order: before the worker's own connection to the host
        services.Configure<HostOptions>(options => options.ShutdownTimeout = Drain.Limit);
        builder.UseMiddleware<InvocationMiddleware>();
    }
}

using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using KmsCloud.Errors;
using KmsCloud.Functions;
using KmsCloud.Primitives;
using KmsCloud.Secrets;
using KmsCloud.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

const int PlannedRestart = 200; // the Functions host counts 0 as done for good and other codes as crashes
ProcessSeal.Apply();
try
{
    SelfTest.Run();
    var settings = FunctionSettings.Read(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null);
    var log = new InvocationLog(settings.LeastLevel, TimeProvider.System, new(Console.OpenStandardOutput()));
    using var exporter = settings.ExportsMetrics
        ? Sdk.CreateMeterProviderBuilder().ConfigureResource(resource => resource.AddService("kms-functions")).AddMeter(KmsMetrics.MeterName).AddOtlpExporter().Build()
        : null;
    using var lines = new MetricLines();
    using var metrics = new FunctionMetrics();
    using var worker = new SigningWorker(settings, TimeProvider.System, log, metrics);
    await using var app = new HandlerApp(settings, worker, log, metrics, lines).Build();
    await app.StartAsync();
    var stopped = new TaskCompletionSource();
    using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stopped));
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stopped));
    await stopped.Task;
    await worker.DrainAsync();
    await app.StopAsync();
    return PlannedRestart;
}
catch (KmsException error)
{
    Console.Out.WriteLine(InvocationLog.Failure(error.Message, error.Hint));
    return error.ExitCode;
}
catch (Exception error) when (error is IOException or WebException)
{
    Console.Out.WriteLine(InvocationLog.Failure(string.Create(CultureInfo.InvariantCulture, $"the loopback port cannot be opened: {error.GetType().Name}"), "the Functions host chooses it"));
    return (int)Failure.Internal;
}

static void Stop(PosixSignalContext signal, TaskCompletionSource stopped)
{
    signal.Cancel = true; // we end by ourselves, after what is being broadcast
    stopped.TrySetResult();
}

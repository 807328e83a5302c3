using KmsCloud.Errors;
using KmsCloud.Functions;
using KmsCloud.Primitives;
using KmsCloud.Secrets;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

const int PlannedRestart = 200; // the Functions host takes 0 for done for good, and other codes for crashes
try
{
    CleanStart.Ensure();
    ProcessSeal.Apply();
    LockedMemory.AllowsSwap = Environment.GetEnvironmentVariable("KMS_ALLOW_SWAP") == "true";
    if (LockedMemory.AllowsSwap)
    {
        await Console.Error.WriteLineAsync("warning: " + LockedMemory.Warning);
    }

    SelfTest.Run();
    var settings = FunctionSettings.Read(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null);
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.AddKms(settings);
    using var exporter = KmsServices.Exporter(settings);
    using var traces = KmsServices.Traces(settings);
    using var app = builder.Build();
    await app.RunAsync();
    return PlannedRestart;
}
catch (KmsException error)
{
    await Console.Error.WriteLineAsync(InvocationLog.Failure(error.Message, error.Hint));
    return error.ExitCode;
}
#pragma warning disable CA1031 // a start that fails otherwise is one line too, without the text of a library
catch (Exception error)
#pragma warning restore CA1031
{
    await Console.Error.WriteLineAsync(InvocationLog.Failure($"the worker cannot run: {error.GetType().Name}", "it is started by a Functions host, which tells it where it listens"));
    return (int)Failure.Internal;
}

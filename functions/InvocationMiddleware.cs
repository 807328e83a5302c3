using KmsCloud.Errors;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace KmsCloud.Functions;

/// <summary>
/// Around every invocation: its log lines, its measurements, its line for the alerts, and the last door, through which
/// no text of an exception leaves: the worker sends what a function throws to the host, with message and stack.
/// </summary>
internal sealed class InvocationMiddleware(InvocationLog log, FunctionMetrics metrics, MetricLines lines) : IFunctionsWorkerMiddleware
{
    private const string EventName = "KmsInvocation";

    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        var started = TimeProvider.System.GetTimestamp();
        InvocationLog.Begin(context.InvocationId);
        var outcome = await RunAsync(context, next);
        var duration = TimeProvider.System.GetElapsedTime(started);
        var function = context.FunctionDefinition.Name;
        metrics.Ended(function, outcome, duration);
        log.Always(EventName, json =>
        {
            json.WriteString("function", function);
            json.WriteString("outcome", outcome.Word);
            json.WriteBoolean("good", outcome.IsGood);
            json.WriteNumber("milliseconds", (long)duration.TotalMilliseconds);
            outcome.WriteCounts(json);
            json.WriteString("status", outcome.Status);
        });
        log.Tell(outcome.Note is null ? outcome.Status : $"{outcome.Status} ({outcome.Note})");
        lines.Flush(log);
        if (!outcome.IsSuccess)
        {
            throw new InvocationFailure(outcome.Status);
        }
    }

    private static async Task<Outcome> RunAsync(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
            return context.Ended() ?? new(false, Ending.Rejected, "no such function");
        }
#pragma warning disable CA1031 // a bug, or an invocation that is no tick and no message, is reported without its text, which might hold a payload
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new(false, Ending.Failed, Said(Cause(error)));
        }
    }

    private static string Said(Exception cause) => cause switch
    {
        KmsException { Hint: null } => cause.Message,
        KmsException error => $"{error.Message}; {error.Hint}",
        _ => $"internal error {cause.GetType().Name}",
    };

    /// <summary>The worker wraps what a function throws that returns something.</summary>
    private static Exception Cause(Exception error) =>
        error is AggregateException { InnerExceptions: [var cause] } ? cause : error;
}

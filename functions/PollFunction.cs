using Microsoft.Azure.Functions.Worker;

namespace KmsCloud.Functions;

/// <summary>The function of the timer package: every tick is one cycle over every chain.</summary>
internal sealed class PollFunction(FunctionSettings settings, SigningWorker worker)
{
    /// <summary>One tick.</summary>
    /// <param name="pollTimer">When it was due.</param>
    /// <param name="context">The invocation.</param>
    [Function("PollPending")]
    public Task PollAsync([TimerTrigger("%KMS_POLL_SCHEDULE%", UseMonitor = true)] TimerInfo pollTimer, FunctionContext context) =>
        context.EndAsync(async () => (await WorkAsync(context.CancellationToken)).Late(pollTimer.IsPastDue));

    private async Task<Outcome> WorkAsync(CancellationToken cancel)
    {
        if (!settings.IsEnabled)
        {
            return Outcome.Disabled;
        }

        return settings.IsQueueMode
            ? new(false, Ending.Failed, "KMS_MODE is queue, and this package has no queue; deploy the one that functions/publish --queue makes")
            : await worker.SignAsync(cancel);
    }
}

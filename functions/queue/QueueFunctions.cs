using Microsoft.Azure.Functions.Worker;

namespace KmsCloud.Functions;

/// <summary>
/// The functions of the queue package: a tick puts a pointer to each pending transaction into the queue, and each
/// message signs one.
/// </summary>
internal sealed class QueueFunctions(FunctionSettings settings, SigningWorker worker)
{
    private const string Queue = "%KMS_QUEUE%";
    private const string Storage = "AzureWebJobsStorage";

    /// <summary>One tick.</summary>
    /// <param name="pollTimer">When it was due.</param>
    /// <param name="context">The invocation.</param>
    /// <returns>The messages, each a <see cref="PendingPointer"/>.</returns>
    [Function("PollPending")]
    [QueueOutput(Queue, Connection = Storage)]
    public async Task<string[]> PollAsync(
        [TimerTrigger("%KMS_POLL_SCHEDULE%", UseMonitor = true)] TimerInfo pollTimer, FunctionContext context)
    {
        var outcome = await context.EndAsync(async () => settings.IsEnabled
            ? (await WorkAsync(context.CancellationToken)).Late(pollTimer.IsPastDue)
            : Outcome.Disabled);
        return [.. outcome.Messages];
    }

    /// <summary>One message.</summary>
    /// <param name="pendingTransaction">
    /// Its text, a <see cref="PendingPointer"/>. A failure leaves it in the queue.
    /// </param>
    /// <param name="context">The invocation.</param>
    [Function("SignPending")]
    public Task SignAsync([QueueTrigger(Queue, Connection = Storage)] string pendingTransaction, FunctionContext context) =>
        context.EndAsync(() => SignAsync(PendingPointer.TryRead(pendingTransaction), context.CancellationToken));

    private async Task<Outcome> SignAsync(PendingPointer? pointer, CancellationToken cancel)
    {
        if (pointer is null)
        {
            return new(false, Ending.Rejected, "not a message of PollPending");
        }

        return settings.IsEnabled
            ? await worker.SignOneAsync(pointer, cancel)
            : new(false, Ending.Disabled, "disabled by KMS_ENABLED; the message stays in the queue");
    }

    private Task<Outcome> WorkAsync(CancellationToken cancel) =>
        settings.IsQueueMode ? worker.EnqueueAsync(cancel) : worker.SignAsync(cancel);
}

using Microsoft.Azure.Functions.Worker;

namespace KmsCloud.Functions;

/// <summary>How a function tells the middleware around it what it came to.</summary>
internal static class InvocationEnd
{
    /// <summary>Runs the work of an invocation and keeps its outcome for <see cref="Ended"/>.</summary>
    internal static async Task<Outcome> EndAsync(this FunctionContext context, Func<Task<Outcome>> work)
    {
        var outcome = await work();
        context.Items[typeof(Outcome)] = outcome;
        return outcome;
    }

    /// <summary>What the invocation came to, or null when its function was not reached.</summary>
    internal static Outcome? Ended(this FunctionContext context) =>
        context.Items.TryGetValue(typeof(Outcome), out var outcome) ? (Outcome)outcome : null;
}

using System.Diagnostics;

namespace KmsCloud.Signing;

/// <summary>
/// One trace for each pending transaction (docs/operations.md): <c>pending</c> with the steps it went through below it, linked to the poll or the
/// invocation it came from. Tags are chain, pending id and how it ended: never an address, an amount or a payload.
/// </summary>
public sealed class KmsTrace
{
    /// <summary>The source's name.</summary>
    public static string SourceName => "KmsCloud";

    private static readonly ActivitySource Source = new(SourceName);
    private readonly Activity? root;

    private KmsTrace(Activity? root) => this.root = root;

    /// <summary>Begins the trace of one pending transaction: a trace of its own, whatever the surroundings are.</summary>
    /// <param name="chain">Chain code.</param>
    internal static KmsTrace Pending(string chain)
    {
        if (!Source.HasListeners())
        {
            return new(null);
        }

        var around = Activity.Current;
        Activity.Current = null;
        try
        {
            ActivityLink[] links = around is null ? [] : [new(around.Context)];
            var root = Source.StartActivity(ActivityKind.Internal, name: "pending", links: links);
            root?.SetTag("kms.chain", chain);
            return new(root);
        }
        finally
        {
            Activity.Current = around;
        }
    }

    /// <summary>Begins a step of what goes on around it; null where nobody listens.</summary>
    internal static Activity? Step(string step) => Source.StartActivity(step);

    /// <summary>Lets the steps that follow here belong to it. What is awaited around it is not touched.</summary>
    internal void Enter()
    {
        if (root is not null)
        {
            Activity.Current = root;
        }
    }

    /// <summary>Says how it ended, and ends it.</summary>
    internal void End(TransactionReport report)
    {
        if (root is null)
        {
            return;
        }

        root.SetTag("kms.pending_id", report.Id);
        root.SetTag("kms.verdict", report.Verdict.ToString().ToLowerInvariant());
        if (report.Verdict is Verdict.Refused or Verdict.Failed)
        {
            root.SetStatus(ActivityStatusCode.Error);
        }

        root.Stop();
    }
}

using System.Collections.Concurrent;

namespace KmsCloud.Signing;

/// <summary>
/// What outlives a cycle: it belongs to the service, whatever cycles work for it, one after the other or side by side.
/// </summary>
internal sealed class CycleMemory
{
    private readonly ConcurrentDictionary<string, SaidBefore> said = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ReportQueue> failures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> underWay = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, LineLimit> lines = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LineLimit> auditLines = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LineLimit> told = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LineLimit> auditTold = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LineLimit> findings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> proofs = new(StringComparer.Ordinal);

    /// <summary>What the approver answered lately.</summary>
    internal AnswersBefore Answers { get; } = new();

    /// <summary>New versions that the gateway announced.</summary>
    internal Gateway.ClientNews News { get; } = new();

    /// <summary>What the audit log was told last about a chain's ids.</summary>
    internal SaidBefore Said(string chain) => said.GetOrAdd(chain, _ => new());

    /// <summary>How many log lines about refusals of a chain there may be.</summary>
    internal LineLimit Lines(string chain) => lines.GetOrAdd(chain, _ => new(LineLimit.AboutJunk));

    /// <summary>How many audit lines there may be about what names no wallet of ours.</summary>
    internal LineLimit AuditLines(string chain) => auditLines.GetOrAdd(chain, _ => new(LineLimit.AboutJunk));

    /// <summary>How many log lines about what names a wallet of ours, and is not signed, there may be.</summary>
    internal LineLimit Told(string chain) => told.GetOrAdd(chain, _ => new(LineLimit.AboutOurs));

    /// <summary>How many audit lines there may be about the same.</summary>
    internal LineLimit AuditTold(string chain) => auditTold.GetOrAdd(chain, _ => new(LineLimit.AboutOurs));

    /// <summary>How many findings of anomaly rules may be told: nothing else takes of it.</summary>
    internal LineLimit Findings(string chain) => findings.GetOrAdd(chain, _ => new(LineLimit.AboutOurs));

    /// <summary>
    /// Two batches of questions for proofs at a time: what each answer may have of memory is bounded, and so are they
    /// all.
    /// </summary>
    internal SemaphoreSlim Proofs(string chain) => proofs.GetOrAdd(chain, _ => new(2));

    /// <summary>A chain's failures that the gateway is still to be told.</summary>
    internal ReportQueue Failures(string chain) => failures.GetOrAdd(chain, _ => new());

    /// <summary>Begins claims of ids: one id is worked on once at a time, over all chains and cycles.</summary>
    internal IdClaims Claims() => new(underWay);
}

/// <summary>Ids that one cycle works on; given back at its end.</summary>
internal sealed class IdClaims(ConcurrentDictionary<string, byte> underWay) : IDisposable
{
    private readonly ConcurrentBag<string> mine = [];

    /// <summary>Takes an id, unless it is taken.</summary>
    internal bool TryTake(string id)
    {
        if (!underWay.TryAdd(id, 0))
        {
            return false;
        }

        mine.Add(id);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var id in mine)
        {
            underWay.TryRemove(id, out _);
        }
    }
}

using KmsCloud.Alerts;
using KmsCloud.Approvals;
using KmsCloud.Audit;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Gateway;
using KmsCloud.Keys;
using KmsCloud.Policy;
using KmsCloud.State;
using KmsCloud.Wallets;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Signing;

/// <summary>What the cycle works with. Everything stays its owner's.</summary>
/// <param name="Wallets">The open wallet file.</param>
/// <param name="Gateway">The Tatum API.</param>
/// <param name="Approver">The second pair of eyes, or null on a testnet without one.</param>
/// <param name="Journal">What was signed.</param>
/// <param name="Audit">What was decided.</param>
/// <param name="Clock">The time.</param>
/// <param name="Log">Where the lines go.</param>
public sealed record SigningServices(
    WalletStore Wallets, GatewayClient Gateway, FourEye? Approver, Journal Journal, AuditLog Audit, TimeProvider Clock, ILogger Log)
{
    /// <summary>Reads a wallet file that was replaced, and has the state remember its generation: an older one does not open after it.</summary>
    /// <returns>Whether it was replaced.</returns>
    /// <exception cref="KmsException">It cannot be read, or is older than one that was seen.</exception>
    public bool ReloadWallets()
    {
        if (!Wallets.ReloadIfReplaced())
        {
            return false;
        }

        Head?.Saw(Wallets.Generation);
        var generation = Wallets.Generation;
        Audit.AppendAsync(json =>
        {
            json.WriteString("decision", "wallets-reloaded");
            json.WriteNumber("generation", generation);
        }).GetAwaiter().GetResult(); // its mark holds the head: an older one with the older file does not open
        return true;
    }

    /// <summary>Says in the audit log which approvers file counts, when that has changed.</summary>
    /// <exception cref="KmsException">The audit log cannot be written.</exception>
    internal Task SayApproversAsync()
    {
        if (Approver?.Approvers is not { } approvers)
        {
            return Task.CompletedTask;
        }

        return approvers.SayAsync(file => Audit.AppendAsync(json =>
        {
            json.WriteString("decision", EvidenceRecord.InForceDecision);
            json.WriteString("approvers", file.Digest);
        }));
    }

    /// <summary>Opens private keys, which only a transaction that is about to be signed asks for; the wallet file unless another source is given.</summary>
    public ISigningKeys Keys { get; init; } = Wallets;

    /// <summary>The policy, or null when there is none.</summary>
    public PolicyGate? Policy { get; init; }

    /// <summary>The operator's stop switch, or null where there is none.</summary>
    public Freeze? Freeze { get; init; }

    /// <summary>When what may be out is sent again.</summary>
    public ResendPauses Pauses { get; init; } = new();

    /// <summary>Requests that could not be read in time.</summary>
    public SetAsideList Aside { get; init; } = new(null, TimeProvider.System);

    /// <summary>Reads what was signed once more, or null where the host gives no reader.</summary>
    internal SecondReading? SecondReading { get; init; }

    /// <summary>Looks for what is unusual, or null where the operator gave no rules.</summary>
    public AnomalyDesk? Anomalies { get; init; }

    /// <summary>Where alerts go, or null for the log alone.</summary>
    public AlertHook? Alerts { get; init; }

    /// <summary>Keeps what was asked for, or null where the operator does not want that.</summary>
    public RequestLog? Requests { get; init; }

    /// <summary>Nodes of the operator's own, or null for none.</summary>
    public SecondNodes? SecondNodes { get; init; }

    /// <summary>How far the state is, or null where the wallet file gives no key.</summary>
    public StateHead? Head { get; init; }

    /// <summary>What outlives a cycle.</summary>
    internal CycleMemory Memory { get; init; } = new();

    /// <summary>Where measurements go, or null for nowhere.</summary>
    public KmsMetrics? Metrics { get; init; }
}

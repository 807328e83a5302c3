using System.Runtime.InteropServices;

namespace KmsCloud.Cli;

/// <summary>
/// SIGINT and SIGTERM as "finish what you are doing" and, the second time, "now"; SIGHUP as "look again": for commands
/// that run long.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly PosixSignalRegistration[] registrations;

    internal StopSignals() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp),
    ];

    /// <summary>Released by SIGHUP.</summary>
    internal SemaphoreSlim Hurry { get; } = new(0);

    /// <summary>Set by the first signal.</summary>
    internal CancellationToken Token => stop.Token;

    /// <summary>Whether it was SIGINT, which ends with exit code 130.</summary>
    internal bool Interrupted { get; private set; }

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        stop.Dispose();
        Hurry.Dispose();
    }

    private void OnHangUp(PosixSignalContext context)
    {
        context.Cancel = true;
        Hurry.Release();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // who cannot wait sends it twice: the journal stands a kill at any instant
        context.Cancel = !stop.IsCancellationRequested;
        Interrupted |= context.Signal is PosixSignal.SIGINT;
        stop.Cancel();
    }
}

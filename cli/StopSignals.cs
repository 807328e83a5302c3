using System.Runtime.InteropServices;

namespace KmsCloud.Cli;

/// <summary>SIGINT and SIGTERM as "finish what you are doing": for commands that run long.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly PosixSignalRegistration[] registrations;

    internal StopSignals() => registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];

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
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Interrupted |= context.Signal is PosixSignal.SIGINT;
        stop.Cancel();
    }
}

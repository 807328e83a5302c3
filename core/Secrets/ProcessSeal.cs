using KmsCloud.Primitives.Native;

namespace KmsCloud.Secrets;

/// <summary>Closes a process that holds keys to its own user's other processes.</summary>
public static class ProcessSeal
{
    /// <summary>
    /// No debugger may attach and no core dump is written. The first thing every program of ours does.
    /// </summary>
    public static void Apply() => LibC.DenyDumps();
}

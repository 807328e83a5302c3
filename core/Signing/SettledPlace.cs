using System.Diagnostics.CodeAnalysis;

namespace KmsCloud.Signing;

/// <summary>What became of an entry, and where it is written.</summary>
internal readonly struct SettledPlace : IEquatable<SettledPlace>
{
    private const int StateBits = 3;
    private readonly ulong packed;

    internal SettledPlace(JournalState state, long position) =>
        packed = ((ulong)position << StateBits) | ((ulong)state + 1);

    private SettledPlace(ulong packed) => this.packed = packed;

    internal JournalState State => (JournalState)((packed & ((1 << StateBits) - 1)) - 1);

    internal long Position => (long)(packed >> StateBits);

    internal ulong Packed => packed;

    public static bool operator ==(SettledPlace left, SettledPlace right) => left.packed == right.packed;

    public static bool operator !=(SettledPlace left, SettledPlace right) => left.packed != right.packed;

    /// <summary>Reads <see cref="Packed"/>; null when it is none.</summary>
    internal static SettledPlace? Of(ulong packed) =>
        (packed & ((1 << StateBits) - 1)) is > 0 and <= (ulong)JournalState.Replaced + 1 ? new(packed) : null;

    public bool Equals(SettledPlace other) => packed == other.packed;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is SettledPlace other && Equals(other);

    public override int GetHashCode() => packed.GetHashCode();
}

using System.Runtime.InteropServices;
using KmsCloud.Primitives.Native;

namespace KmsCloud.Primitives;

/// <summary>Which native libraries are loaded.</summary>
public static class NativeVersions
{
    /// <summary>libsodium's own version text, such as 1.0.18.</summary>
    public static string Sodium { get; } = Marshal.PtrToStringUTF8(Native.Sodium.sodium_version_string()) ?? "unknown";

    /// <summary>libsecp256k1 has no version call; its soname is what we link to.</summary>
    public static string Secp256k1 => LibSecp256k1.Soname;
}

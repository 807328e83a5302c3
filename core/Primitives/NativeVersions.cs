using System.Runtime.InteropServices;

namespace KmsCloud.Primitives;

/// <summary>Which native libraries are loaded.</summary>
public static class NativeVersions
{
    /// <summary>libsodium's own version text, such as 1.0.18.</summary>
    public static string Sodium { get; } = Marshal.PtrToStringUTF8(Native.Sodium.sodium_version_string()) ?? "unknown";

    /// <summary>
    /// libsecp256k1 has no version call; this is the one whose file the package pins
    /// (docs/decisions/0007-native-libraries-from-nuget.md).
    /// </summary>
    public static string Secp256k1 => "0.7.1";
}

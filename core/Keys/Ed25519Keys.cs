using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>Ed25519 keys as <see cref="SoftwareKey"/>: the secret is the 32-byte seed of RFC 8032.</summary>
internal static class Ed25519Keys
{
    /// <summary>A random key from the system's generator.</summary>
    public static SoftwareKey Generate() => FromSeed(SecretBytes.Random(Ed25519.SeedSize));

    /// <summary>The key of a seed. Takes ownership of the secret.</summary>
    public static SoftwareKey FromSeed(SecretBytes seed) => new(seed, Ed25519.PublicKey(seed.Span));
}

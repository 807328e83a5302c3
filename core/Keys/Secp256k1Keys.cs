using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>secp256k1 keys as <see cref="SoftwareKey"/>.</summary>
internal static class Secp256k1Keys
{
    /// <summary>A random key from the system's generator.</summary>
    public static SoftwareKey Generate()
    {
        while (true)
        {
            var secret = SecretBytes.Random(Secp256k1.SecretKeySize);
            if (Secp256k1.IsSecretKey(secret.Span))
            {
                return FromSecret(secret);
            }

            secret.Dispose(); // zero or ≥ n: chance below 2^-127
        }
    }

    /// <summary>The key of 32 bytes. Takes ownership of the secret.</summary>
    /// <exception cref="KmsException">Refused: zero or not below the group order.</exception>
    public static SoftwareKey FromSecret(SecretBytes secret, bool compressed = true)
    {
        if (Secp256k1.IsSecretKey(secret.Span))
        {
            return new(secret, Secp256k1.PublicKey(secret.Span, compressed));
        }

        secret.Dispose();
        throw KmsException.Refused("the private key is zero or not below the group order");
    }
}

using System.Security.Cryptography;
using KmsCloud.Errors;

namespace KmsCloud.Evidence;

/// <summary>A security key of a person: the public half of a WebAuthn credential.</summary>
public sealed class Passkey
{
    /// <summary>Fewest bytes of a credential id.</summary>
    public const int ShortestCredential = 16;

    /// <summary>Most bytes of a credential id (WebAuthn level 2, section 4).</summary>
    public const int LongestCredential = 1023;

    private const int CoordinateSize = 32;

    // RFC 5480: id-ecPublicKey on prime256v1, and an uncompressed point
    private static readonly byte[] PointPrefix = Convert.FromHexString(
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private readonly ECParameters parameters;

    /// <summary>Takes a key.</summary>
    /// <param name="credential">Credential id.</param>
    /// <param name="publicKey">SubjectPublicKeyInfo of a P-256 key, DER.</param>
    /// <exception cref="KmsException">It is not the one encoding of a point of P-256.</exception>
    public Passkey(byte[] credential, byte[] publicKey)
    {
        Credential = Base64UrlText.Of(credential);
        PublicKey = publicKey;
        parameters = Read(publicKey);
    }

    /// <summary>Most bytes of the public key's encoding: there is one length.</summary>
    public static int PublicKeySize => PointPrefix.Length + (2 * CoordinateSize);

    /// <summary>Credential id, base64url.</summary>
    public string Credential { get; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Its model, as it said when it was enrolled.</summary>
    public required Guid Model { get; init; }

    /// <summary>The relying party it was enrolled for: a host name.</summary>
    public required string RelyingParty { get; init; }

    /// <summary>When it was enrolled.</summary>
    public required DateTimeOffset Added { get; init; }

    /// <summary>The encoding of a point of P-256 by its coordinates.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) => [.. PointPrefix, .. x, .. y];

    /// <summary>Whether a signature (r and s, 32 bytes each) over a message is this key's: ES256.</summary>
    internal bool Verifies(ReadOnlySpan<byte> message, ReadOnlySpan<byte> numbers)
    {
        using var key = ECDsa.Create(parameters);
        return key.VerifyData(
            message, numbers, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static ECParameters Read(byte[] encoded)
    {
        if (encoded.Length != PublicKeySize || !encoded.AsSpan().StartsWith(PointPrefix))
        {
            throw KmsException.Refused("a public key is not SubjectPublicKeyInfo of an uncompressed P-256 point");
        }

        var point = encoded.AsSpan(PointPrefix.Length);
        var read = new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = point[..CoordinateSize].ToArray(), Y = point[CoordinateSize..].ToArray() },
        };
        try
        {
            using var key = ECDsa.Create(read); // it looks whether the point lies on the curve
            return read;
        }
        catch (CryptographicException error)
        {
            throw new KmsException(Failure.Refused, "a public key is no point of P-256", cause: error);
        }
    }
}

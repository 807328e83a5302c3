using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Evidence;

/// <summary>
/// What a security key answers (WebAuthn level 2, AuthenticatorAssertionResponse), and whether it is a person's own
/// answer to one challenge. Needs
/// neither the network nor a library of the web.
/// </summary>
/// <param name="Credential">Credential id, base64url.</param>
/// <param name="AuthenticatorData">What the key says about itself and the page's owner.</param>
/// <param name="ClientData">What the browser says about the page, JSON.</param>
/// <param name="Signature">Over the authenticator data and the client data's SHA-256.</param>
public sealed record Assertion(string Credential, byte[] AuthenticatorData, byte[] ClientData, byte[] Signature)
{
    private const int HashSize = 32;
    private const int FlagsAt = HashSize;
    private const int CounterAt = FlagsAt + 1;
    private const int DataSize = CounterAt + 4; // without extensions, which are not asked for
    private const int LongestClientData = 4096;

    // WebAuthn level 3, section 6.1: flags
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;
    private const byte BackupEligible = 0x08;
    private const byte BackedUp = 0x10;

    /// <summary>How often the key has signed, as it says; many keys always say 0.</summary>
    public uint Counter =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(AuthenticatorData.AsSpan(CounterAt, 4));

    internal static Assertion Read(StrictObject json) => new(
        Base64UrlText.Of(Base64UrlText.Read(json, "credential", Passkey.ShortestCredential, Passkey.LongestCredential)),
        Base64UrlText.Read(json, "authenticatorData", DataSize, DataSize),
        Base64UrlText.Read(json, "clientDataJSON", 2, LongestClientData),
        Base64UrlText.Read(json, "signature", 8, EcdsaSignature.Longest));

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("credential", Credential);
        json.WriteString("authenticatorData", Base64UrlText.Of(AuthenticatorData));
        json.WriteString("clientDataJSON", Base64UrlText.Of(ClientData));
        json.WriteString("signature", Base64UrlText.Of(Signature));
    }

    /// <summary>Why it is not this key's answer to a challenge; null when it is.</summary>
    /// <param name="key">The key.</param>
    /// <param name="approvers">Origins, and whether synced keys are taken.</param>
    /// <param name="challenge">What had to be signed.</param>
    internal string? Problem(Passkey key, Approvers approvers, ReadOnlySpan<byte> challenge)
    {
        if (AuthenticatorData.Length != DataSize)
        {
            return "its data has another length";
        }

        if (!CryptographicOperations.FixedTimeEquals(
            AuthenticatorData.AsSpan(0, HashSize), SHA256.HashData(Encoding.UTF8.GetBytes(key.RelyingParty))))
        {
            return $"it is for another relying party than {key.RelyingParty}";
        }

        return FlagProblem(AuthenticatorData[FlagsAt], approvers.AllowsSynced)
            ?? ClientProblem(approvers.Origins, challenge)
            ?? SignatureProblem(key);
    }

    private static string? FlagProblem(byte flags, bool allowsSynced)
    {
        if ((flags & (UserPresent | UserVerified)) != (UserPresent | UserVerified))
        {
            return "the key did not verify its user";
        }

        if ((flags & ~(UserPresent | UserVerified | BackupEligible | BackedUp)) != 0)
        {
            return "it has a flag that none of its kind has";
        }

        if ((flags & (BackupEligible | BackedUp)) == BackedUp)
        {
            return "it says that a key is copied which cannot be";
        }

        return (flags & BackupEligible) != 0 && !allowsSynced
            ? "it is of a synced key, which can be on other devices too"
            : null;
    }

    /// <summary>
    /// Browsers add members of their own, at random even, so others than these are let through (WebAuthn, section
    /// 5.8.1.2).
    /// </summary>
    private string? ClientProblem(IReadOnlySet<string> origins, ReadOnlySpan<byte> challenge)
    {
        try
        {
            var json = new StrictObject(StrictJson.Parse(ClientData, "the client data"), "the client data");
            if (json.String("type") != "webauthn.get")
            {
                return "it is no answer to a question, but of another ceremony";
            }

            if (!IsSame(json.String("challenge"), challenge))
            {
                return "it answers another question";
            }

            if (!origins.Contains(json.String("origin")))
            {
                return "it was given on a page of another origin";
            }

            return json.OptionalBool("crossOrigin") is true || json.Has("topOrigin")
                ? "it was given in a page inside another one"
                : null;
        }
        catch (KmsException error)
        {
            return error.Message;
        }
    }

    private static bool IsSame(string text, ReadOnlySpan<byte> challenge) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(Base64Url.EncodeToString(challenge)));

    private string? SignatureProblem(Passkey key)
    {
        Span<byte> numbers = stackalloc byte[64];
        if (!EcdsaSignature.TryRead(Signature, numbers))
        {
            return "its signature is not written in DER";
        }

        byte[] message = [.. AuthenticatorData, .. SHA256.HashData(ClientData)];
        return key.Verifies(message, numbers) ? null : "its signature is not the key's";
    }
}

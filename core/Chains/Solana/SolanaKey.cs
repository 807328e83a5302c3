using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Chains.Solana;

/// <summary>Solana's secrets: seed and public key, 64 bytes, in Base58 or as 128 hexadecimal digits.</summary>
internal sealed class SolanaKey : IKeyText
{
    private const int Size = 64;

    /// <inheritdoc/>
    public SoftwareKey Parse(ReadOnlySpan<byte> text, Network network)
    {
        using var data = text.Length == 2 * Size
            ? SecretHex.Read(text, Size, "the private key")
            : SecretText.TryDecode(text, characters => Base58.TryDecode(characters));
        return data is { Length: Size }
            ? FromBytes(data.Span, "the private key")
            : throw KmsException.Refused("the private key is neither Base58 of 64 bytes nor 128 hexadecimal digits", "check for a missing or mistyped character");
    }

    /// <summary>
    /// The key of 64 bytes, whose halves must belong together: signing with a foreign public half would give the key
    /// away.
    /// </summary>
    public static SoftwareKey FromBytes(ReadOnlySpan<byte> data, string what)
    {
        var key = Ed25519Keys.FromSeed(SecretBytes.Copy(data[..32]));
        if (key.PublicKey.Bytes.SequenceEqual(data[32..]))
        {
            return key;
        }

        key.Dispose();
        throw KmsException.Refused($"the public half of {what} does not belong to its other half");
    }

    /// <inheritdoc/>
    public SecretBytes Format(SoftwareKey key, Network network)
    {
        using var data = new SecretBytes(Size);
        key.Export.Span.CopyTo(data.Span);
        key.PublicKey.Bytes.CopyTo(data.Span[32..]);
        Span<byte> text = stackalloc byte[Base58.MaxText(Size)];
        var length = Base58.Encode(data.Span, text);
        return SecretBytes.Take(text[..length]);
    }
}

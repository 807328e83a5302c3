using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Chains.Algorand;

/// <summary>
/// Algorand's keys and addresses: Base32 of seed and public key, 25 words, Base32 of public key and checksum.
/// </summary>
internal sealed class AlgorandKey : IKeyText
{
    private const int WordCount = 25;

    /// <summary>The address of a public key: its last four bytes are the end of the key's SHA-512/256.</summary>
    public static string Address(ReadOnlySpan<byte> publicKey) => Base32.Encode([.. publicKey, .. Checksum(publicKey)]);

    /// <summary>The four bytes of checksum in an address.</summary>
    public static byte[] Checksum(ReadOnlySpan<byte> publicKey) => Sha512Truncated.Hash(publicKey)[^4..];

    /// <inheritdoc/>
    public SoftwareKey Parse(ReadOnlySpan<byte> text, Network network)
    {
        if (text.Contains((byte)' '))
        {
            throw KmsException.Refused(
                "these are words, not a secret",
                "store an Algorand wallet's 25 words with: kms storemanagedwallet ALGO");
        }

        using var data = SecretText.TryDecode(text, Base32.TryDecode);
        if (data is not { Length: 64 })
        {
            throw KmsException.Refused(
                "the secret is no Algorand secret of 103 Base32 characters",
                "check for a missing or mistyped character");
        }

        var key = Ed25519Keys.FromSeed(SecretBytes.Copy(data.Span[..32]));
        if (key.PublicKey.Bytes.SequenceEqual(data.Span[32..]))
        {
            return key;
        }

        key.Dispose(); // signing with a foreign public half would give the key away
        throw KmsException.Refused("the public half of the secret does not belong to its other half");
    }

    /// <inheritdoc/>
    public SecretBytes Format(SoftwareKey key, Network network)
    {
        using var data = new SecretBytes(64);
        key.Export.Span.CopyTo(data.Span);
        key.PublicKey.Bytes.CopyTo(data.Span[32..]);
        var text = new SecretBytes(103);
        Base32.Encode(data.Span, text.Span);
        return text;
    }

    /// <summary>
    /// The key of 25 words: the seed cut into numbers of 11 bits, least significant first, and a checksum word made of
    /// the first bits of the seed's SHA-512/256. Takes no ownership.
    /// </summary>
    public static SoftwareKey FromWords(SecretBytes typed)
    {
        using var words = Mnemonic.Normalize(SecretBytes.Copy(typed.Span));
        using var seed = new SecretBytes(34);
        var (count, checkWord) = (0, 0);
        foreach (var range in words.Span.Split((byte)' '))
        {
            var number = count < WordCount ? Mnemonic.Number(words.Span[range], count + 1) : 0;
            if (count == WordCount - 1)
            {
                checkWord = number;
            }
            else if (count < WordCount - 1)
            {
                for (var bit = 0; bit < 11; bit++)
                {
                    var at = (count * 11) + bit;
                    seed.Span[at / 8] |= (byte)(((number >> bit) & 1) << (at % 8));
                }
            }

            count++;
        }

        if (count != WordCount)
        {
            throw KmsException.Refused($"an Algorand wallet has {WordCount} words, this one {count}");
        }

        var hash = Sha512Truncated.Hash(seed.Span[..32]);
        var isRight = checkWord == (hash[0] | ((hash[1] & 7) << 8)) && seed.Span[32] == 0;
        CryptographicOperations.ZeroMemory(hash);
        return isRight
            ? Ed25519Keys.FromSeed(SecretBytes.Copy(seed.Span[..32]))
            : throw KmsException.Refused("the checksum of the 25 words is wrong", "check the words and their order");
    }
}

using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>BIP-39 mnemonics of the English list: 12 to 24 words, checksum enforced, as UTF-8 secrets.</summary>
public static class Mnemonic
{
    private const int SeedIterations = 2048;
    private const int LongestWord = 8;

    /// <summary>The 2,048 words of the English list, in order.</summary>
    public static IReadOnlyList<string> Words { get; } = ReadWords();

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Numbers =
        Words.Select((word, number) => KeyValuePair.Create(word, number)).ToFrozenDictionary(StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A new mnemonic of 24 words: 256 bits from the system's generator.</summary>
    public static SecretBytes Generate()
    {
        using var entropy = SecretBytes.Random(32);
        return FromEntropy(entropy.Span);
    }

    /// <summary>The mnemonic of 16, 20, 24, 28 or 32 bytes of entropy (BIP-39, "Generating the mnemonic").</summary>
    public static SecretBytes FromEntropy(ReadOnlySpan<byte> entropy)
    {
        if (entropy.Length is < 16 or > 32 || entropy.Length % 4 != 0)
        {
            throw KmsException.Refused("a mnemonic is made of 16, 20, 24, 28 or 32 bytes of entropy");
        }

        Span<byte> bits = stackalloc byte[33];
        entropy.CopyTo(bits);
        bits[entropy.Length] = Checksum(entropy);
        Span<byte> text = stackalloc byte[24 * (LongestWord + 1)];
        var length = 0;
        for (var i = 0; i < entropy.Length * 3 / 4; i++)
        {
            length += i > 0 ? Append(text[length..], " ") : 0;
            length += Append(text[length..], Words[ElevenBits(bits, i)]);
        }

        CryptographicOperations.ZeroMemory(bits);
        return SecretBytes.Take(text[..length]);
    }

    /// <summary>The entropy of a mnemonic.</summary>
    /// <exception cref="KmsException">
    /// Refused: number of words, a word not on the list (named by its place only), or the checksum.
    /// </exception>
    public static SecretBytes ToEntropy(ReadOnlySpan<byte> mnemonic)
    {
        Span<byte> bits = stackalloc byte[33];
        bits.Clear();
        try
        {
            var count = 0;
            foreach (var range in mnemonic.Split((byte)' '))
            {
                var utf8 = mnemonic[range];
                if (count == 24)
                {
                    throw KmsException.Refused("a mnemonic has at most 24 words");
                }

                var number = Number(utf8, count + 1);
                for (var bit = 0; bit < 11; bit++)
                {
                    var at = (count * 11) + bit;
                    bits[at / 8] |= (byte)(((number >> (10 - bit)) & 1) << (7 - (at % 8)));
                }

                count++;
            }

            if (count is not (12 or 15 or 18 or 21 or 24))
            {
                throw KmsException.Refused($"a mnemonic has 12, 15, 18, 21 or 24 words, this one {count}");
            }

            var size = count * 4 / 3;
            var mask = unchecked((byte)(0xff << (8 - (size / 4))));
            if ((bits[size] & mask) != (Checksum(bits[..size]) & mask))
            {
                throw KmsException.Refused("the mnemonic's checksum is wrong", "check the words and their order");
            }

            return SecretBytes.Copy(bits[..size]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bits);
        }
    }

    /// <summary>The number 0..2047 of a word.</summary>
    /// <param name="utf8">The word.</param>
    /// <param name="place">Its place in the mnemonic, counted from one: all that a message tells of it.</param>
    /// <exception cref="KmsException">It is not on the list.</exception>
    public static int Number(ReadOnlySpan<byte> utf8, int place)
    {
        Span<char> word = stackalloc char[LongestWord];
        var found = utf8.Length <= LongestWord && Ascii.IsValid(utf8);
        var number = 0;
        if (found)
        {
            found = Numbers.TryGetValue(word[..Encoding.ASCII.GetChars(utf8, word)], out number);
            word.Clear();
        }

        return found
            ? number
            : throw KmsException.Refused($"word {place} of the mnemonic is not on the English BIP-39 list", "check the spelling of that word");
    }

    /// <summary>
    /// The words as BIP-39 hashes them: lower case, one space between. What people type may have other white space and
    /// capitals; NFKD changes nothing else, since the English list is ASCII and anything else is refused by the list.
    /// Takes ownership of the secret.
    /// </summary>
    public static SecretBytes Normalize(SecretBytes typed)
    {
        using (typed)
        {
            var text = typed.Span;
            var length = 0;
            for (var i = 0; i < text.Length; i++)
            {
                var character = text[i] is (byte)'\t' or (byte)'\n' or (byte)'\r' ? (byte)' ' : text[i];
                if (character != ' ' || (length > 0 && text[length - 1] != ' '))
                {
                    text[length++] = character is >= (byte)'A' and <= (byte)'Z' ? (byte)(character | 0x20) : character;
                }
            }

            return SecretBytes.Copy(text[..length].TrimEnd((byte)' '));
        }
    }

    /// <summary>
    /// The words of what somebody typed, normalised, after their checksum was verified. Takes ownership of the secret.
    /// </summary>
    /// <exception cref="KmsException">Refused, as <see cref="ToEntropy"/> does.</exception>
    public static SecretBytes Checked(SecretBytes typed)
    {
        var words = Normalize(typed);
        try
        {
            ToEntropy(words.Span).Dispose();
            return words;
        }
        catch
        {
            words.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The 64-byte BIP-39 seed, PBKDF2-HMAC-SHA512. The checksum is not looked at: old wallet files hold mnemonics that
    /// have none.
    /// </summary>
    /// <param name="mnemonic">The words, UTF-8.</param>
    /// <param name="passphrase">Empty in this product; the standard's vectors use one.</param>
    public static SecretBytes ToSeed(ReadOnlySpan<byte> mnemonic, string passphrase = "")
    {
        if (!System.Text.Ascii.IsValid(mnemonic))
        {
            throw KmsException.Refused(
                "the mnemonic has characters outside ASCII, so it is not of the English BIP-39 list");
        }

        var seed = new SecretBytes(64);
        Rfc2898DeriveBytes.Pbkdf2(
            mnemonic,
            Encoding.UTF8.GetBytes("mnemonic" + passphrase),
            seed.Span,
            SeedIterations,
            HashAlgorithmName.SHA512);
        return seed;
    }

    private static byte Checksum(ReadOnlySpan<byte> entropy)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(entropy, hash);
        var checksum = hash[0];
        CryptographicOperations.ZeroMemory(hash);
        return checksum;
    }

    private static int ElevenBits(ReadOnlySpan<byte> bits, int word)
    {
        var number = 0;
        for (var at = word * 11; at < (word + 1) * 11; at++)
        {
            number = (number << 1) | ((bits[at / 8] >> (7 - (at % 8))) & 1);
        }

        return number;
    }

    private static int Append(Span<byte> text, string ascii) => Encoding.ASCII.GetBytes(ascii, text);

    private static string[] ReadWords()
    {
        using var stream = typeof(Mnemonic).Assembly.GetManifestResourceStream("words.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

using System.Text;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>A decoder of one of our codecs: null when the text is not of its form.</summary>
internal delegate byte[]? TextDecoder(ReadOnlySpan<char> text);

/// <summary>Secrets in Base58 or Base32 text, without a string and with every buffer wiped.</summary>
internal static class SecretText
{
    /// <summary>
    /// The bytes of secret ASCII text, or null when the decoder says no or the text is longer than any key.
    /// </summary>
    public static SecretBytes? TryDecode(ReadOnlySpan<byte> ascii, TextDecoder decode)
    {
        Span<char> characters = stackalloc char[128];
        if (ascii.Length > characters.Length || !Ascii.IsValid(ascii))
        {
            return null;
        }

        characters = characters[..Encoding.ASCII.GetChars(ascii, characters)];
        var bytes = decode(characters);
        characters.Clear();
        return bytes is null ? null : SecretBytes.Take(bytes);
    }
}

namespace KmsCloud.Readers;

/// <summary>The 20 bytes in a cashaddr text (CashAddr specification of Bitcoin Cash), read apart from our codec: five bits a letter, without its checksum.</summary>
internal static class CashAddress
{
    private const string Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumLetters = 8;
    private const int HashSize = 20;

    /// <summary>The hash as lower-case hex, or the text itself when it is none.</summary>
    internal static string PayloadOf(string text)
    {
        var letters = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
        if (letters.Length <= ChecksumLetters || letters.Any(letter => !Letters.Contains(letter)))
        {
            return text;
        }

        var (bits, held, bytes) = (0, 0, new List<byte>());
        foreach (var letter in letters[..^ChecksumLetters])
        {
            (bits, held) = ((bits << 5) | Letters.IndexOf(letter), held + 5);
            if (held >= 8)
            {
                held -= 8;
                bytes.Add((byte)(bits >> held));
                bits &= (1 << held) - 1;
            }
        }

        return bytes.Count == HashSize + 1 ? Convert.ToHexStringLower(bytes.ToArray().AsSpan(1)) : text; // behind the version byte
    }
}

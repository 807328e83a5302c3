using System.Globalization;
using KmsCloud.Errors;

namespace KmsCloud.Codecs;

/// <summary>Hexadecimal text from outside.</summary>
public static class Hex
{
    /// <summary>Bytes of hex text, either letter case, even length; <paramref name="size"/> bytes when given.</summary>
    /// <exception cref="KmsException">
    /// Not hex, half a byte, or another length; the message names <paramref name="what"/>.
    /// </exception>
    public static byte[] Read(ReadOnlySpan<char> text, string what, int? size = null)
    {
        var bytes = new byte[text.Length / 2];
        if (text.Length % 2 != 0 || System.Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            throw KmsException.Refused($"{what} is not hexadecimal");
        }

        return size is null || bytes.Length == size
            ? bytes
            : throw KmsException.Refused(string.Create(CultureInfo.InvariantCulture, $"{what} has {bytes.Length} bytes instead of {size}"));
    }

    /// <summary>The same for text that may start with 0x.</summary>
    public static byte[] Read0x(ReadOnlySpan<char> text, string what, int? size = null) =>
        Read(text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text, what, size);

    /// <summary>Lower-case hex.</summary>
    public static string Lower(ReadOnlySpan<byte> bytes) => System.Convert.ToHexStringLower(bytes);

    /// <summary>Lower-case hex behind 0x.</summary>
    public static string Lower0x(ReadOnlySpan<byte> bytes) => "0x" + System.Convert.ToHexStringLower(bytes);
}

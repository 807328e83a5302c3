using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Evidence;

/// <summary>
/// Bytes as base64url without padding (RFC 4648, section 5), in the one spelling that encoding gives.
/// </summary>
internal static class Base64UrlText
{
    /// <summary>Bytes of a text member of an object.</summary>
    /// <exception cref="KmsException">It is no such text, has another spelling, or holds more bytes than it
    /// may.</exception>
    internal static byte[] Read(StrictObject json, string name, int least, int most)
    {
        var text = json.String(name);
        if (text.Length > Base64Url.GetEncodedLength(most) || !TryRead(text, out var bytes) || bytes.Length < least)
        {
            throw json.Bad(
                name, string.Create(CultureInfo.InvariantCulture, $"is not base64url of {least} to {most} bytes"));
        }

        return bytes;
    }

    /// <summary>The text.</summary>
    internal static string Of(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private static bool TryRead(string text, out byte[] bytes)
    {
        bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        var status = Base64Url.DecodeFromChars(text, bytes, out _, out var written); // TryDecodeFromChars throws
        if (status is not OperationStatus.Done)
        {
            return false;
        }

        Array.Resize(ref bytes, written);
        return Of(bytes) == text; // neither padding, nor blanks, nor bits that are left over
    }
}

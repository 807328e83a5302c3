using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.State;

namespace KmsCloud.Audit;

/// <summary>
/// <c>audit.head</c>: number and hash of the last line of the audit log under the log's MAC, so that a log that was cut
/// at its
/// end is noticed. Records of 256 bytes are written to all places there are, each first in turn.
/// </summary>
public sealed class AuditHead(IRecordPlaces places) : IDisposable
{
    /// <summary>The record's name in a state folder.</summary>
    public const string RecordName = "audit.head";

    private const int Size = 256;
    private (long Number, byte[] Last)? known;
    private bool read;
    private int next;

    /// <summary>Opens or makes the head of the log in a local state folder.</summary>
    /// <exception cref="KmsException">It cannot be opened.</exception>
    public static AuditHead Open(string folder) => new(FileRecordPlaces.Open(Path.Combine(folder, RecordName)));

    /// <summary>Opens the head to look at it.</summary>
    public static AuditHead OpenForReading(string folder) =>
        new(FileRecordPlaces.OpenForReading(Path.Combine(folder, RecordName)));

    /// <summary>Number and hash of the last line, or null when no place holds a valid record.</summary>
    public (long Number, byte[] Last)? Read(SecretBytes? key)
    {
        for (var place = 0; !read && place < places.Count; place++)
        {
            if (ReadPlace(place, key) is { } record && (known is null || record.Number > known.Value.Number))
            {
                (known, next) = (record, (place + 1) % places.Count);
            }
        }

        read = true;
        return known;
    }

    /// <summary>Records a new last line, durably.</summary>
    /// <exception cref="KmsException">It could not be written.</exception>
    public void Write(long number, ReadOnlySpan<byte> last, SecretBytes? key)
    {
        var body = Encoding.ASCII.GetBytes($$"""{"head":{{number}},"last":"{{Hex.Lower(last)}}","mac":"{{Mac(number, Hex.Lower(last), key)}}"}""".PadRight(Size - 1) + "\n");
        places.WriteAll(next, body, flush: true);
        (known, read, next) = ((number, last.ToArray()), true, (next + 1) % places.Count);
    }

    /// <inheritdoc/>
    public void Dispose() => places.Dispose();

    private static string Mac(long number, string last, SecretBytes? key) => key is null
        ? ""
        : Hex.Lower(HMACSHA256.HashData(key.Span, Encoding.ASCII.GetBytes($"kmscloud audit head {number} {last}")));

    private (long Number, byte[] Last)? ReadPlace(int place, SecretBytes? key)
    {
        if (places.Read(place) is not { Length: Size } bytes || !StrictJson.TryParse(Encoding.Latin1.GetString(bytes), out var parsed) || parsed is not { ValueKind: JsonValueKind.Object } json)
        {
            return null;
        }

        try
        {
            var record = new StrictObject(json, RecordName);
            var (number, last, mac) = (record.Integer("head", 0, long.MaxValue), record.String("last"), record.String("mac"));
            return last.Length == 64 && last.All(char.IsAsciiHexDigitLower) && (key is null || mac == Mac(number, last, key)) ? (number, Convert.FromHexString(last)) : null;
        }
        catch (KmsException)
        {
            return null;
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives.Native;
using KmsCloud.Secrets;
using KmsCloud.Wallets;
using Microsoft.Win32.SafeHandles;

namespace KmsCloud.Audit;

/// <summary>
/// <c>audit.head</c>: number and hash of the last line of the audit log under the log's MAC, so that a log that was cut at its
/// end is noticed. Two places of 256 bytes are written in turn, each flushed: a torn write leaves the other one.
/// </summary>
public sealed class AuditHead : IDisposable
{
    private const int Place = 256;
    private readonly SafeFileHandle? handle; // null: looked at, and not there
    private readonly string path;
    private (long Number, byte[] Last)? known;
    private bool read;
    private int next;

    private AuditHead(string path, SafeFileHandle? handle) => (this.path, this.handle) = (path, handle);

    /// <summary>Opens or makes the head of the log in a state folder.</summary>
    /// <exception cref="KmsException">It cannot be opened.</exception>
    public static AuditHead Open(string folder)
    {
        var path = PathIn(folder);
        try
        {
            AtomicFile.CreateFolder(folder);
            if (!File.Exists(path))
            {
                AtomicFile.CreateNew(path).Dispose();
                LibC.FlushDirectory(folder);
            }

            return new(path, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.WalletFile, $"'{path}' cannot be opened: {AtomicFile.Why(error)}", "check the state folder", error);
        }
    }

    /// <summary>Opens the head to look at it.</summary>
    public static AuditHead OpenForReading(string folder) =>
        new(PathIn(folder), File.Exists(PathIn(folder)) ? File.OpenHandle(PathIn(folder), FileMode.Open, FileAccess.Read, FileShare.ReadWrite) : null);

    /// <summary>Number and hash of the last line, or null when no place holds a valid record.</summary>
    public (long Number, byte[] Last)? Read(SecretBytes? key)
    {
        if (!read && handle is not null)
        {
            var places = new[] { ReadPlace(0, key), ReadPlace(1, key) };
            known = places.Max(place => place?.Number) is { } newest ? places.First(place => place?.Number == newest) : null;
            next = known is { } end && places[0]?.Number == end.Number ? 1 : 0;
        }

        read = true;
        return known;
    }

    /// <summary>Records a new last line, durably.</summary>
    /// <exception cref="KmsException">It could not be written.</exception>
    public void Write(long number, ReadOnlySpan<byte> last, SecretBytes? key)
    {
        var body = Encoding.ASCII.GetBytes($$"""{"head":{{number}},"last":"{{Hex.Lower(last)}}","mac":"{{Mac(number, Hex.Lower(last), key)}}"}""".PadRight(Place - 1) + "\n");
        try
        {
            RandomAccess.Write(handle!, body, (long)next * Place);
            LibC.Flush(handle!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.WalletFile, $"'{path}' could not be written: {AtomicFile.Why(error)}", "nothing is signed until it can be; make room on the disk", error);
        }

        (known, read, next) = ((number, last.ToArray()), true, 1 - next);
    }

    /// <inheritdoc/>
    public void Dispose() => handle?.Dispose();

    private static string PathIn(string folder) => Path.Combine(folder, "audit.head");

    private static string Mac(long number, string last, SecretBytes? key) => key is null
        ? ""
        : Hex.Lower(HMACSHA256.HashData(key.Span, Encoding.ASCII.GetBytes($"kmscloud audit head {number} {last}")));

    private (long Number, byte[] Last)? ReadPlace(int place, SecretBytes? key)
    {
        var bytes = new byte[Place];
        if (RandomAccess.Read(handle!, bytes, (long)place * Place) != Place
            || !StrictJson.TryParse(Encoding.Latin1.GetString(bytes), out var parsed) || parsed is not { ValueKind: JsonValueKind.Object } json)
        {
            return null;
        }

        try
        {
            var record = new StrictObject(json, "audit.head");
            var (number, last, mac) = (record.Integer("head", 0, long.MaxValue), record.String("last"), record.String("mac"));
            return last.Length == 64 && last.All(char.IsAsciiHexDigitLower) && (key is null || mac == Mac(number, last, key)) ? (number, Convert.FromHexString(last)) : null;
        }
        catch (KmsException)
        {
            return null;
        }
    }
}

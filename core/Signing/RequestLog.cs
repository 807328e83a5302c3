using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Audit;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>A request that was kept, as the gateway wrote it.</summary>
/// <param name="Time">When it was signed.</param>
/// <param name="Id">The pending id.</param>
/// <param name="Chain">Chain code.</param>
/// <param name="Digest">SHA-256 over its canonical bytes (docs/four-eye.md), lower-case hex: the audit log's
/// <c>request</c>.</param>
/// <param name="Request">The pending object.</param>
/// <param name="IsProved">Whether its MAC fits; false for a line that somebody changed.</param>
public sealed record KeptRequest(
    DateTimeOffset Time, string Id, string Chain, string Digest, JsonElement Request, bool IsProved);

/// <summary>
/// What was asked for, of everything that is signed: nobody else keeps it, the gateway forgets. Files
/// <c>requests/000001.jsonl</c> … in the state
/// folder, each line with a MAC of its own; the oldest file goes when all together are above a bound.
/// </summary>
public sealed class RequestLog : IDisposable
{
    /// <summary>HKDF purpose of the MAC key.</summary>
    public static ReadOnlySpan<byte> KeyPurpose => "kmscloud requests mac v1"u8;

    /// <summary>The folder's name in the state folder.</summary>
    public const string FolderName = "requests";

    private const int Files = 16; // so many hold what is kept: the oldest is dropped whole
    private const int NameDigits = 6;
    private const int LastNumber = 999_999;
    private static readonly KeptRequest Unreadable = new(default, "(unreadable)", "", "", default, false);
    private readonly string folder;
    private readonly SecretBytes key;
    private readonly TimeProvider clock;
    private readonly long mostOfFile;
    private readonly GroupCommit<byte[]> commits;
    private FileAppendLog current;
    private int number;

    private RequestLog(string folder, SecretBytes key, TimeProvider clock, long most)
    {
        this.folder = folder;
        this.key = key;
        this.clock = clock;
        mostOfFile = Math.Max(1, most / Files);
        commits = new(WriteAsync);
        number = Numbers(folder) is [.., var last] ? last : 1;
        current = FileAppendLog.Open(PathOf(number));
    }

    /// <summary>Opens or makes the folder. Takes ownership of the key.</summary>
    /// <param name="state">The state folder.</param>
    /// <param name="key">MAC key.</param>
    /// <param name="clock">The time.</param>
    /// <param name="most">Bytes of all files together, about.</param>
    /// <exception cref="KmsException">It cannot be opened.</exception>
    public static RequestLog Open(string state, SecretBytes key, TimeProvider clock, long most)
    {
        var folder = Path.Combine(state, FolderName);
        try
        {
            RequireOurs(folder);
            return new(folder, key, clock, most);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Keeps a request. When the task ends it is on disk.</summary>
    /// <param name="id">The pending id.</param>
    /// <param name="chain">Chain code.</param>
    /// <param name="digest">SHA-256 over its canonical bytes, lower-case hex.</param>
    /// <param name="request">The pending object.</param>
    /// <exception cref="KmsException">It could not be written: nothing may be signed.</exception>
    public Task KeepAsync(string id, string chain, string digest, JsonElement request) => commits.AddAsync(CompactJson.Utf8(json =>
    {
        json.WriteStartObject();
        json.WriteString("time", clock.GetUtcNow());
        json.WriteString("id", id);
        json.WriteString("chain", chain);
        json.WriteString("digest", digest);
        json.WritePropertyName("request");
        request.WriteTo(json);
        json.WriteEndObject();
    }));

    /// <summary>What is kept, the oldest first.</summary>
    /// <param name="state">The state folder.</param>
    /// <param name="key">MAC key, or null: then nothing is proved. The caller's.</param>
    public static IEnumerable<KeptRequest> Read(string state, SecretBytes? key)
    {
        var folder = Path.Combine(state, FolderName);
        foreach (var number in Numbers(folder))
        {
            using var log = FileAppendLog.OpenForReading(PathOf(folder, number));
            foreach (var (_, line) in log.ReadLines())
            {
                yield return ReadLine(line, key) ?? Unreadable;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        current.Dispose();
        key.Dispose();
    }

    private static KeptRequest? ReadLine(ReadOnlyMemory<byte> line, SecretBytes? key)
    {
        if (!StrictJson.TryParse(Encoding.UTF8.GetString(line.Span), out var parsed) || parsed is not { ValueKind: JsonValueKind.Object } element)
        {
            return null;
        }

        try
        {
            var json = new StrictObject(element, "the request's line");
            var isTime = DateTimeOffset.TryParse(json.String("time"), CultureInfo.InvariantCulture, out var time);
            var (id, chain, digest, request) = (json.String("id"), json.String("chain"), json.String("digest"), json.Required("request"));
            var isProved = isTime && digest == Hex.Lower(SHA256.HashData(CanonicalJson.Bytes(request)))
                && key is not null && AuditLog.HasMac(line.Span, key);
            return new(time, id, chain, digest, request, isProved);
        }
        catch (KmsException)
        {
            return null;
        }
    }

    private async Task<long[]> WriteAsync(IReadOnlyList<byte[]> lines)
    {
        if (current.Length >= mostOfFile)
        {
            Roll();
        }

        var sealedLines = new ReadOnlyMemory<byte>[lines.Count];
        for (var at = 0; at < sealedLines.Length; at++)
        {
            var unsigned = lines[at].AsSpan(0, lines[at].Length - 1);
            sealedLines[at] = (byte[])[.. unsigned, .. AuditLog.MacMember(key, unsigned)];
        }

        return await current.AppendAsync(sealedLines);
    }

    /// <summary>
    /// Refuses a link in the folder's place: files of a folder elsewhere would be added to and deleted.
    /// </summary>
    private static void RequireOurs(string folder)
    {
        try
        {
            StateFile.RequireNoLink(folder);
        }
        catch (LinkedFileException error)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{folder}' cannot be used: {error.Message}",
                "take the link away",
                error);
        }
    }

    private void Roll()
    {
        RequireOurs(folder);
        if (number == LastNumber)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{folder}' has a file {number}, behind which no other has a name",
                "move the folder away; a new one begins at 1");
        }

        var next = FileAppendLog.Open(PathOf(number + 1));
        current.Dispose();
        (current, number) = (next, number + 1);
        try
        {
            foreach (var old in Numbers(folder).Where(file => file <= number - Files).ToList())
            {
                File.Delete(PathOf(old));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"an old file of '{folder}' cannot be deleted: {AtomicFile.Why(error)}",
                "check the state folder",
                error);
        }
    }

    private string PathOf(int file) => PathOf(folder, file);

    private static string PathOf(string folder, int file) =>
        Path.Combine(folder, file.ToString($"D{NameDigits}", CultureInfo.InvariantCulture) + ".jsonl");

    private static List<int> Numbers(string folder)
    {
        var numbers = new List<int>();
        if (Directory.Exists(folder))
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*.jsonl"))
            {
                var name = Path.GetFileNameWithoutExtension(path);
                if (name.Length == NameDigits && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    numbers.Add(number);
                }
            }
        }

        numbers.Sort();
        return numbers;
    }
}

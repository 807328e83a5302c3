using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// <c>freezes.jsonl</c>: what operators froze and thawed and the audit log does not have yet. They need no password, so
/// the daemon, which has the log's key, takes the lines over when it next runs.
/// </summary>
/// <param name="folder">The state folder.</param>
public sealed class FreezeHistory(string folder)
{
    private const string Unreadable = "unreadable";
    private const int LargestFile = 1024 * 1024;
    private const int LongestName = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly string path = Path.Combine(folder, "freezes.jsonl");

    /// <summary>Adds a line, durably.</summary>
    /// <exception cref="KmsException">It could not be written.</exception>
    public void Add(string decision, string by, string? reason, DateTimeOffset now)
    {
        using var held = Lock();
        try
        {
            using var stream = StateFile.OpenAtEnd(path);
            stream.Write(Encoding.UTF8.GetBytes(CompactJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteString("decision", decision);
                json.WriteString("operator", by);
                json.WriteString("asked", now);
                if (reason is not null)
                {
                    json.WriteString("reason", reason);
                }

                json.WriteEndObject();
            }) + "\n"));
            AtomicFile.Flush(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{path}' could not be written, so the audit log will not name you: {AtomicFile.Why(error)}",
                "check the state folder",
                error);
        }
    }

    /// <summary>
    /// Hands every line to the audit log and then drops them. After a crash in between they are handed over once more.
    /// </summary>
    /// <returns>The last decision, or null when there was none.</returns>
    /// <exception cref="KmsException">The audit log could not be written; the lines stay.</exception>
    internal async Task<string?> DrainAsync(Func<Action<Utf8JsonWriter>, Task> append)
    {
        if (!Path.Exists(path))
        {
            return null;
        }

        if (Directory.Exists(path))
        {
            throw new KmsException(Failure.WalletFile, $"'{path}' is a folder", "somebody else put it there: take it away"); // and not a line a cycle
        }

        using var held = Lock();
        string? last = null;
        try
        {
            foreach (var line in Lines())
            {
                last = await AppendAsync(line, append);
            }

            File.Delete(path);
            return last;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"'{path}' cannot be taken over: {AtomicFile.Why(error)}",
                "check the state folder",
                error);
        }
    }

    /// <summary>What cannot be ours (too large, a pipe) is one line that cannot be read.</summary>
    private string[] Lines()
    {
        try
        {
            return Encoding.UTF8.GetString(SmallFile.Read(path, LargestFile) ?? []).Split(
                '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        catch (IOException)
        {
            return ["-"];
        }
    }

    private static async Task<string> AppendAsync(string line, Func<Action<Utf8JsonWriter>, Task> append)
    {
        try
        {
            var json = new StrictObject(StrictJson.Parse(line, "freezes.jsonl"), "freezes.jsonl");
            var (decision, by, asked, reason) = (json.String("decision"), json.String("operator"), json.String("asked"), json.OptionalString("reason"));
            if (decision is "frozen" or "thawed") // nothing else is ever written there: who can write this file must not write the audit log
            {
                await append(record => Write(record, decision, by, asked, reason));
                return decision;
            }
        }
        catch (KmsException error) when (error.Failure is Failure.Refused)
        {
            // torn by a power cut, or written by somebody
        }

        await append(
            record => Write(record, Unreadable, "unknown", "unknown", "a line of freezes.jsonl cannot be read"));
        return Unreadable;
    }

    private static void Write(Utf8JsonWriter record, string decision, string by, string asked, string? reason)
    {
        record.WriteString("decision", decision);
        record.WriteString("operator", Printable.Line(by, LongestName));
        record.WriteString("asked", Printable.Line(asked, LongestName));
        record.WriteString("source", "freezes.jsonl"); // said without a password
        if (reason is not null)
        {
            record.WriteString("reason", Printable.Line(reason));
        }
    }

    private FileLock Lock() => FileLock.Take(path + ".lock", Patience, "freezes.jsonl");
}

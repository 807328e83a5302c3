using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Wallets;

namespace KmsCloud.Signing;

/// <summary>
/// The operator's stop switch: while <c>frozen.json</c> is in the state folder nothing is signed or broadcast. It is looked at
/// before every signature, so that a running daemon stops at once.
/// </summary>
/// <param name="folder">The state folder.</param>
public sealed class Freeze(string folder)
{
    private const int LongestReason = 500;
    private readonly string path = Path.Combine(folder, "frozen.json");
    private bool known;

    /// <summary>Who froze and thawed, for the audit log.</summary>
    public FreezeHistory History { get; } = new(folder);

    /// <summary>Why signing is frozen, or null. A file that cannot be read still freezes.</summary>
    public string? Reason
    {
        get
        {
            try
            {
                return File.Exists(path) ? Text(StrictJson.Parse(File.ReadAllBytes(path), "frozen.json")) : null;
            }
            catch (Exception error) when (error is KmsException or IOException or UnauthorizedAccessException)
            {
                return error is FileNotFoundException ? null : "frozen.json is there and cannot be read";
            }
        }
    }

    /// <summary>Freezes.</summary>
    /// <exception cref="KmsException">No reason, or the file cannot be written.</exception>
    public void Set(string reason, string by, DateTimeOffset now)
    {
        if (reason.Trim().Length is 0 or > LongestReason || reason.Any(char.IsControl))
        {
            throw new KmsException(Failure.Usage, $"a reason of 1 to {LongestReason} characters is needed", "say why with --reason");
        }

        AtomicFile.Replace(path, CompactJson.Utf8(json =>
        {
            json.WriteStartObject();
            json.WriteString("reason", reason.Trim());
            json.WriteString("operator", by);
            json.WriteString("time", now);
            json.WriteEndObject();
        }));
    }

    /// <summary>Thaws. False when nothing was frozen.</summary>
    public bool Clear()
    {
        try
        {
            var was = File.Exists(path);
            File.Delete(path);
            File.Delete(path + ".bak");
            return was;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.WalletFile, $"'{path}' cannot be removed: {AtomicFile.Why(error)}", "check the state folder", error);
        }
    }

    /// <summary>Ends a transaction while signing is frozen.</summary>
    internal void Check()
    {
        if (Reason is { } reason)
        {
            throw new NotNowException("signing is frozen: " + reason);
        }
    }

    /// <summary>What changed since the last look, or null.</summary>
    internal (bool Frozen, string Text)? Change()
    {
        var reason = Reason;
        if (known == reason is not null)
        {
            return null;
        }

        known = reason is not null;
        return (known, reason ?? "an operator thawed it");
    }

    private static string Text(System.Text.Json.JsonElement element)
    {
        var json = new StrictObject(element, "frozen.json");
        return $"{json.String("reason")} ({json.String("operator")}, {json.String("time")})";
    }
}

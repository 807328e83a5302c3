using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// The operator's stop switch: while <c>frozen.json</c> is in the state folder nothing is signed or broadcast. It is
/// looked at before every signature, so that a running daemon stops at once.
/// </summary>
/// <param name="note">Where <c>frozen.json</c> is looked for.</param>
/// <param name="thaw">Where <c>thaw.json</c> is looked for.</param>
/// <param name="head">
/// Remembers a freeze, so that taking the note away does not thaw; null where the wallet file gives no key.
/// </param>
public sealed class Freeze(IStateNote note, IStateNote? thaw = null, StateHead? head = null)
{
    /// <summary>The note's name in a state folder.</summary>
    public const string NoteName = "frozen.json";

    /// <summary>
    /// Name of the note with which <c>kms thaw</c> tells a running daemon that somebody with the password thawed it.
    /// </summary>
    public const string ThawName = "thaw.json";

    private const int LongestReason = 500;
    private bool known;

    /// <summary>The switch of a local state folder.</summary>
    public Freeze(string folder, StateHead? head = null)
        : this(new FileNote(Path.Combine(folder, NoteName)), new FileNote(Path.Combine(folder, ThawName)), head) => History = new(folder);

    /// <summary>Who froze and thawed, for the audit log; null where the note is no local file.</summary>
    public FreezeHistory? History { get; }

    /// <summary>Why signing is frozen, or null. A note that cannot be read still freezes.</summary>
    public string? Reason
    {
        get
        {
            try
            {
                if (note.Read() is not { } content)
                {
                    return Remembered();
                }

                head?.Freeze(HashOf(content));
                return Text(StrictJson.Parse(content, NoteName));
            }
            catch (KmsException error)
            {
                return $"{NoteName} cannot be read: {error.Message}";
            }
        }
    }

    /// <summary>Freezes.</summary>
    /// <exception cref="KmsException">No reason, or the file cannot be written.</exception>
    public void Set(string reason, string by, DateTimeOffset now)
    {
        if (reason.Trim().Length is 0 or > LongestReason || !Printable.IsLine(reason))
        {
            throw new KmsException(
                Failure.Usage, $"a reason of 1 to {LongestReason} characters is needed", "say why with --reason");
        }

        note.Write(CompactJson.Utf8(json =>
        {
            json.WriteStartObject();
            json.WriteString("reason", reason.Trim());
            json.WriteString("operator", by);
            json.WriteString("time", now);
            json.WriteEndObject();
        }));
    }

    /// <summary>Thaws. False when nothing was frozen.</summary>
    public bool Clear() => note.Remove();

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

    /// <summary>What a note is remembered by: SHA-256, lower-case hex.</summary>
    private static string HashOf(byte[] content) => Hex.Lower(System.Security.Cryptography.SHA256.HashData(content));

    /// <summary>Writes the word of somebody with the password.</summary>
    public void WriteThaw(string token) => thaw!.Write(System.Text.Encoding.ASCII.GetBytes(token));

    private string? Remembered()
    {
        if (head?.Frozen is null)
        {
            return null;
        }

        if (thaw?.Read() is { } token && head.TryThaw(System.Text.Encoding.ASCII.GetString(token)))
        {
            thaw.Remove();
            return null;
        }

        // or frozen again while somebody thawed it: the same command ends it
        return $"{NoteName} was taken away without: kms thaw";
    }

    private static string Text(System.Text.Json.JsonElement element)
    {
        var json = new StrictObject(element, NoteName);
        return $"{json.String("reason")} ({json.String("operator")}, {json.String("time")})";
    }
}

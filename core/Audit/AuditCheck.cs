using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Secrets;

namespace KmsCloud.Audit;

/// <summary>Goes through an audit log line by line and names everything that is wrong with it.</summary>
/// <param name="key">MAC key, or null to check the hash chain alone.</param>
public sealed class AuditCheck(SecretBytes? key)
{
    private readonly List<string> problems = [];
    private bool headSeen;

    /// <summary>
    /// A line and its hash as the state's head remembers them: the log of another state of the same wallet file has the
    /// same key. Null, or an empty hash, where it does not.
    /// </summary>
    public (long Number, string Hash)? Known { get; init; }

    /// <summary>What is wrong, in the order of the lines.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>Lines seen.</summary>
    public long Lines { get; private set; }

    /// <summary>SHA-256 of the last line; 32 zero bytes before the first.</summary>
    public byte[] Last { get; private set; } = new byte[32];

    /// <summary>Checks the next line. After a bad one the check goes on from what the line holds.</summary>
    public void Next(ReadOnlySpan<byte> line, AuditHead? head)
    {
        if (AuditLog.Problem(line, Lines + 1, Last, key) is { } problem)
        {
            problems.Add($"line {Lines + 1} of the audit log {problem}");
        }

        Lines++;
        Last = SHA256.HashData(line);
        if (Known is { Hash: not "" } known && known.Number == Lines && known.Hash != Hex.Lower(Last))
        {
            problems.Add(
                $"line {Lines} of the audit log is not the one that was written: state.head remembers another, and the log may be of "
                + "another state");
        }

        if (head?.Read(key) is { } end && end.Number == Lines)
        {
            headSeen = true;
            if (!end.Last.AsSpan().SequenceEqual(Last))
            {
                problems.Add($"line {Lines} of the audit log is not the one that was written: audit.head remembers another");
            }
        }
    }

    /// <summary>Checks that the log ends where it was last written to, or later.</summary>
    public void End(AuditHead? head)
    {
        if (head is null || headSeen)
        {
            return;
        }

        if (head.Read(key) is not { } end)
        {
            if (Lines > 0)
            {
                problems.Add("audit.head is missing, was changed, or is of another wallet file: whether lines were cut off the end is not known");
            }
        }
        else if (end.Number > Lines)
        {
            problems.Add($"the audit log ends at line {Lines}, and line {end.Number} was written: the end was cut off");
        }
    }
}

using System.Text;
using KmsCloud.Audit;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Audit;

/// <summary>A changed audit log is a noticed audit log.</summary>
public sealed class AuditLogTests : IDisposable
{
    private const int Records = 3;
    private readonly TempFolder folder = new();
    private readonly byte[] log;
    private readonly byte[] head;

    public AuditLogTests()
    {
        Append(Records);
        (log, head) = (File.ReadAllBytes(LogPath), File.ReadAllBytes(HeadPath));
    }

    private string LogPath => folder.File("audit.jsonl");

    private string HeadPath => folder.File("audit.head");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_log_as_written_has_no_problems_and_opens_again()
    {
        Assert.Empty(Problems(log));
        Append(1);
        Assert.Empty(Problems(File.ReadAllBytes(LogPath)));
    }

    [Fact]
    public void Every_changed_byte_is_found()
    {
        for (var at = 0; at < log.Length; at++)
        {
            foreach (var flip in new byte[] { 0x01, 0x20 })
            {
                var changed = (byte[])log.Clone();
                changed[at] ^= flip;
                Assert.True(Problems(changed).Count > 0, $"byte {at} xor {flip}");
            }
        }
    }

    [Fact]
    public void Every_removed_and_every_added_byte_is_found()
    {
        for (var at = 0; at < log.Length; at++)
        {
            Assert.True(Problems([.. log[..at], .. log[(at + 1)..]]).Count > 0, $"byte {at} removed");
            Assert.True(Problems([.. log[..at], (byte)' ', .. log[at..]]).Count > 0, $"blank before byte {at}");
        }
    }

    [Fact]
    public void Every_truncation_is_found_the_clean_ones_between_lines_included()
    {
        for (var length = 0; length < log.Length; length++)
        {
            Assert.True(Problems(log[..length]).Count > 0, $"cut to {length} bytes");
        }
    }

    [Fact]
    public void Every_removed_repeated_and_exchanged_line_is_found()
    {
        var lines = Encoding.UTF8.GetString(log).TrimEnd('\n').Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.NotEmpty(Problems(Text([.. lines[..i], .. lines[(i + 1)..]])));
            Assert.NotEmpty(Problems(Text([.. lines[..i], lines[i], .. lines[i..]])));
            for (var j = i + 1; j < lines.Length; j++)
            {
                var exchanged = (string[])lines.Clone();
                (exchanged[i], exchanged[j]) = (exchanged[j], exchanged[i]);
                Assert.NotEmpty(Problems(Text(exchanged)));
            }
        }
    }

    [Fact]
    public void Another_key_fits_no_line_and_the_daemon_does_not_start_on_a_changed_log()
    {
        File.WriteAllBytes(LogPath, log[..(log.Length / 2)]);
        Assert.Throws<KmsException>(() => Append(1));
        File.WriteAllBytes(LogPath, log);
        Assert.Throws<KmsException>(() => Append(1, keyByte: 8));
    }

    [Fact]
    public void A_missing_or_forged_head_is_found()
    {
        File.Delete(HeadPath);
        Assert.NotEmpty(Problems(log, keepHead: false));
        var lines = Encoding.UTF8.GetString(log).Split('\n');
        var shorter = Text(lines[..(Records - 1)]);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(lines[Records - 2])));
        File.WriteAllText(HeadPath, $$"""{"head":{{Records - 1}},"last":"{{hash}}","mac":"{{hash}}"}""".PadRight(255) + "\n");
        Assert.NotEmpty(Problems(shorter, keepHead: false));
    }

    [Fact]
    public void A_torn_head_leaves_the_one_before_and_a_crash_before_the_head_is_no_damage()
    {
        var newest = Encoding.ASCII.GetString(head[..256]).Contains($"\"head\":{Records},", StringComparison.Ordinal) ? 0 : 256;
        var torn = (byte[])head.Clone();
        torn.AsSpan(newest + 10, 100).Clear();
        File.WriteAllBytes(HeadPath, torn);
        Assert.Empty(Problems(log, keepHead: false));
        Append(1);
        Assert.Empty(Problems(File.ReadAllBytes(LogPath), keepHead: false));
    }

    private static byte[] Text(string[] lines) => Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");

    private static SecretBytes Key(byte with)
    {
        var bytes = new byte[32];
        bytes.AsSpan().Fill(with);
        return SecretBytes.Take(bytes);
    }

    private void Append(int records, byte keyByte = 7)
    {
        using var file = FileAppendLog.Open(LogPath);
        using var end = AuditHead.Open(folder.Root);
        using var audit = AuditLog.Open(file, TimeProvider.System, Key(keyByte), end);
        for (var i = 0; i < records; i++)
        {
            var id = $"id-{i}";
            audit.AppendAsync(json =>
            {
                json.WriteString("decision", "signing");
                json.WriteString("id", id);
            }).GetAwaiter().GetResult();
        }
    }

    private List<string> Problems(byte[] bytes, bool keepHead = true)
    {
        File.WriteAllBytes(LogPath, bytes);
        if (keepHead && File.ReadAllBytes(HeadPath).Length == 0)
        {
            File.WriteAllBytes(HeadPath, head);
        }

        using var file = FileAppendLog.OpenForReading(LogPath);
        using var end = AuditHead.OpenForReading(folder.Root);
        using var key = Key(7);
        var check = new AuditCheck(key);
        var whole = 0L;
        foreach (var (position, line) in file.ReadLines())
        {
            whole = position + line.Length + 1;
            check.Next(line.Span, end);
        }

        check.End(end);
        return whole < bytes.Length ? [.. check.Problems, "unfinished line"] : [.. check.Problems];
    }
}

using System.Globalization;
using System.Text;

namespace KmsCloud.Tests.Support;

/// <summary>Looks for bytes in the whole readable memory of a process, as root or the process's parent may (proc(5): mem, smaps).</summary>
internal static class MemoryScan
{
    private const int Piece = 4 * 1024 * 1024;

    /// <summary>How often a secret is there.</summary>
    /// <param name="Locked">In memory that is never swapped out (mlock(2)).</param>
    /// <param name="Open">Elsewhere.</param>
    /// <param name="Where">Names of the mappings where it is open.</param>
    internal sealed record Hits(int Locked, int Open, IReadOnlyCollection<string> Where);

    /// <summary>A text in the forms in which a program could hold it: UTF-8 and UTF-16.</summary>
    internal static IEnumerable<(string Name, byte[] Bytes)> Text(string name, string text) =>
        [($"{name} in UTF-8", Encoding.UTF8.GetBytes(text)), ($"{name} in UTF-16", Encoding.Unicode.GetBytes(text))];

    /// <summary>A key in hex, as text, and raw.</summary>
    internal static IEnumerable<(string Name, byte[] Bytes)> Key(string name, string hex) => [.. Text(name + " in hex", hex), ($"{name} as bytes", Convert.FromHexString(hex))];

    /// <summary>Looks for each needle.</summary>
    internal static IReadOnlyDictionary<string, Hits> Find(int process, IEnumerable<(string Name, byte[] Bytes)> needles)
    {
        var all = needles.ToList();
        var (locked, open, where) = (new int[all.Count], new int[all.Count], all.Select(_ => new SortedSet<string>(StringComparer.Ordinal)).ToArray());
        var overlap = all.Max(needle => needle.Bytes.Length) - 1;
        using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        foreach (var (start, end, name, isLocked) in Mappings(process))
        {
            var buffer = new byte[(int)Math.Min(Piece + overlap, end - start)];
            for (var at = start; at < end; at += Piece)
            {
                var count = TryRead(memory, at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)));
                for (var i = 0; i < all.Count; i++)
                {
                    var found = Count(buffer.AsSpan(0, count), all[i].Bytes, Piece);
                    (isLocked ? locked : open)[i] += found;
                    if (found > 0 && !isLocked)
                    {
                        where[i].Add(name.Length == 0 ? "(anonymous)" : name);
                    }
                }
            }
        }

        return all.Select((needle, i) => (needle.Name, Hits: new Hits(locked[i], open[i], where[i]))).ToDictionary(pair => pair.Name, pair => pair.Hits);
    }

    /// <summary>Non-overlapping places that begin within the first <paramref name="most"/> bytes.</summary>
    private static int Count(ReadOnlySpan<byte> text, ReadOnlySpan<byte> needle, int most)
    {
        var count = 0;
        for (int at = 0, next; at < text.Length && (next = text[at..].IndexOf(needle)) >= 0 && at + next < most; at += next + 1)
        {
            count++;
        }

        return count;
    }

    private static int TryRead(FileStream memory, long at, Span<byte> into)
    {
        try
        {
            memory.Position = at;
            return memory.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
        }
        catch (IOException)
        {
            return 0; // a guard page, or one that went away meanwhile
        }
    }

    private static IEnumerable<(long Start, long End, string Name, bool IsLocked)> Mappings(int process)
    {
        (long Start, long End, string Name)? mapping = null;
        foreach (var line in File.ReadAllLines($"/proc/{process}/smaps"))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "VmFlags:" && mapping is { } known)
            {
                mapping = null;
                if (words.Contains("rd"))
                {
                    yield return (known.Start, known.End, known.Name, words.Contains("lo"));
                }
            }
            else if (words[0].Split('-') is [var from, var to] && long.TryParse(from, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
                && long.TryParse(to, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var end))
            {
                mapping = (start, end, words.Length > 5 ? words[5] : "");
            }
        }
    }
}

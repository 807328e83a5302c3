using System.Text;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Tests.Simulation;

/// <summary>A file of lines that outlives the process: a write fails, or the process dies before or after it is durable.</summary>
internal sealed class SimDisk(SimWorld world, string name)
{
    private readonly SimWorld world = world;
    private List<byte[]> lines = [];

    /// <summary>What a restart finds.</summary>
    public IReadOnlyList<string> Durable
    {
        get
        {
            lock (lines)
            {
                return [.. lines.Select(Encoding.UTF8.GetString)];
            }
        }
    }

    private bool IsJournal => name == "journal";

    public IAppendLog Open() => new Handle(this, world.Life);

    /// <summary>Whether a line with these members is durable.</summary>
    public bool Holds(string id, string data)
    {
        var (idMember, dataMember) = (Encoding.UTF8.GetBytes($"\"id\":\"{id}\""), Encoding.UTF8.GetBytes($"\"data\":{CompactJson.Write(json => json.WriteStringValue(data))}}}"));
        lock (lines)
        {
            return lines.Any(line => line.AsSpan().IndexOf(idMember) >= 0 && line.AsSpan().EndsWith(dataMember));
        }
    }

    private sealed class Handle(SimDisk disk, int life) : IShrinkingLog
    {
        public IEnumerable<(long Position, ReadOnlyMemory<byte> Line)> ReadLines() => [.. disk.lines.Select((line, i) => ((long)i, (ReadOnlyMemory<byte>)line))];

        public Task<long[]> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> lines)
        {
            var fault = disk.Fault(life);
            var written = fault switch
            {
                "full" or "flush failed" or "read-only" or "killed before the write" => 0,
                "killed in the middle of the write" => lines.Count / 2,
                _ => lines.Count,
            };
            long[] positions;
            lock (disk.lines)
            {
                positions = [.. lines.Select((_, i) => (long)(disk.lines.Count + i))];
                disk.lines.AddRange(lines.Take(written).Select(line => line.ToArray()));
            }

            foreach (var line in disk.IsJournal ? lines.Take(written) : [])
            {
                disk.world.Journalled(line.ToArray());
            }

            return fault.Length > 0 ? throw new KmsException(Failure.WalletFile, "the disk: " + fault) : Task.FromResult(positions);
        }

        public void Replace(IEnumerable<ReadOnlyMemory<byte>> lines)
        {
            var fault = disk.Fault(life);
            if (fault is "" or "killed after the write")
            {
                lock (disk.lines)
                {
                    disk.lines = [.. lines.Select(line => line.ToArray())];
                }

                disk.world.Note("disk: old lines dropped");
            }

            if (fault.Length > 0)
            {
                throw new KmsException(Failure.WalletFile, "the disk: " + fault);
            }
        }

        public Task<ReadOnlyMemory<byte>> ReadAsync(long position)
        {
            lock (disk.lines)
            {
                return Task.FromResult<ReadOnlyMemory<byte>>(disk.lines[(int)position]);
            }
        }

        public void Dispose()
        {
        }
    }

    private string Fault(int life)
    {
        if (world.IsDead(life))
        {
            return "killed before the write";
        }

        var fault = world.Roll("disk " + name, 200) switch
        {
            0 => "full",
            1 => "killed before the write",
            2 => "killed after the write",
            3 => "killed in the middle of the write",
            4 => "flush failed",
            5 => "read-only",
            _ => "",
        };
        if (fault.StartsWith("killed", StringComparison.Ordinal))
        {
            world.Kill(life);
        }

        world.Count(fault.Length > 0 ? "disk: " + fault : "");
        return fault;
    }
}

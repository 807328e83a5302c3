using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Simulation;

/// <summary>What outlives a process in the simulation: disks, the gateway's and the approver's memory, the dice; and the invariants, looked at as things happen.</summary>
internal sealed class SimWorld(ulong seed, IReadOnlyList<SimTemplate> templates)
{
    private readonly ConcurrentDictionary<string, int> rolls = new();
    private int dead;

    public SimClock Clock { get; } = new();

    public SimDisk Journal => field ??= new(this, "journal");

    public SimDisk Audit => field ??= new(this, "audit");

    public SimDisk Policy => field ??= new(this, "policy");

    /// <summary>Number of the process that lives.</summary>
    public int Life { get; private set; } = 1;

    /// <summary>Whether anything may go wrong.</summary>
    public bool Faults { get; set; } = true;

    public int FaultsThisCycle { get; set; }

    public ConcurrentDictionary<string, int> Counts { get; } = new();

    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>What the gateway still wants signed, by id.</summary>
    public ConcurrentDictionary<string, SimRequest> Pending { get; } = new();

    /// <summary>Every id ever listed.</summary>
    public ConcurrentDictionary<string, SimRequest> All { get; } = new();

    private ConcurrentDictionary<string, byte> Approved { get; } = new();

    /// <summary>The same dice for the same seed, question and turn, whatever the threads do.</summary>
    public int Roll(string question, int sides)
    {
        if (!Faults)
        {
            return sides - 1;
        }

        var hash = seed;
        foreach (var character in question)
        {
            hash = unchecked((hash ^ character) * 0x100000001b3);
        }

        var turn = rolls.AddOrUpdate(question, 1, (_, count) => count + 1);
        return new SeededRandom(unchecked(hash + ((ulong)turn * 0x9e3779b97f4a7c15))).Below(sides);
    }

    public void Count(string what)
    {
        if (what.Length > 0)
        {
            Counts.AddOrUpdate(what, 1, (_, count) => count + 1);
            FaultsThisCycle++;
        }
    }

    public void Kill(int life) => Interlocked.CompareExchange(ref dead, life, life - 1);

    public bool IsDead(int life) => Volatile.Read(ref dead) >= life;

    public bool Restart()
    {
        if (!IsDead(Life))
        {
            return false;
        }

        Life++;
        return true;
    }

    public void AddPending()
    {
        var template = templates[Roll("which template", templates.Count)];
        var id = $"{template.Chain.ToLowerInvariant()}-{All.Count}";
        var request = new SimRequest(id, template, Roll("stubborn approver", 20) == 0);
        All[id] = Pending[id] = request;
    }

    /// <summary>Invariants of a payload that arrives, and the gateway's memory of it.</summary>
    public void Arrived(string id, string payload)
    {
        if (!All.TryGetValue(id, out var request))
        {
            Violations.Enqueue($"something was broadcast for {id}, which nobody asked for");
            return;
        }

        lock (request)
        {
            request.Payload ??= payload;
            if (request.Payload != payload)
            {
                Violations.Enqueue($"two different payloads for {id}");
            }
        }

        if (!Journal.Holds(id, payload))
        {
            Violations.Enqueue($"{id} was broadcast without a journal record on disk");
        }

        if (!Approved.ContainsKey(id))
        {
            Violations.Enqueue($"{id} was broadcast without a yes of the approver");
        }
    }

    public void Approve(string id) => Approved[id] = 1;

    public void CarriedOut(string id, bool listed)
    {
        All[id].IsDone = true;
        if (!listed)
        {
            Pending.TryRemove(id, out _);
        }
    }

    public void Reported(string id, string error)
    {
        if (!All.TryGetValue(id, out var request))
        {
            return; // an id the simulation made up to be refused
        }

        request.IsReported = true;
        if (request is { IsDone: true, IsChanged: false })
        {
            Violations.Enqueue($"{id} was carried out and reported as failed: {error}");
        }

        Pending.TryRemove(id, out _);
    }
}

/// <summary>A recorded transaction that is asked for again and again under new ids.</summary>
internal sealed record SimTemplate(string Chain, JsonElement Vector)
{
    public string Pending { get; } = Vector.GetProperty("pending").GetRawText();

    public string BroadcastPath { get; } = Vector.GetProperty("broadcast").Text("path")!;

    public IReadOnlyList<(string Path, string? Rpc, string Answer)> Recorded { get; } =
        [.. Vector.GetProperty("gateway").EnumerateArray().Select(call => (call.Text("path")!, call.TryGetProperty("request", out var request) ? request.Text("method") : null, call.GetProperty("response").GetRawText()))];
}

/// <summary>One id at the gateway.</summary>
internal sealed class SimRequest(string id, SimTemplate template, bool stubborn)
{
    public SimTemplate Template => template;

    /// <summary>The approver says no until the faults end.</summary>
    public bool Stubborn => stubborn;

    public string? Payload { get; set; }

    public bool IsDone { get; set; }

    public bool IsReported { get; set; }

    /// <summary>The gateway lists something else under this id from now on.</summary>
    public bool IsChanged { get; set; }

    public string Json()
    {
        var json = JsonNode.Parse(template.Pending)!.AsObject();
        json["id"] = id;
        if (IsChanged)
        {
            json["withdrawalId"] = "another";
        }

        return json.ToJsonString();
    }
}

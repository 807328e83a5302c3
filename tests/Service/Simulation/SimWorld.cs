using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Cli.Sandbox;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Simulation;

/// <summary>What outlives a process in the simulation: disks, the gateway's and the approver's memory, the dice; and the invariants, looked at as things happen.</summary>
internal sealed class SimWorld
{
    private readonly ulong seed;
    private readonly ConcurrentDictionary<string, int> rolls = new();
    private int dead;

    public SimWorld(ulong seed, IReadOnlyList<SimTemplate> templates)
    {
        (this.seed, Templates) = (seed, templates);
        (Journal, Audit, Policy) = (new(this, "journal"), new(this, "audit"), new(this, "policy"));
        (Solana, Flow) = (new(this), new(this));
    }

    public SimClock Clock { get; } = new();

    public SimDisk Journal { get; }

    public SimDisk Audit { get; }

    public SimDisk Policy { get; }

    public SimSolana Solana { get; }

    public SimFlow Flow { get; }

    public IReadOnlyList<SimTemplate> Templates { get; }

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

    private ConcurrentDictionary<ulong, string> Nonces { get; } = new();

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

    /// <summary>Counts something that is no fault.</summary>
    public void Note(string what) => Counts.AddOrUpdate(what, 1, (_, count) => count + 1);

    /// <summary>What a fault does to what is under way: once in a while the process is killed just after it.</summary>
    public void PerhapsKill(string after, int life)
    {
        if (Roll("killed after " + after, 150) == 0)
        {
            Count("process: killed after an answer");
            Kill(life);
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

    /// <summary>Pending ids by transaction id, as they were signed.</summary>
    public ConcurrentDictionary<string, string> TransactionIds { get; } = new(StringComparer.OrdinalIgnoreCase);

    public void AddPending()
    {
        var template = Templates[Roll("which template", Templates.Count)];
        var id = $"{template.Chain.ToLowerInvariant()}-{All.Count}";
        var request = new SimRequest(id, template, Roll("stubborn approver", 20) == 0);
        if (Roll("twin", 30) == 0)
        {
            Count("gateway: one id on two chains");
            request.Twin = Templates[Roll("which twin", Templates.Count)];
        }

        All[id] = Pending[id] = request;
    }

    /// <summary>Invariants of a line of the journal that is on disk.</summary>
    public void Journalled(byte[] line)
    {
        var json = JsonDocument.Parse(line).RootElement;
        if (json.TryGetProperty("doubt", out _) && All.TryGetValue(json.Text("id")!, out var doubted))
        {
            doubted.NeedsOperator = true;
            Note("unproved: " + json.Text("doubt"));
        }

        if (json.Text("event") != "signed")
        {
            return;
        }

        if (json.Text("txId") is { } transactionId)
        {
            TransactionIds[transactionId] = json.Text("id")!;
        }

        var (id, chain, data) = (json.Text("id")!, json.Text("chain")!, json.Text("data")!);
        if (!Approved.ContainsKey(id))
        {
            Violations.Enqueue($"{id} was signed without a yes of the approver");
        }

        if (!All.TryGetValue(id, out var request))
        {
            Violations.Enqueue($"{id} was signed, which nobody asked for");
            return;
        }

        lock (request)
        {
            if (request.Signed is { } before && before.Data != data && !(before.Chain == "SOL" ? Solana.IsOver(before.Data) : before.Chain == "FLOW" && Flow.IsOver(before.Data)))
            {
                Violations.Enqueue($"{id} was signed again, to something else, while the first could still be included");
            }

            request.Signed = (chain, data);
        }

        Note("signed: " + chain);
        if (chain == "SOL")
        {
            Solana.Journalled(id, data);
        }
        else if (chain == "FLOW")
        {
            Flow.Journalled(id, data);
        }
    }

    /// <summary>Invariants of a payload that arrives at the gateway, and its memory of it.</summary>
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
    }

    /// <summary>A payload on the chain: the second one for an id is the double payment that must never be.</summary>
    public void CarriedOut(string id, string payment, bool listed)
    {
        var request = All[id];
        lock (request)
        {
            request.Payment ??= payment;
            if (request.Payment != payment)
            {
                Violations.Enqueue($"{id} was paid twice");
            }
        }

        if (request.Template is { HandsOutNonce: true, Chain: "ETH" } && request.Twin is null && Nonces.GetOrAdd(Nonce(payment), id) is { } other && other != id)
        {
            Violations.Enqueue($"{id} took the nonce of {other}");
        }

        if (!listed)
        {
            Pending.TryRemove(id, out _);
        }
    }

    /// <summary>The network's count of an account's transactions, sometimes from a node that lags.</summary>
    public ulong NonceCount()
    {
        var count = SimTemplate.FirstNonce;
        while (Nonces.ContainsKey(count))
        {
            count++;
        }

        return count - Math.Min(count - SimTemplate.FirstNonce, Roll("the nonce lags", 6) is var lag and < 3 && Faults ? (ulong)lag : 0);
    }

    private static ulong Nonce(string payload) => (ulong)RlpTree.Number(RlpTree.ReadList(Convert.FromHexString(payload[2..]))[0]);

    public void Approve(string id) => Approved[id] = 1;

    public void Reported(string id, string error)
    {
        if (!All.TryGetValue(id, out var request))
        {
            return; // an id the simulation made up to be refused
        }

        request.IsReported = true;
        if (request is { IsDone: true, IsChanged: false, Twin: null })
        {
            Violations.Enqueue($"{id} was carried out and reported as failed: {error}");
        }

        Pending.TryRemove(id, out _);
    }
}

/// <summary>A recorded transaction that is asked for again and again under new ids.</summary>
internal sealed record SimTemplate(string Chain, JsonElement Vector)
{
    /// <summary>What the recordings count for the account whose nonce is asked for.</summary>
    public const ulong FirstNonce = 41;

    public string Pending { get; } = Vector.GetProperty("pending").GetRawText();

    public bool HandsOutNonce { get; } = Vector.GetProperty("gateway").EnumerateArray().Any(call => call.Text("path")!.Contains("/transaction/count/", StringComparison.Ordinal));

    public IReadOnlyList<(string Path, string? Rpc, string Answer)> Recorded { get; } =
        [.. Vector.GetProperty("gateway").EnumerateArray().Select(call => (call.Text("path")!, call.TryGetProperty("request", out var request) ? request.Text("method") : null, call.GetProperty("response").GetRawText()))];
}

/// <summary>One id at the gateway.</summary>
internal sealed class SimRequest(string id, SimTemplate template, bool stubborn)
{
    public SimTemplate Template => template;

    /// <summary>The approver says no until the faults end.</summary>
    public bool Stubborn => stubborn;

    /// <summary>What the same id stands for in another chain's list.</summary>
    public SimTemplate? Twin { get; set; }

    /// <summary>What the journal has of it last.</summary>
    public (string Chain, string Data)? Signed { get; set; }

    /// <summary>What reached the gateway's broadcast.</summary>
    public string? Payload { get; set; }

    /// <summary>What is on the chain, or certain to be.</summary>
    public string? Payment { get; set; }

    public bool IsDone => Payment is not null;

    public bool IsReported { get; set; }

    /// <summary>It was executed and failed: FLOW shows that only under the id it had, so after a crash an operator must look.</summary>
    public bool HasFailed { get; set; }

    /// <summary>The gateway alone calls it expired or replaced: nothing more is done before an operator looked.</summary>
    public bool NeedsOperator { get; set; }

    /// <summary>The gateway lists something else under this id from now on.</summary>
    public bool IsChanged { get; set; }

    public bool IsListed(string chain) => template.Chain == chain || Twin?.Chain == chain;

    public string Json(string chain)
    {
        var json = JsonNode.Parse((template.Chain == chain ? template : Twin!).Pending)!.AsObject();
        json["id"] = id;
        if (IsChanged)
        {
            json["withdrawalId"] = "another";
        }

        return json.ToJsonString();
    }
}

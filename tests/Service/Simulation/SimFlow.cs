using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Flow;
using KmsCloud.Codecs;

namespace KmsCloud.Tests.Simulation;

/// <summary>
/// Flow as the gateway and its access node show it: a proposal key for every request, sequence numbers that are used once,
/// blocks that run out.
/// </summary>
internal sealed class SimFlow(SimWorld world)
{
    public const string BroadcastPath = "/v3/flow/broadcast";
    private const string GatewayAccount = "8ee4ed24ff1d1dd2";
    private const ulong Lifetime = 600; // blocks
    private const ulong FirstSequence = 45;
    private readonly SimLedger ledger = new(world, "FLOW", 25);
    private readonly Lock gate = new();
    private readonly Dictionary<string, (string Id, FlowSigned Signed)> signed = []; // by our signature
    private readonly List<(string TransactionId, string Id, uint Key, ulong Sequence, ulong Lands, bool Fails)> taken = [];
    private int keys;

    /// <summary>The call of a path, for the dice.</summary>
    public static string Word(string path) => path.Split('/', '?').First(part => part is "proposal" or "sign" or "blocks" or "accounts" or "transactions" or "transaction_results");

    public void Journalled(string id, string data)
    {
        var read = FlowSigned.Read(data);
        lock (gate)
        {
            if (!signed.TryAdd(Convert.ToHexString(read.Signature), (id, read)) && signed[Convert.ToHexString(read.Signature)].Id != id)
            {
                world.Violations.Enqueue($"{id} and {signed[Convert.ToHexString(read.Signature)].Id} share one transaction");
            }
        }
    }

    /// <summary>Whether what the journal has can no longer be included, and is not.</summary>
    public bool IsOver(string data)
    {
        var payload = FlowSigned.Read(data).Payload;
        lock (gate)
        {
            return payload.ReferenceHeight + Lifetime < ledger.Height && !taken.Any(entry => entry.Key == payload.Proposer.KeyId && entry.Sequence == payload.SequenceNumber);
        }
    }

    public bool Has(string id, string transactionId)
    {
        lock (gate)
        {
            return taken.Any(entry => entry.TransactionId == transactionId && entry.Id == id && entry.Lands <= ledger.Height);
        }
    }

    public SimAnswer Answer(string path, JsonNode? body) => Word(path) switch
    {
        "proposal" => SimAnswer.Ok($$"""{"address":"0x{{GatewayAccount}}","keyId":{{(path.EndsWith("true", StringComparison.Ordinal) ? 0 : Interlocked.Increment(ref keys))}}}"""),
        "blocks" => Block(),
        "accounts" => Account(),
        "sign" => Sign(body!),
        "transactions" => Send(body!),
        _ => Outcome(path.Split('/')[^1]),
    };

    private SimAnswer Block()
    {
        var height = ledger.Seen("block");
        return SimAnswer.Ok($$$"""[{"header":{"id":"{{{Hex.Lower(SHA256.HashData(Encoding.UTF8.GetBytes($"{height}")))}}}","height":"{{{height}}}"}}]""");
    }

    private SimAnswer Account()
    {
        lock (gate)
        {
            var seen = ledger.Seen("account");
            var list = Enumerable.Range(0, keys + 1).Select(key => $$"""{"index":"{{key}}","sequence_number":"{{FirstSequence + (ulong)taken.Where(entry => entry.Key == key && entry.Lands <= seen).Select(entry => entry.Sequence).Distinct().Count()}}","revoked":false}""");
            return SimAnswer.Ok($$"""{"address":"{{GatewayAccount}}","keys":[{{string.Join(',', list)}}]}""");
        }
    }

    /// <summary>The gateway's signatures are the same for the same data, but now and then.</summary>
    private SimAnswer Sign(JsonNode body) => SimAnswer.Ok($$"""{"signature":"{{Hex.Lower(SHA512.HashData(Encoding.UTF8.GetBytes(body["data"]!.GetValue<string>() + (world.Faults && world.Roll("FLOW other signature", 25) == 0 ? "another" : ""))))}}"}""");

    private SimAnswer Send(JsonNode body)
    {
        lock (gate)
        {
            var signatures = body["payload_signatures"]!.AsArray().Select(entry => (Account: entry!["address"]!.GetValue<string>(), Signature: Convert.FromBase64String(entry["signature"]!.GetValue<string>()))).ToList();
            if (!signed.TryGetValue(Convert.ToHexString(signatures.Single(entry => entry.Account != GatewayAccount).Signature), out var transaction))
            {
                world.Violations.Enqueue("a FLOW transaction was sent without a journal record on disk");
                return new(400, "{}");
            }

            var (id, ours) = transaction;
            var payload = ours.Payload;
            var envelope = Convert.FromBase64String(body["envelope_signatures"]![0]!["signature"]!.GetValue<string>());
            var transactionId = payload.Id([new(payload.Proposer, signatures.Single(entry => entry.Account == GatewayAccount).Signature), new(payload.Authorizer, ours.Signature)], new(payload.Payer, envelope));
            var (key, sequence, last) = (payload.Proposer.KeyId, payload.SequenceNumber, payload.ReferenceHeight + Lifetime);
            if (ledger.Height > last)
            {
                return new(400, """{"code":400,"message":"transaction is expired"}""");
            }

            var fate = ledger.Fate(id);
            var isThere = taken.Any(entry => entry.TransactionId == transactionId);
            switch (fate)
            {
                case SimFate.LostBefore:
                    return SimAnswer.Cut;
                case SimFate.Unhealthy:
                    return new(503, "{}");
                case SimFate.Refused:
                    return new(400, """{"code":400,"message":"failed to parse transaction Cadence script: Parsing failed"}""");
                case SimFate.Dropped:
                    return SimAnswer.Ok($$"""{"id":"{{transactionId}}"}""");
            }

            if (!isThere)
            {
                var isFirst = !taken.Any(entry => entry.Key == key && entry.Sequence == sequence);
                var lands = Math.Max(ledger.Lands(fate, last), taken.Where(entry => entry.Key == key).Select(entry => entry.Lands).DefaultIfEmpty(0UL).Max());
                taken.Add((transactionId, id, key, sequence, lands, isFirst && fate is SimFate.FailsOnChain));
                if (isFirst && fate is not SimFate.FailsOnChain)
                {
                    world.CarriedOut(id, $"{key}/{sequence}", listed: true);
                    world.Note("paid: FLOW");
                }
                else if (isFirst)
                {
                    world.All[id].HasFailed = true;
                }
            }

            return fate switch { SimFate.TakenAndCut => SimAnswer.Cut, SimFate.TakenAnd5xx => new(503, "<html>"), _ => SimAnswer.Ok($$"""{"id":"{{transactionId}}"}""") };
        }
    }

    private SimAnswer Outcome(string transactionId)
    {
        lock (gate)
        {
            var seen = ledger.Seen("result");
            if (taken.FirstOrDefault(entry => entry.TransactionId == transactionId) is not { TransactionId: not null } found)
            {
                return new(404, """{"code":404,"message":"not found"}""");
            }

            var winner = taken.First(entry => entry.Key == found.Key && entry.Sequence == found.Sequence);
            return SimAnswer.Ok(found.Lands > seen ? """{"status":"Pending","error_message":""}"""
                : winner.TransactionId != transactionId ? """{"status":"Sealed","error_message":"[Error Code: 1007] invalid proposal key: sequence number"}"""
                : $$"""{"status":"Sealed","error_message":"{{(found.Fails ? "[Error Code: 1101] cadence runtime error" : "")}}"}""");
        }
    }
}

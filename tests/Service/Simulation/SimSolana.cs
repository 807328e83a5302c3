using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Codecs;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Simulation;

/// <summary>Solana as its nodes show it: blockhashes that run out, transactions taken once, nodes that lag.</summary>
internal sealed class SimSolana(SimWorld world)
{
    public const string NodePath = "/v3/blockchain/node/SOL/{apiKey}";
    public const string BroadcastPath = "/v3/solana/broadcast";
    private const ulong Lifetime = 150; // blocks
    private readonly SimLedger ledger = new(world, "SOL", 5);
    private readonly Lock gate = new();
    private readonly Dictionary<string, (string Id, string TransactionId, ulong Last)> signed = [];
    private readonly Dictionary<string, (ulong Lands, bool Fails)> known = [];

    /// <summary>A signed transaction is on disk. Two requests in one transaction would be one payment.</summary>
    public void Journalled(string id, string data)
    {
        var json = JsonDocument.Parse(data).RootElement;
        lock (gate)
        {
            if (!signed.TryAdd(json.Text("wire")!, (id, json.Text("txId")!, json.GetProperty("lastValidBlockHeight").GetUInt64())) && signed[json.Text("wire")!].Id != id)
            {
                world.Violations.Enqueue($"{id} and {signed[json.Text("wire")!].Id} share one transaction");
            }
        }
    }

    /// <summary>Whether what the journal has can no longer be included, and is not.</summary>
    public bool IsOver(string data)
    {
        var json = JsonDocument.Parse(data).RootElement;
        lock (gate)
        {
            return json.GetProperty("lastValidBlockHeight").GetUInt64() < ledger.Height && !known.ContainsKey(json.Text("txId")!);
        }
    }

    public bool Has(string id, string transactionId)
    {
        lock (gate)
        {
            return known.TryGetValue(transactionId, out var entry) && entry.Lands <= ledger.Height && signed.Values.Any(transaction => transaction.TransactionId == transactionId && transaction.Id == id);
        }
    }

    public SimAnswer Answer(JsonNode call) => call["method"]!.GetValue<string>() switch
    {
        "getLatestBlockhash" => Blockhash(),
        "sendTransaction" => Send(call["params"]![0]!.GetValue<string>()),
        "getTransaction" => Transaction(call["params"]![0]!.GetValue<string>()),
        "getBlockHeight" => Result(ledger.Seen("height").ToString(System.Globalization.CultureInfo.InvariantCulture)),
        _ => new(404, "{}"),
    };

    private SimAnswer Blockhash()
    {
        var height = ledger.Seen("blockhash");
        var hash = new byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(hash.AsSpan(8), height);
        return Result($$$"""{"context":{"slot":1},"value":{"blockhash":"{{{Base58.Encode(hash)}}}","lastValidBlockHeight":{{{height + Lifetime}}}}}""");
    }

    private SimAnswer Send(string wire)
    {
        lock (gate)
        {
            if (!signed.TryGetValue(wire, out var transaction))
            {
                world.Violations.Enqueue("a SOL transaction was sent without a journal record on disk");
                return Error(-32002, "unknown");
            }

            var (id, transactionId, last) = transaction;
            if (known.TryGetValue(transactionId, out var there) && there.Lands <= ledger.Height)
            {
                return Error(-32002, "Transaction simulation failed: This transaction has already been processed");
            }

            if (ledger.Height > last)
            {
                return Error(-32002, "Transaction simulation failed: Blockhash not found");
            }

            var fate = there.Lands > 0 && world.Faults && world.Roll("SOL copy refused", 3) == 0 ? SimFate.Refused : ledger.Fate(id);
            switch (fate)
            {
                case SimFate.LostBefore:
                    return SimAnswer.Cut;
                case SimFate.Unhealthy:
                    return Error(-32005, "Node is unhealthy");
                case SimFate.Refused:
                    return Error(-32002, "Transaction simulation failed: insufficient funds");
                case SimFate.Dropped:
                    return Result($"\"{transactionId}\"");
            }

            if (known.TryAdd(transactionId, (ledger.Lands(fate, last), fate is SimFate.FailsOnChain)) && fate is not SimFate.FailsOnChain)
            {
                world.CarriedOut(id, transactionId, listed: true);
                world.Note("paid: SOL");
            }

            return fate switch { SimFate.TakenAndCut => SimAnswer.Cut, SimFate.TakenAnd5xx => new(503, "<html>"), _ => Result($"\"{transactionId}\"") };
        }
    }

    private SimAnswer Transaction(string transactionId)
    {
        lock (gate)
        {
            return known.TryGetValue(transactionId, out var entry) && entry.Lands <= ledger.Seen("transaction")
                ? Result($$$"""{"slot":1,"meta":{"err":{{{(entry.Fails ? "{\"InstructionError\":[0,\"Custom\"]}" : "null")}}}}}""")
                : Result("null");
        }
    }

    private static SimAnswer Result(string json) => SimAnswer.Ok($$"""{"jsonrpc":"2.0","id":"kms","result":{{json}}}""");

    private static SimAnswer Error(int code, string message) => SimAnswer.Ok($$$"""{"jsonrpc":"2.0","id":"kms","error":{"code":{{{code}}},"message":"{{{message}}}"}}""");
}

using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Gateway;
using KmsCloud.Signing;

namespace KmsCloud.Tests.Support;

/// <summary>A daemon's cycles with a node of the operator's own beside a gateway that lies, thirteen minutes apart.</summary>
public abstract class OwnNodeWorld : IDisposable
{
    internal CycleWorld World { get; } = new();

    internal SetClock Clock { get; } = new() { Now = DateTimeOffset.UnixEpoch.AddDays(20_000) };

    /// <summary>What the node was asked, by method or path.</summary>
    internal List<string> Asked { get; } = [];

    public void Dispose()
    {
        World.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The method of a JSON-RPC request, or null.</summary>
    internal static string? Rpc(Received request) =>
        request.Body.Length > 0 && JsonDocument.Parse(request.Body).RootElement is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("method", out var method)
            ? method.GetString()
            : null;

    /// <summary>The gateway's answer with a blockhash of its own and the last block that it chooses.</summary>
    internal static Reply Blockhash(ulong last) =>
        new(200, $$"""{"jsonrpc":"2.0","result":{"value":{"blockhash":"{{Base58.Encode(RandomNumberGenerator.GetBytes(32))}}","lastValidBlockHeight":{{last}} } } }""");

    /// <summary>The node's answer, whose result is JSON by method.</summary>
    internal Reply Answer(Received request, Dictionary<string, string> results)
    {
        var method = Rpc(request)!;
        Asked.Add(method);
        return new(200, $$"""{"jsonrpc":"2.0","id":"kms","result":{{results[method]}}}""");
    }

    /// <summary>The journal's first signed line.</summary>
    internal JsonElement Signed() => Lines().First(line => line.GetProperty("event").GetString() == "signed");

    /// <summary>What the journal says, in order.</summary>
    internal List<string> Events() => [.. Lines().Select(line => line.GetProperty("event").GetString()!)];

    /// <summary>Runs cycles of one chain.</summary>
    /// <returns>How each transaction ended in each, in words.</returns>
    internal Task<List<string>> RunAsync(string chain, Uri node, int cycles = 3) => World.WithServicesAsync(
        async plain =>
        {
            using var nodes = new SecondNodes(new Dictionary<string, Uri> { [chain] = node });
            var cycle = new SigningCycle(plain with { SecondNodes = nodes }, World.Options with { Chains = [chain] });
            var seen = new List<string>();
            for (var look = 0; look < cycles; look++)
            {
                var report = await cycle.RunOnceAsync(CancellationToken.None);
                seen.AddRange(report.Transactions.Select(one => $"{one.Verdict}: {one.Reason}"));
                Clock.Now += TimeSpan.FromMinutes(13);
            }

            return seen;
        },
        Clock);

    private IEnumerable<JsonElement> Lines() => File.ReadLines(Path.Combine(World.StateFolder, "journal.jsonl")).Select(line => JsonDocument.Parse(line).RootElement);
}

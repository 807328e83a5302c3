using System.Collections.Concurrent;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// The nodes of the two chains whose transactions the signer submits itself, SOL and FLOW: they take what is submitted
/// and
/// say that the chain has it. The gateway's own two Flow signatures are made here too, with its throw-away keys.
/// </summary>
internal sealed class SandboxNodes
{
    private const string SolanaPath = $"/v3/blockchain/node/SOL/{SandboxGateway.ApiKey}";
    private const string FlowPath = "/node/v1/transactions";
    private const string FlowResult = "/node/v1/transaction_results/";
    private readonly ConcurrentDictionary<string, string> submitted = new(StringComparer.Ordinal);

    /// <summary>What was submitted under an id.</summary>
    internal string? Submitted(string id) => submitted.GetValueOrDefault(id);

    /// <summary>An answer, or null when the call is not for these nodes.</summary>
    internal (int Status, string Body)? Answer(string method, string path, string body, IEnumerable<SandboxScenario> scenarios) => path switch
    {
        SolanaPath => Solana(body),
        FlowPath => Flow(body),
        "/v3/flow/sign" => FlowSign(body, scenarios),
        _ when path.StartsWith(FlowResult, StringComparison.Ordinal) => submitted.ContainsKey(path[FlowResult.Length..])
            ? (200, """{"status":"Sealed","error_message":""}""")
            : (404, """{"code":404,"message":"transaction not found"}"""),
        // frees the proposal key
        "/v3/flow/broadcast" when !body.Contains("signatureId", StringComparison.Ordinal) => (200, "{}"),
        _ => null,
    };

    private (int, string)? Solana(string body)
    {
        if (SandboxGateway.RpcMethod(body) is not ("sendTransaction" or "getTransaction"))
        {
            return null;
        }

        var call = StrictJson.Parse(body, "the call");
        var parameter = call.GetProperty("params")[0].GetString()!;
        string result;
        if (call.GetProperty("method").GetString() == "sendTransaction")
        {
            var id = SolanaReader.Id(parameter);
            submitted[id] = parameter;
            result = $"\"{id}\"";
        }
        else
        {
            result = submitted.ContainsKey(parameter) ? """{"slot":1,"meta":{"err":null,"fee":5000}}""" : "null";
        }

        return (200, $$"""{"jsonrpc":"2.0","id":{{call.GetProperty("id").GetRawText()}},"result":{{result}}}""");
    }

    private (int, string)? Flow(string body)
    {
        var id = FlowReader.Id(StrictJson.Parse(body, "the transaction"));
        submitted[id] = body;
        return (200, $$"""{"id":"{{id}}"}""");
    }

    private static (int, string)? FlowSign(string body, IEnumerable<SandboxScenario> scenarios)
    {
        var call = StrictJson.Parse(body, "the call");
        var role = call.GetProperty("isPayer").GetBoolean() ? "payer" : "proposer";
        var keys = scenarios.First(scenario => scenario.GatewayKeys.ValueKind is JsonValueKind.Object);
        var signature = keys.SignAsGateway(
            role, Keccak256.Sha3(Hex.Read(call.GetProperty("data").GetString()!, "the message")));
        return (200, $$"""{"signature":"{{Hex.Lower(signature)}}"}""");
    }
}

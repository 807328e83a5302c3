using System.Globalization;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// Flow transactions as they were handed to the access node: payload, envelope and all three signatures are checked.
/// </summary>
internal static class FlowReader
{
    private static readonly byte[] Tag = [.. "FLOW-V0.0-transaction"u8, .. new byte[11]];

    /// <summary>The id of a submitted transaction.</summary>
    internal static string Id(JsonElement json) =>
        Hex.Lower(Keccak256.Sha3(RlpTree.Write(new List<object> { Payload(json), Signatures(json, "payload_signatures"), Signatures(json, "envelope_signatures") })));

    internal static Reading Read(string submitted, SandboxScenario scenario)
    {
        using var document = JsonDocument.Parse(submitted);
        var json = document.RootElement;
        var payload = Keccak256.Sha3([.. Tag, .. RlpTree.Write(Payload(json))]);
        var envelope = Keccak256.Sha3(
            [.. Tag, .. RlpTree.Write(new List<object> { Payload(json), Signatures(json, "payload_signatures") })]);
        var authorizer = Hex.Read(scenario.Signers.Single(), "the signer");
        Check(json.GetProperty("payload_signatures")[0], scenario.GatewayKey("proposer"), payload, "the proposer's");
        Check(json.GetProperty("payload_signatures")[1], authorizer, payload, "the authorizer's");
        Check(json.GetProperty("envelope_signatures")[0], scenario.GatewayKey("payer"), envelope, "the payer's");
        return new(Id(json), Pays(json), scenario.Signers);
    }

    private static void Check(JsonElement signature, byte[] publicKey, byte[] digest, string whose) => IndependentReader.Require(
        Secp256k1.IsValid(publicKey, digest, signature.GetProperty("signature").GetBytesFromBase64()), $"{whose} signature is wrong");

    private static string Pays(JsonElement json)
    {
        var script = Encoding.UTF8.GetString(json.GetProperty("script").GetBytesFromBase64());
        var arguments = json.GetProperty("arguments").EnumerateArray().Select(argument => JsonDocument.Parse(argument.GetBytesFromBase64()).RootElement.GetProperty("value")).ToList();
        var from = "0x" + json.GetProperty("authorizers")[0].GetString();
        return script.Contains("vault.withdraw(amount: amount)", StringComparison.Ordinal) && script.Contains("import FlowToken from", StringComparison.Ordinal)
            ? $"{arguments[0]} FLOW from {from} to {arguments[1]}"
            : $"a script of {script.Length} characters for {from} ({string.Join(", ", arguments.Select(value => value.GetRawText()))})";
    }

    private static List<object> Payload(JsonElement json)
    {
        var proposal = json.GetProperty("proposal_key");
        return
        [
            json.GetProperty("script").GetBytesFromBase64(),
            json.GetProperty("arguments").EnumerateArray().Select(object (argument) => argument.GetBytesFromBase64()).ToList(),
            Hex.Read(json.GetProperty("reference_block_id").GetString()!, "the block"),
            Number(json, "gas_limit"),
            Hex.Read(proposal.GetProperty("address").GetString()!, "the proposer"),
            Number(proposal, "key_index"),
            Number(proposal, "sequence_number"),
            Hex.Read(json.GetProperty("payer").GetString()!, "the payer"),
            json.GetProperty("authorizers").EnumerateArray().Select(object (account) => Hex.Read(account.GetString()!, "an account")).ToList(),
        ];
    }

    /// <summary>
    /// A signer is known by its place in the list of proposer, payer and authorizers without repetition.
    /// </summary>
    private static List<object> Signatures(JsonElement json, string name)
    {
        string?[] all = [json.GetProperty("proposal_key").GetProperty("address").GetString(), json.GetProperty("payer").GetString(), .. json.GetProperty("authorizers").EnumerateArray().Select(account => account.GetString())];
        var signers = all.Distinct().ToList();
        return [.. json.GetProperty(name).EnumerateArray().Select(object (signature) => new List<object>
        {
            RlpTree.Bytes(signers.IndexOf(signature.GetProperty("address").GetString())),
            Number(signature, "key_index"),
            signature.GetProperty("signature").GetBytesFromBase64(),
        })];
    }

    private static byte[] Number(JsonElement json, string name) =>
        RlpTree.Bytes(
            ulong.Parse(json.GetProperty(name).GetString()!, NumberStyles.None, CultureInfo.InvariantCulture));
}

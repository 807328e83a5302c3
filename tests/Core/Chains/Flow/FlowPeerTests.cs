using System.Text.Json.Nodes;
using KmsCloud.Chains.Flow;
using KmsCloud.Codecs;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Flow;

/// <summary>Flow's encodings of random transactions against RLP of ethers and SHA3 and ECDSA of noble; no library of Flow's is at hand.</summary>
public static class FlowPeerTests
{
    [Fact]
    public static void Random_transactions_are_encoded_alike()
    {
        var random = new SeededRandom(ChainFuzz.Seed);
        using var key = Secp256k1Keys.Generate();
        for (var i = 0; i < 60; i++)
        {
            FlowKey Role(params FlowKey[] known) => known.Length > 0 && random.Chance(2) ? known[0] with { KeyId = (uint)random.Below(300) } : new(Hex.Lower(random.Bytes(8)), (uint)random.Below(300));
            var proposer = Role();
            var payload = new FlowPayload
            {
                Script = new string('x', random.Below(600)) + "é",
                Arguments = [.. Enumerable.Range(0, random.Below(4)).Select(_ => $"{{\"type\":\"String\",\"value\":\"{new string('a', random.Below(80))}\"}}")],
                ReferenceBlock = Hex.Lower(random.Bytes(32)),
                ReferenceHeight = 1,
                Proposer = proposer,
                SequenceNumber = random.Next() >> random.Below(64),
                Payer = Role(proposer),
                Authorizer = new(Hex.Lower(random.Bytes(8)), 0),
            };
            var signature = key.SignEcdsa(Keccak256.Sha3(payload.Message()));
            FlowSignature[] signatures = [new(payload.Proposer, random.Bytes(64)), new(payload.Authorizer, signature)];
            var payer = new FlowSignature(payload.Payer, random.Bytes(64));
            var peer = Peer.Call("flow", "envelope", new JsonObject
            {
                ["script"] = payload.Script,
                ["args"] = new JsonArray([.. payload.Arguments.Select(argument => (JsonNode)argument)]),
                ["block"] = payload.ReferenceBlock,
                ["proposer"] = Json(payload.Proposer),
                ["sequence"] = $"{payload.SequenceNumber}",
                ["payer"] = Json(payload.Payer),
                ["account"] = payload.Authorizer.Address,
                ["signatures"] = new JsonArray([.. signatures.Select(Json)]),
                ["payerSignature"] = Json(payer),
                ["publicKey"] = Hex.Lower(key.PublicKey.Bytes),
            })!;
            Assert.Equal((string?)peer["message"], Hex.Lower(payload.Message()));
            Assert.True((bool)peer["valid"]!);
            Assert.Equal((string?)peer["envelope"], Hex.Lower(payload.EnvelopeMessage(signatures)));
            Assert.Equal((string?)peer["id"], payload.Id(signatures, payer));
        }
    }

    private static JsonObject Json(FlowKey key) => new() { ["address"] = key.Address, ["keyId"] = key.KeyId };

    private static JsonNode Json(FlowSignature signature)
    {
        var json = Json(signature.Key);
        json["signature"] = Hex.Lower(signature.Signature);
        return json;
    }
}

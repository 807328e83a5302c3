using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Tron;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Tron;

/// <summary>
/// Contracts of every type with random contents whose bytes agree with their JSON, so that decoding is reached behind the
/// comparison: a summary or a KmsException. Half a second; KMS_FUZZ_SECONDS gives more.
/// </summary>
public static class TronFuzzTests
{
    [Fact]
    public static void Only_kms_exceptions_come_out_of_contracts_that_agree_with_their_bytes()
    {
        var seconds = Environment.GetEnvironmentVariable("KMS_FUZZ_SECONDS") is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : 0.5;
        var random = new SeededRandom(seconds > 1 ? (ulong)Stopwatch.GetTimestamp() : 2);
        var mutator = new JsonMutator(random);
        using var signer = new SingleKeySigner("TRON", new string('5', 64));
        var owner = Hex.Lower(Base58.TryDecodeCheck(signer.Address)!);
        var kinds = new HashSet<string>();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < seconds;)
        {
            var contract = random.Pick(TronSchema.Contracts.Values);
            var raw = Raw(contract, owner, random);
            var json = random.Coin() ? raw.ToJsonString() : mutator.Mutate(raw.ToJsonString());
            try
            {
                var shown = StrictJson.Parse(json, "raw_data");
                var bytes = TronRaw.Read(shown, new(Visible: false, LabelsAsText: false)).Bytes;
                var whole = $$"""{"visible":false,"txID":"{{Hex.Lower(SHA256.HashData(bytes))}}","raw_data":{{json}},"raw_data_hex":"{{Hex.Lower(bytes)}}"}""";
                var transaction = signer.Decode(whole);
                _ = transaction.Summary.Transfers.Select(transfer => transfer.Amount.ToString()).ToList();
                JsonDocument.Parse(transaction.Sign(signer.Keys).Data).Dispose();
                kinds.Add(transaction.Summary.Details["contract type"]);
            }
            catch (KmsException refusal)
            {
                Assert.NotEqual(Failure.Internal, refusal.Failure);
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{json}\n{error}");
            }
        }

        Assert.Equal(TronSchema.Contracts.Count, kinds.Count);
    }

    private static JsonObject Raw(TronContract contract, string owner, SeededRandom random)
    {
        var value = Message(contract.Fields, random);
        value["owner_address"] = owner;
        return new()
        {
            ["contract"] = new JsonArray(new JsonObject
            {
                ["parameter"] = new JsonObject { ["value"] = value, ["type_url"] = "type.googleapis.com/protocol." + contract.Name },
                ["type"] = contract.Name,
                ["Permission_id"] = random.Below(3),
            }),
            ["ref_block_bytes"] = "a3c3",
            ["ref_block_hash"] = "88a4b07bc0481a0d",
            ["expiration"] = (long)(random.Next() >> (1 + random.Below(63))),
            ["fee_limit"] = random.Below(1_000_000),
            ["data"] = Hex.Lower(random.Bytes(random.Below(30))),
        };
    }

    private static JsonObject Message(TronField[] fields, SeededRandom random)
    {
        var message = new JsonObject();
        foreach (var field in fields.Where(_ => random.Below(4) > 0))
        {
            message[field.Name] = field.Kind switch
            {
                TronKind.Integer or TronKind.Sun => (long)(random.Next() >> (1 + random.Below(63))),
                TronKind.Address => "41" + Hex.Lower(random.Bytes(20)),
                TronKind.Bytes => (random.Coin() ? "a9059cbb000000000000000000000000" : "") + Hex.Lower(random.Bytes(random.Below(90))),
                TronKind.Label => Hex.Lower(random.Bytes(random.Below(20))),
                TronKind.Text => "näme\n\u202e"[..random.Below(7)],
                TronKind.Flag => random.Coin(),
                TronKind.Choice => random.Coin() ? field.Names.Keys[random.Below(field.Names.Count)] : random.Below(300),
                TronKind.Message => Message(field.Fields, random),
                _ => new JsonArray([.. Enumerable.Range(0, random.Below(3)).Select(_ => Message(field.Fields, random))]),
            };
        }

        return message;
    }
}

using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// Signed Cardano transactions in Rosetta's envelope: body and witnesses, against the owners of the inputs.
/// </summary>
internal static class CardanoReader
{
    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var envelope = new Cursor(Hex.Read(txData, "the envelope"));
        var items = (List<object?>)CborTree.Item(envelope)!;
        envelope.End();
        var cursor = new Cursor(Hex.Read((string)items[0]!, "the transaction"));
        IndependentReader.Require(cursor.Byte() == 0x84, "it has not four parts");
        var start = cursor.At;
        var body = (List<(object? Key, object? Value)>)CborTree.Item(cursor)!;
        var digest = Blake2b.Hash(cursor.Between(start, cursor.At), 32);
        var witnesses = (List<(object? Key, object? Value)>)CborTree.Item(cursor)!;
        IndependentReader.Require(cursor.Byte() == 0xf5 && cursor.Byte() == 0xf6, "it is not valid without metadata");
        cursor.End();

        var keys = new List<byte[]>();
        foreach (var witness in (List<object?>)Part(witnesses, 0))
        {
            var (key, signature) = ((byte[])((List<object?>)witness!)[0]!, (byte[])((List<object?>)witness!)[1]!);
            IndependentReader.Require(Ed25519.IsValid(key, digest, signature), "a signature is wrong");
            keys.Add(key);
        }

        CheckInputs(scenario, (List<object?>)Part(body, 0), keys);
        var paid = ((List<object?>)Part(body, 1)).Select(output => Pays((List<object?>)output!));
        return new(Hex.Lower(digest), string.Join(", ", paid), [.. keys.Select(key => Hex.Lower(key))]);
    }

    /// <summary>The coins spent are those asked for, and whoever owns each has signed.</summary>
    private static void CheckInputs(SandboxScenario scenario, List<object?> inputs, List<byte[]> keys)
    {
        var operations = JsonDocument.Parse(scenario.Pending.GetProperty("serializedTransaction").GetString()!).RootElement.EnumerateArray()
            .Where(operation => operation.GetProperty("type").GetString() == "input").ToList();
        var asked = operations.Select(operation => operation.GetProperty("coin_change").GetProperty("coin_identifier").GetProperty("identifier").GetString()).Order();
        var spent = inputs.Select(input => $"{Hex.Lower((byte[])((List<object?>)input!)[0]!)}:{((List<object?>)input!)[1]}").Order();
        IndependentReader.Require(asked.SequenceEqual(spent), "other coins are spent than asked for");
        foreach (var operation in operations)
        {
            var owner = Bech32.TryDecodeBytes(operation.GetProperty("account").GetProperty("address").GetString()!, "addr_test", 120)!.AsSpan(1, 28).ToArray();
            IndependentReader.Require(
                keys.Any(key => Blake2b.Hash(key, 28).SequenceEqual(owner)), "an owner has not signed");
        }
    }

    private static string Pays(List<object?> output) =>
        $"{new Amount((ulong)output[1]!, 6, "ADA")} to {Bech32.EncodeBytes("addr_test", (byte[])output[0]!)}";

    private static object Part(List<(object? Key, object? Value)> map, ulong key) =>
        map.Single(pair => pair.Key is ulong number && number == key).Value!;
}

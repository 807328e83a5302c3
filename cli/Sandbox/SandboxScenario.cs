using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// One recorded transaction of the sandbox: what the gateway lists and answers, with throw-away keys published in our
/// vectors.
/// </summary>
/// <param name="Name">The vector's name.</param>
/// <param name="Pending">The pending transaction.</param>
/// <param name="Gateway">Recorded answers to the calls made while signing.</param>
/// <param name="Signed">What another implementation signed for the same request; null when nobody did.</param>
/// <param name="BroadcastPath">Where the signed transaction goes.</param>
internal sealed record SandboxScenario(
    string Name, JsonElement Pending, JsonElement Gateway, string? Signed, string BroadcastPath)
{
    /// <summary>The wallets, in the wallet file's form.</summary>
    internal required JsonElement Wallets { get; init; }

    /// <summary>
    /// Public keys that must have signed, in lower-case hex, as recorded from the other implementation.
    /// </summary>
    internal required IReadOnlyList<string> Signers { get; init; }

    /// <summary>The id that the other implementation computed, when one did.</summary>
    internal string? TransactionId { get; init; }

    /// <summary>Throw-away keys of the gateway by role, for the chain whose gateway signs too.</summary>
    internal JsonElement GatewayKeys { get; init; }

    /// <summary>Whether the recording is the only right answer; of Flow's signatures two forms are valid.</summary>
    internal bool IsByteExact => Chain != "FLOW";

    /// <summary>Pending id.</summary>
    internal string Id => Pending.GetProperty("id").GetString()!;

    /// <summary>Chain code.</summary>
    internal string Chain => Pending.GetProperty("chain").GetString()!;

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<SandboxScenario> ReadAll()
    {
        using var stream = typeof(SandboxScenario).Assembly.GetManifestResourceStream("scenarios.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return [.. StrictJson.Parse(bytes, "scenarios.json").EnumerateArray().Select(item => new SandboxScenario(
            item.GetProperty("name").GetString()!,
            item.GetProperty("pending"),
            item.GetProperty("gateway"),
            item.GetProperty("signed").GetString()!,
            item.GetProperty("broadcast").GetString()!)
        {
            Wallets = item.GetProperty("walletStore"),
            Signers = [.. item.GetProperty("signers").EnumerateArray().Select(key => key.GetString()!)],
            TransactionId = item.GetProperty("txId").GetString()!,
            GatewayKeys = item.TryGetProperty("gatewayKeys", out var keys) ? keys : default,
        })];
    }

    /// <summary>One made here, for a real node, of keys made here.</summary>
    /// <param name="chain">Chain code.</param>
    /// <param name="name">What it shows.</param>
    /// <param name="serialized">The pending's serializedTransaction.</param>
    /// <param name="broadcastPath">Where the signed transaction goes.</param>
    /// <param name="keys">Private key texts and their public keys.</param>
    internal static SandboxScenario Made(
        string chain,
        string name,
        string serialized,
        string broadcastPath,
        params (string Private, byte[] Public)[] keys)
    {
        var ids = keys.Select(_ => Guid.NewGuid().ToString()).ToList();
        var wallets = ids.Zip(keys, (id, key) => $$"""{{Quoted(id)}}:{"privateKey":{{Quoted(key.Private)}},"chain":{{Quoted(chain)}},"testnet":true}""");
        var pending = $$"""
            {"id":"{{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}}","chain":{{Quoted(chain)}},
             "serializedTransaction":{{Quoted(serialized)}},"hashes":[{{string.Join(',', ids.Select(Quoted))}}]}
            """;
        return new(name, StrictJson.Parse(pending, "a pending transaction"), StrictJson.Parse("[]", "a recording"), null, broadcastPath)
        {
            Wallets = StrictJson.Parse($"{{{string.Join(',', wallets)}}}", "wallets"),
            Signers = [.. keys.Select(key => Convert.ToHexStringLower(key.Public)).Distinct()],
        };
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    /// <summary>The wallets it is signed with.</summary>
    internal IEnumerable<(string Id, WalletEntry Entry)> Entries() =>
        from wallet in Wallets.EnumerateObject()
        select (wallet.Name, new WalletEntry
        {
            Chain = wallet.Value.GetProperty("chain").GetString()!,
            Network = Network.Testnet,
            Mnemonic = Secret(wallet.Value, "mnemonic"),
            Xpub = Text(wallet.Value, "xpub"),
            PrivateKey = Secret(wallet.Value, "privateKey"),
            Secret = Secret(wallet.Value, "secret"),
            Address = Text(wallet.Value, "address"),
        });

    /// <summary>The public key of one of the gateway's roles.</summary>
    internal byte[] GatewayKey(string role) =>
        Secp256k1.PublicKey(Convert.FromHexString(GatewayKeys.GetProperty(role).GetString()!));

    /// <summary>A signature of one of the gateway's roles.</summary>
    internal byte[] SignAsGateway(string role, byte[] digest) =>
        Secp256k1.Sign(Convert.FromHexString(GatewayKeys.GetProperty(role).GetString()!), digest);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static SecretBytes? Secret(JsonElement json, string name) =>
        Text(json, name) is { } text ? SecretBytes.Take(Encoding.UTF8.GetBytes(text)) : null;
}

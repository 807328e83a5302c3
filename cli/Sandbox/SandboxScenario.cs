using System.Text;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Secrets;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Sandbox;

/// <summary>One recorded transaction of the sandbox: what the gateway lists and answers, with throw-away keys published in our vectors.</summary>
/// <param name="Name">The vector's name.</param>
/// <param name="Pending">The pending transaction.</param>
/// <param name="Gateway">Recorded answers to the calls made while signing.</param>
/// <param name="Signed">What an independent implementation signed for the same request.</param>
/// <param name="BroadcastPath">Where the signed transaction goes.</param>
internal sealed record SandboxScenario(string Name, JsonElement Pending, JsonElement Gateway, string Signed, string BroadcastPath)
{
    internal required JsonElement Wallets { get; init; }

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
        })];
    }

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

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static SecretBytes? Secret(JsonElement json, string name) =>
        Text(json, name) is { } text ? SecretBytes.Take(Encoding.UTF8.GetBytes(text)) : null;
}

using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Cli.Sandbox;

/// <summary>A transaction that must not leave, and what became of it.</summary>
/// <param name="Chain">Chain code.</param>
/// <param name="Case">What is wrong with it, for people.</param>
/// <param name="Reason">What the service said.</param>
/// <param name="Held">Whether it was refused and nothing left.</param>
internal sealed record SandboxRefusal(string Chain, string Case, string Reason, bool Held)
{
    /// <summary>The approver's, which says no to every id that begins like this.</summary>
    internal const string DeniedPrefix = "0ddeadbe";

    /// <summary>A policy that pays a thousandth of an ETH, to anybody.</summary>
    internal const string Policy =
        """{"version":1,"rules":[{"name":"small payouts","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perTransaction":"0.001"}}}]}""";

    /// <summary>The three cases, made of what the sandbox signs otherwise.</summary>
    /// <param name="recorded">All that was recorded.</param>
    internal static IEnumerable<(string Case, SandboxScenario Scenario, bool UnderPolicy)> Cases(
        IReadOnlyList<SandboxScenario> recorded)
    {
        var ether = recorded.First(scenario => scenario.Chain == "ETH");
        var tron = recorded.First(scenario => scenario.Chain == "TRON");
        yield return ("the approver says no", ether with { Pending = WithId(ether, DeniedPrefix + "0000000000000001") }, false);
        yield return ("above the policy's limit", ether with { Pending = WithId(ether, "0dd000000000000000000002") }, true);
        yield return ("the amount was changed on its way", tron with { Pending = Changed(WithId(tron, "0dd000000000000000000003")) }, false);
    }

    private static JsonElement WithId(SandboxScenario scenario, string id) =>
        StrictJson.Parse(
            scenario.Pending.GetRawText().Replace(scenario.Id, id, StringComparison.Ordinal), "a pending transaction");

    /// <summary>Another amount where people read, and not where the network does.</summary>
    private static JsonElement Changed(JsonElement pending) =>
        StrictJson.Parse(
            pending.GetRawText().Replace("\\\"amount\\\":1234567", "\\\"amount\\\":1", StringComparison.Ordinal),
            "a pending transaction");
}

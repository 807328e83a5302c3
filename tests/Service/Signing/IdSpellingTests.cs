using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>One pending id in several spellings: the gateway's ids are hexadecimal numbers, and an approver looks them up as such.</summary>
public sealed class IdSpellingTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Theory]
    [InlineData("5f7c8a1b2c3d4e5f60718293", "5F7C8A1B2C3D4E5F60718293")]
    [InlineData("5f7c8a1b2c3d4e5f60718293", "5f7c8a1b2c3d4e5f6071829​3")]
    [InlineData("00f7a1b2-2c3d-4e5f-8071-829300112233", "00F7A1B2-2c3d-4e5f-8071-829300112233")]
    [InlineData("00f7a1b2-2c3d-4e5f-8071-829300112233", "0xf7a1b2-2c3d-4e5f-8071-829300112233")]
    [InlineData("5f7c8a1b2c3d4e5f60718293", "5F7C8A1B2C3D4E5F60718293", true)]
    [InlineData("00f7a1b2-2c3d-4e5f-8071-829300112233", "00F7A1B2-2c3d-4e5f-8071-829300112233", true)]
    public async Task One_id_in_two_spellings_is_signed_once(string id, string alias, bool anyIds = false)
    {
        world.Options = world.Options with { AnyIds = anyIds, Chains = ["ETH"] };
        world.Add("ETH", "token-transfer-nonce-gas-price-missing", pending => With(pending, id));
        world.Pending["ETH"].Add(With(JsonNode.Parse(world.Pending["ETH"][0])!.AsObject(), alias).ToJsonString());
        await world.RunAsync();
        var journal = Path.Combine(world.StateFolder, "journal.jsonl");
        var signed = File.ReadLines(journal).Count(line => line.Contains("\"signed\"", StringComparison.Ordinal));
        Assert.True(signed == 1, $"{signed} signatures; the approver was asked for {string.Join(" and ", world.Approver.Requests.Select(request => request.Path))}, "
            + $"which an approver that reads ids as numbers, or has a database that ignores case, takes for one; broadcasts: {world.Broadcasts.Select(one => one.Body).Distinct().Count()} different");
    }

    private static JsonObject With(JsonObject pending, string id)
    {
        pending["id"] = id;
        return pending;
    }
}

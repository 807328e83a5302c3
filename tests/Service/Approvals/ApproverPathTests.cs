using KmsCloud.Approvals;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Approvals;

/// <summary>A pending id is one segment of the approver's address and can be nothing else.</summary>
public sealed class ApproverPathTests : IDisposable
{
    private readonly CycleWorld world = new();

    public void Dispose() => world.Dispose();

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("%2e%2e")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    [InlineData("health")]
    [InlineData("..;")]
    [InlineData("")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")] // a UUID without its hyphens
    [InlineData("4d701963c0975df0102c6e2g")]
    [InlineData("4D701963C0975DF0102C6E2E")] // another spelling: IdSpellingTests
    public async Task An_id_of_another_form_is_refused_before_anybody_is_asked(string id)
    {
        world.Options = world.Options with { AnyIds = false };
        world.Add("ETH", "native-transfer-private-key", pending =>
        {
            pending["id"] = id;
            return pending;
        });
        var report = await world.RunAsync();
        Assert.Equal(1, report.Count(Verdict.Refused));
        Assert.Empty(world.Approver.Requests);
        Assert.Empty(world.Broadcasts);
    }

    [Theory]
    [InlineData("4d701963c0975df0102c6e2e")]
    [InlineData("6f9619ff-8b86-d011-b42d-00cf4fc964ff")]
    public async Task The_gateways_own_two_forms_are_taken(string id)
    {
        world.Options = world.Options with { AnyIds = false };
        world.Add("ETH", "native-transfer-private-key", pending =>
        {
            pending["id"] = id;
            return pending;
        });
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.Equal("/" + id, world.Approver.Requests.Single().Path);
    }

    [Theory]
    [InlineData("pay-once", true)]
    [InlineData("..", false)]
    [InlineData("a.b", false)]
    public void The_option_widens_to_plain_words_and_no_further(string id, bool taken) =>
        Assert.Equal(taken, Record.Exception(() => PendingId.Check(id, anyForm: true)) is null);

    [Theory]
    [InlineData("https://approver/kms", "x", "https://approver/kms/x")]
    [InlineData("https://approver/kms/", "x", "https://approver/kms/x")]
    [InlineData("https://approver", "x", "https://approver/x")]
    [InlineData("https://approver/a%2Fb", "x", "https://approver/a%2Fb/x")]
    [InlineData("https://approver/kms", "..", null)]
    [InlineData("https://approver/kms", ".", null)]
    [InlineData("https://approver/kms", "%2e%2e", null)]
    [InlineData("https://approver/kms", "a?b", null)]
    [InlineData("https://approver/kms", "a#b", null)]
    [InlineData("https://approver/kms", "a\\b", null)]
    public void The_address_is_base_slash_id_after_every_normalisation(string url, string id, string? address)
    {
        if (address is null)
        {
            Assert.Throws<KmsException>(() => ApproverUrl.Of(new(url), id));
            return;
        }

        Assert.Equal(address, ApproverUrl.Of(new(url), id).AbsoluteUri);
    }
}

using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Approver;

/// <summary>An approvers file is read to the last member or not at all.</summary>
public sealed class ApproversFileTests : IDisposable
{
    private readonly Officers officers = new("alice", "bob");

    public void Dispose() => officers.Dispose();

    [Fact]
    public void A_good_file_is_read_and_named_by_its_digest()
    {
        var file = officers.File();
        var read = ApproversFile.Read(file);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file)), read.Digest);
        Assert.Equal(["alice", "bob"], read.People.Select(person => person.Name));
        Assert.Contains(Guid.Parse(VirtualKey.Model), (IReadOnlySet<Guid>)SecurityKeyModels.Default);
        Assert.Equal(VirtualKey.Host, read.People[0].Keys[0].RelyingParty);
    }

    [Fact]
    public void The_page_shows_a_good_file()
    {
        var page = File.ReadAllText(Path.Combine(Peer.SourceRoot, "docs", "four-eye.md"));
        var from = page.IndexOf("    {\"version\": 1, \"origins\"", StringComparison.Ordinal);
        var read = ApproversFile.Read(Encoding.UTF8.GetBytes(page[from..page.IndexOf("\n\n", from, StringComparison.Ordinal)]));
        Assert.Equal(["small", "all"], read.Rules.Select(rule => rule.Name));
    }

    public static TheoryData<string, string, string?> Mistakes() => new()
    {
        { "an unknown member", "extra", "1" },
        { "another version", "version", "2" },
        { "no version", "version", null },
        { "no people", "people", "[]" },
        { "no rules", "rules", "[]" },
        { "no origins", "origins", "[]" },
        { "an origin with a path", "origins", """["https://approvals.example/"]""" },
        { "an origin over http", "origins", """["http://approvals.example"]""" },
        { "an origin with a standard port", "origins", """["https://approvals.example:443"]""" },
        { "an origin that is none", "origins", """["approvals.example"]""" },
        { "models that are no UUIDs", "models", """["2fc0579f8113-47ea-b116-bb5a8db9202a"]""" },
        { "a model that is not listed", "models", """["ee882879-721c-4913-9775-3dfcce97072a"]""" },
        { "synced as text", "synced", "\"false\"" },
        { "an unknown member of a person", "people.0.mail", "\"a@b\"" },
        { "a person without name", "people.0.name", "\"\"" },
        { "a name that steers a terminal", "people.0.name", "\"al\\u202eice\"" },
        { "two people of one name", "people.0.name", "\"bob\"" },
        { "two people whose names differ by case", "people.0.name", "\"Bob\"" },
        { "no groups", "people.0.groups", "[]" },
        { "no keys", "people.0.keys", "[]" },
        { "a credential with padding", "people.0.keys.0.credential", "\"AAAAAAAAAAAAAAAAAAAAAA==\"" },
        { "a credential with bits left over", "people.0.keys.0.credential", "\"AAAAAAAAAAAAAAAAAAAAAB\"" },
        { "a short credential", "people.0.keys.0.credential", "\"AAAA\"" },
        { "a key on another curve", "people.0.keys.0.publicKey", "\"MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEebZmfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5hIOtp3JqPEZV2k-_wOEQio_Re0SKaFVBmcR9CP-xDUuA\"" },
        { "an AAGUID in capitals", "people.0.keys.0.aaguid", "\"2FC0579F-8113-47EA-B116-BB5A8DB9202A\"" },
        { "a relying party with a port", "people.0.keys.0.rpId", "\"approvals.example:443\"" },
        { "a relying party that is an address", "people.0.keys.0.rpId", "\"127.0.0.1\"" },
        { "a time with an offset", "people.0.keys.0.added", "\"2026-11-28T08:00:00+01:00\"" },
        { "a rule without chains", "rules.0.chains", null },
        { "a chain that is none", "rules.0.chains", """["ETHER"]""" },
        { "a word in place of a list", "rules.0.kinds", "\"all\"" },
        { "no recipients", "rules.0.recipients", "[]" },
        { "an amount as a number", "rules.0.assets", """{"ETH":1}""" },
        { "an amount that is none", "rules.0.assets", """{"ETH":"much"}""" },
        { "an asset twice", "rules.0.assets", """{"0xAB":"1","0xab":"2"}""" },
        { "no approvals", "rules.0.approvals", "0" },
        { "more approvals than people", "rules.0.approvals", "3" },
        { "a group that nobody is in", "rules.0.groups", """["officers","admins"]""" },
        { "an anomaly rule that is none", "rules.0.unless", """["lookalikes"]""" },
        { "a requester who is nobody", "rules.0.requesters", """["mallory"]""" },
        { "too few left beside the requesters", "rules.0.requesters", """["alice"]""" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_makes_the_whole_file_invalid(string mistake, string path, string? value)
    {
        Set(path, value);
        var refused = Assert.Throws<KmsException>(() => ApproversFile.Read(officers.File()));
        Shown.Line("approvers file, refused", $"{mistake}: {refused.Message}");
    }

    [Theory]
    [InlineData("credential")]
    [InlineData("publicKey")]
    public void One_key_of_two_people_is_refused(string member)
    {
        Set($"people.0.keys.0.{member}", officers.Json["people"]![1]!["keys"]![0]![member]!.ToJsonString());
        Assert.Contains("two keys", Assert.Throws<KmsException>(() => ApproversFile.Read(officers.File())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_point_beside_the_curve_is_no_key()
    {
        var point = officers["alice"].Point;
        point.Y![31] ^= 1;
        Assert.Throws<KmsException>(() => new Passkey(new byte[16], Passkey.Encode(point.X, point.Y)) { Model = default, RelyingParty = "a", Added = default });
    }

    [Fact]
    public void A_file_is_the_callers_own_or_not_read()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.File("approvers.json"), officers.File());
        Assert.Equal(2, ApproversFile.Load(folder.File("approvers.json"), OwnFile.Open).People.Count);
        File.SetUnixFileMode(folder.File("approvers.json"), File.GetUnixFileMode(folder.File("approvers.json")) | UnixFileMode.OtherWrite);
        var refused = Assert.Throws<KmsException>(() => ApproversFile.Load(folder.File("approvers.json"), OwnFile.Open));
        Assert.Contains("can be written by others", refused.Message, StringComparison.Ordinal);
        Assert.Throws<KmsException>(() => ApproversFile.Load(folder.File("nowhere.json"), OwnFile.Open));
        File.WriteAllText(folder.File("broken.json"), "{");
        Assert.Equal(Failure.Usage, Assert.Throws<KmsException>(() => ApproversFile.Load(folder.File("broken.json"), OwnFile.Open)).Failure);
    }

    private void Set(string path, string? value)
    {
        var steps = path.Split('.');
        JsonNode at = officers.Json;
        foreach (var step in steps[..^1])
        {
            at = int.TryParse(step, out var index) ? at[index]! : at[step]!;
        }

        if (value is null)
        {
            at.AsObject().Remove(steps[^1]);
            return;
        }

        at.AsObject()[steps[^1]] = JsonNode.Parse(Encoding.UTF8.GetBytes(value));
    }
}

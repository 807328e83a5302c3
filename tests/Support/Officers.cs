using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Evidence;
using KmsCloud.Keys;

namespace KmsCloud.Tests.Approver;

/// <summary>An approvers file with people, each with a virtual key or more.</summary>
internal sealed class Officers : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private readonly Dictionary<string, List<VirtualKey>> keys = new(StringComparer.Ordinal);

    public Officers(params string[] names)
    {
        foreach (var name in names)
        {
            Add(name);
        }

        Json = new()
        {
            ["version"] = 1,
            ["origins"] = new JsonArray(VirtualKey.Origin),
            ["people"] = new JsonArray([.. names.Select(name => (JsonNode)new JsonObject
            {
                ["name"] = name,
                ["groups"] = new JsonArray("officers"),
                ["keys"] = new JsonArray(this[name].Entry()),
            })]),
            ["rules"] = new JsonArray(Rule("all", 2)),
        };
    }

    /// <summary>The file; a test changes it before it reads it.</summary>
    public JsonObject Json { get; }

    public VirtualKey this[string name, int at = 0] => keys[name][at];

    public static JsonObject Rule(string name, int approvals) => new()
    {
        ["name"] = name,
        ["chains"] = "any",
        ["kinds"] = "any",
        ["assets"] = "any",
        ["recipients"] = "any",
        ["approvals"] = approvals,
        ["groups"] = new JsonArray("officers"),
    };

    public static EvidenceQuestion Question(string id = "6388f7ba52c0c3ff4d1e1b2a", int number = 1, string transaction = "tx") =>
        new(Network.Mainnet, id, Digest("request of " + id), number, Digest(transaction), 21_000);

    public static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Gives a person of the file one key more.</summary>
    public VirtualKey SecondKey(string name)
    {
        var key = Add(name);
        Json["people"]!.AsArray().Single(person => (string)person!["name"]! == name)!["keys"]!.AsArray().Add(key.Entry());
        return key;
    }

    public byte[] File() => Encoding.UTF8.GetBytes(Json.ToJsonString());

    public Approvers Read() => ApproversFile.Read(File());

    public static ApprovalEvidence Evidence(EvidenceQuestion question, params SignedDecision[] decisions) =>
        new(question.Network, question.Id, question.Request, question.Number, decisions);

    public ApprovalEvidence SaidBy(EvidenceQuestion question, params string[] names) =>
        Evidence(question, [.. names.Select(name => this[name].Decide(question, now: Now))]);

    public void Dispose()
    {
        foreach (var key in keys.Values.SelectMany(list => list))
        {
            key.Dispose();
        }
    }

    private VirtualKey Add(string name)
    {
        var key = new VirtualKey();
        keys.TryAdd(name, []);
        keys[name].Add(key);
        return key;
    }
}

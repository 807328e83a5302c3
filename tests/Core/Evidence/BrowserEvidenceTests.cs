using System.Buffers.Text;
using System.Text.Json.Nodes;
using KmsCloud.Approvals;
using KmsCloud.Codecs;
using KmsCloud.Evidence;
using KmsCloud.Keys;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Approver;

/// <summary>
/// What a real browser and its security keys sign is the evidence that the daemon takes; what they refuse, or sign
/// otherwise, is not.
/// </summary>
public static class BrowserEvidenceTests
{
    private const string Create = """
        (async () => {
          const made = await navigator.credentials.create({ publicKey: {
            challenge: crypto.getRandomValues(new Uint8Array(32)), rp: { id: 'localhost', name: 'approvals' },
            user: { id: crypto.getRandomValues(new Uint8Array(16)), name: 'somebody', displayName: 'somebody' },
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
            authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' } } });
          const text = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
          return { credential: made.id, publicKey: text(made.response.getPublicKey()), data: text(made.response.getAuthenticatorData()) };
        })()
        """;

    [Fact]
    public static async Task Two_of_three_people_at_their_browsers_have_it_signed_and_broadcast()
    {
        using var page = new LoopbackServer(_ => new(200));
        await using var browser = await Chromium.StartAsync();
        var origin = new Uri($"http://localhost:{page.Url.Port}/");
        var people = new List<Officer>();
        foreach (var name in (string[])["alice", "bob", "carol"])
        {
            people.Add(await Officer.EnrolAsync(browser, origin, name));
        }

        var approvers = ApproversFile.Read(File(origin, people, synced: false));
        using var world = new CycleWorld();
        world.Add("ETH", "token-transfer-nonce-gas-price-missing");
        world.MakeApprover = url => new(url, ApprovalBody.Full) { Approvers = new(() => approvers, TimeProvider.System) };
        world.Approve = () => Answer(world, question => people[0].DecideAsync(question));
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.NotApproved));
        world.Approve = () => Answer(world, question => people[0].DecideAsync(question), question => people[0].DecideAsync(question));
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.NotApproved));
        world.Approve = () => Answer(world, question => people[0].DecideAsync(question), NoMadeYesAsync);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.NotApproved));
        Assert.Empty(world.Broadcasts);
        world.Approve = () => Answer(world, question => people[0].DecideAsync(question), question => people[2].DecideAsync(question));
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.Single(world.Broadcasts);
        var line = System.IO.File.ReadLines(Path.Combine(world.StateFolder, "audit.jsonl")).Single(text => text.Contains("\"signing\"", StringComparison.Ordinal));
        Assert.Equal(["alice", "carol"], JsonNode.Parse(line)!["people"]!.AsArray().Select(name => (string)name!));

        async Task<SignedDecision> NoMadeYesAsync(EvidenceQuestion question) =>
            (await people[1].DecideAsync(question, SignedDecision.Reject)) with { Decision = SignedDecision.Approve };
    }

    [Fact]
    public static async Task A_key_that_does_not_know_its_user_or_lives_on_other_devices_too_gives_no_evidence()
    {
        using var page = new LoopbackServer(_ => new(200));
        await using var browser = await Chromium.StartAsync();
        var origin = new Uri($"http://localhost:{page.Url.Port}/");
        var careless = await Officer.EnrolAsync(browser, origin, "careless");
        var copied = await Officer.EnrolAsync(browser, origin, "synced", new() { ["defaultBackupEligibility"] = true, ["defaultBackupState"] = true });
        var question = new EvidenceQuestion(Network.Mainnet, "6388f7ba52c0c3ff4d1e1b2a", Officers.Digest("r"), 1, Officers.Digest("t"), null);
        var evidence = Officers.Evidence(question, await careless.DecideAsync(question), await copied.DecideAsync(question));
        Assert.Equal(2, Verify(takesSynced: true).Count);
        Assert.Contains("synced key", Assert.Throws<Errors.KmsException>(() => Verify(takesSynced: false)).Message, StringComparison.Ordinal);

        await careless.Tab.CallAsync("WebAuthn.setUserVerified", new() { ["authenticatorId"] = careless.Tab.Authenticator, ["isUserVerified"] = false });
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => careless.DecideAsync(question));
        Assert.Contains("NotAllowedError", refused.Message, StringComparison.Ordinal);
        evidence = Officers.Evidence(question, await careless.DecideAsync(question, verification: "discouraged")); // a page that does not ask for the PIN
        Assert.Contains("did not verify its user", Assert.Throws<Errors.KmsException>(() => Verify(takesSynced: true)).Message, StringComparison.Ordinal);

        IReadOnlyList<Person> Verify(bool takesSynced) => EvidenceCheck.Verify(
            ApproversFile.Read(File(origin, [careless, copied], takesSynced)),
            question,
            evidence,
            DateTimeOffset.FromUnixTimeSeconds(evidence.Decisions[0].Expires - 60));
    }

    private static byte[] File(Uri origin, IEnumerable<Officer> people, bool synced) => System.Text.Encoding.UTF8.GetBytes(new JsonObject
    {
        ["version"] = 1,
        ["origins"] = new JsonArray(origin.GetLeftPart(UriPartial.Authority)),
        ["synced"] = synced,
        ["models"] = new JsonArray([.. people.Select(person => (string)person.Entry["aaguid"]!).Distinct().Select(model => (JsonNode)model)]),
        ["people"] = new JsonArray([.. people.Select(person => (JsonNode)new JsonObject
        {
            ["name"] = person.Name,
            ["groups"] = new JsonArray("officers"),
            ["keys"] = new JsonArray(person.Entry.DeepClone()),
        })]),
        ["rules"] = new JsonArray(Officers.Rule("all", 2)),
    }.ToJsonString());

    private static Reply Answer(CycleWorld world, params Func<EvidenceQuestion, Task<SignedDecision>>[] decide)
    {
        var asked = world.Approver.Requests.Last();
        var digest = (string?)JsonNode.Parse(asked.Body)!["transactionDigest"];
        var question = new EvidenceQuestion(Network.Testnet, asked.Path.Split('/')[^1], asked.Headers["x-kms-digest"], 1, digest, null);
        var decisions = decide.Select(one => one(question).GetAwaiter().GetResult()).ToArray();
        return new(200, CompactJson.Write(Officers.Evidence(question, decisions).Write));
    }

    /// <summary>Somebody with a browser tab and a security key of the browser's own making.</summary>
    private sealed record Officer(string Name, Chromium.Tab Tab, JsonObject Entry)
    {
        public static async Task<Officer> EnrolAsync(Chromium browser, Uri origin, string name, JsonObject? key = null)
        {
            var tab = await browser.OpenAsync(origin, key);
            var made = (await tab.EvaluateAsync(Create))!;
            var model = new Guid(Base64Url.DecodeFromChars((string)made["data"]!).AsSpan(37, 16), bigEndian: true);
            return new(name, tab, new()
            {
                ["credential"] = (string)made["credential"]!,
                ["publicKey"] = (string)made["publicKey"]!,
                ["aaguid"] = model.ToString(),
                ["rpId"] = "localhost",
                ["added"] = "2026-11-28T08:00:00Z",
            });
        }

        public async Task<SignedDecision> DecideAsync(EvidenceQuestion question, string decision = SignedDecision.Approve, string verification = "required")
        {
            var (nonce, expires) = (SignedDecision.NewNonce(), TimeProvider.System.GetUtcNow().AddMinutes(30).ToUnixTimeSeconds());
            var bound = SignedDecision.ToTransaction(question.Transaction!);
            var challenge = Base64Url.EncodeToString(SignedDecision.Challenge(question, decision, bound, nonce, expires));
            var answer = (await Tab.EvaluateAsync($$"""
                (async () => (await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON({
                  challenge: '{{challenge}}', rpId: 'localhost', userVerification: '{{verification}}', timeout: 20000,
                  allowCredentials: [{ type: 'public-key', id: '{{(string)Entry["credential"]!}}' }] }) })).toJSON())()
                """))!["response"]!;
            return new()
            {
                Decision = decision,
                Bound = bound,
                Nonce = nonce,
                Expires = expires,
                Assertion = new((string)Entry["credential"]!, Bytes("authenticatorData"), Bytes("clientDataJSON"), Bytes("signature")),
            };

            byte[] Bytes(string member) => Base64Url.DecodeFromChars((string)answer[member]!);
        }
    }
}

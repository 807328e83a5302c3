using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Approvals;
using KmsCloud.Codecs;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Approvals;

/// <summary>Only the approver's own yes to this very transaction counts.</summary>
public sealed class FourEyeTests : IDisposable
{
    private const string Secret = "canary-approval-secret-5d20";
    private static readonly DateTimeOffset Now = new(2026, 11, 16, 12, 0, 0, TimeSpan.Zero);
    private readonly CycleWorld world = new();
    private readonly string id;

    public FourEyeTests() => id = world.Add("ETH", "native-transfer-private-key").GetProperty("pending").GetProperty("id").GetString()!;

    public void Dispose() => world.Dispose();

    /// <summary>Answers that are no yes, whether or not they must be signed.</summary>
    public static TheoryData<int, string> Plain() => new()
    {
        { 300, "https://example.com" }, { 301, "/elsewhere" }, { 302, "/elsewhere" }, { 303, "/elsewhere" }, { 304, "" }, { 307, "/elsewhere" }, { 308, "/elsewhere" },
        { 400, "" }, { 401, "" }, { 402, "" }, { 403, "" }, { 404, "" }, { 405, "" }, { 407, "" }, { 408, "" }, { 410, "" }, { 418, "" }, { 429, "" }, { 451, "" },
        { 500, "" }, { 501, "" }, { 502, "" }, { 503, "" }, { 504, "" }, { 599, "" }, { 999, "" }, { -1, "" },
    };

    [Theory, MemberData(nameof(Plain))]
    public async Task No_yes_no_signature(int status, string location)
    {
        world.Approve = () => status < 0 ? Reply.Cut : new(status, "") { Headers = location.Length > 0 ? new Dictionary<string, string> { ["Location"] = location } : new Dictionary<string, string>() };
        await UnsignedAsync(status < 0 ? "a cut connection" : $"HTTP {status}{(location.Length > 0 ? " to " + location : "")}", answersSigned: false);
        Assert.Single(world.Approver.Requests); // and no redirect was followed
    }

    public static TheoryData<string> Forgeries() =>
    [
        "a login page with 200", "no content", "no signature", "no expiry", "an empty signature", "half a signature", "the signature in upper case", "another secret", "another id",
        "another digest", "another nonce", "a refusal's signature", "expired now", "expired long ago", "good for too long", "an expiry that is no number", "a negative expiry", "an expiry with a sign",
        "an overflowing expiry", "two signatures", "two expiries", "the request's own signature back", "a signed 302", "a signed 404", "a replayed answer",
    ];

    [Theory, MemberData(nameof(Forgeries))]
    public async Task A_forged_replayed_or_borrowed_answer_approves_nothing(string forgery)
    {
        world.Approve = () => Forge(forgery, world.Approver.Requests.Last());
        await UnsignedAsync(forgery, answersSigned: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1 two hundred OK\r\n\r\n")]
    [InlineData("HTTP/9.9 200 OK\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    public async Task Something_else_than_HTTP_approves_nothing(string bytes)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serve = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                _ = await stream.ReadAsync(new byte[4096]);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes));
            }
        });
        world.MakeApprover = _ => new(new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), ApprovalBody.Pending);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.NotApproved));
        Assert.Empty(world.Broadcasts);
        Shown.Line("four-eye, answers that approve nothing", bytes.Length > 0 ? "no HTTP: " + bytes.Trim() : "no HTTP: an empty answer");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signed_yes_approves_and_the_request_proves_who_asks(bool post)
    {
        world.Approve = () => Forge("honest", world.Approver.Requests.Last());
        world.MakeApprover = url => new(new(url, "approve"), post ? ApprovalBody.Pending : ApprovalBody.None, Signing(Secret), answersSigned: true);
        Assert.Equal(1, (await world.RunAsync(clock: new SetClock { Now = Now })).Count(Verdict.Accepted));
        var asked = world.Approver.Requests.Single();
        Assert.Equal("/approve/" + id, asked.Path);
        using var signing = Signing(Secret);
        Assert.Equal(asked.Headers["x-kms-signature"], signing.Request(asked.Method, asked.Path, asked.Headers["x-kms-timestamp"], asked.Headers["x-kms-nonce"], asked.Headers["x-kms-digest"], 1, Encoding.UTF8.GetBytes(asked.Body)));
        if (post)
        {
            Assert.Equal(asked.Headers["x-kms-digest"], Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(asked.Body))));
        }

        Assert.DoesNotContain(world.LogLines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"b":1.5,"a":[true,null,0,100000],"é":"\u0001\u001f\b\t\n\f\r\"\\\/é\u00e9\ud83d\ude00\u2028"}""", "{\"a\":[true,null,0,100000],\"b\":1.5,\"é\":\"\\u0001\\u001f\\b\\t\\n\\f\\r\\\"\\\\/éé\U0001F600\u2028\"}")]
    [InlineData("""  { "\ud83d\ude00" : {} , "\ufb33" : [ ] }""", "{\"\U0001F600\":{},\"\ufb33\":[]}")]
    public void Canonical_bytes_are_one_spelling(string text, string canonical) =>
        Assert.Equal(canonical, Encoding.UTF8.GetString(CanonicalJson.Bytes(StrictJson.Parse(text, "it"))));

    private static ApprovalSigning Signing(string secret) => new(SecretBytes.FromString(secret), new SetClock { Now = Now });

    private async Task UnsignedAsync(string answer, bool answersSigned)
    {
        world.MakeApprover = url => new(url, ApprovalBody.None, Signing(Secret), answersSigned);
        var report = await world.RunAsync(clock: new SetClock { Now = Now });
        Assert.Equal(1, report.Count(Verdict.NotApproved));
        Assert.Empty(world.Broadcasts);
        Assert.False(File.ReadLines(Path.Combine(world.StateFolder, "journal.jsonl")).Any());
        Assert.Empty(world.Reports);
        Shown.Line("four-eye, answers that approve nothing", answer + (answersSigned ? " (signed answers required)" : ""));
    }

    private Reply Forge(string how, Received request)
    {
        using var honest = Signing(Secret);
        using var other = Signing("another-secret-of-enough-length");
        var (digest, nonce) = (request.Headers["x-kms-digest"], request.Headers["x-kms-nonce"]);
        var expires = how switch
        {
            "expired now" => Seconds(0),
            "expired long ago" => Seconds(-86_400),
            "good for too long" => Seconds(301),
            "an expiry that is no number" => "soon",
            "a negative expiry" => "-1",
            "an expiry with a sign" => "+" + Seconds(60),
            "an overflowing expiry" => "99999999999999999999",
            _ => Seconds(60),
        };
        var signature = how switch
        {
            "another secret" => other.Answer(id, digest, nonce, expires),
            "another id" => honest.Answer("another", digest, nonce, expires),
            "another digest" => honest.Answer(id, new string('0', 64), nonce, expires),
            "another nonce" or "a replayed answer" => honest.Answer(id, digest, new string('0', 32), expires),
            "a refusal's signature" => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"kms-approval-answer-v1\nrefused\n{id}\n{digest}\n{nonce}\n{expires}"))),
            "the request's own signature back" => request.Headers["x-kms-signature"],
            _ => honest.Answer(id, digest, nonce, expires),
        };
        signature = how switch
        {
            "an empty signature" => "",
            "half a signature" => signature[..32],
            "the signature in upper case" => signature.ToUpperInvariant(),
            "two signatures" => signature + ", " + signature,
            _ => signature,
        };
        var headers = new Dictionary<string, string> { ["x-kms-approval"] = signature, ["x-kms-approval-expires"] = how == "two expiries" ? expires + "," + expires : expires };
        foreach (var (forgery, header) in new[] { ("no signature", "x-kms-approval"), ("no expiry", "x-kms-approval-expires") })
        {
            if (how == forgery)
            {
                headers.Remove(header);
            }
        }

        return how switch
        {
            "a login page with 200" => new(200, "<html><form action=/login>approved</form></html>"),
            "no content" => new(204, ""),
            "a signed 302" => new(302, "") { Headers = headers },
            "a signed 404" => new(404, "") { Headers = headers },
            _ => new(200) { Headers = headers },
        };
    }

    private static string Seconds(int from) => (Now.ToUnixTimeSeconds() + from).ToString(CultureInfo.InvariantCulture);
}

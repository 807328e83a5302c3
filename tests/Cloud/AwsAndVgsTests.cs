using System.Text;
using Amazon.Runtime;
using KmsCloud.Errors;
using KmsCloud.Passwords;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Cloud;

/// <summary>Passwords in AWS Secrets Manager and VGS, over TLS; the doubles check signature and credentials.</summary>
public sealed class AwsAndVgsTests : IDisposable
{
    private const string Secret = "kms/wallet";
    private readonly CloudNames names = new();
    private readonly SecretsManagerDouble aws;
    private readonly LoopbackServer vgs;
    private Func<Received, Reply> vgsAnswer = _ => new(404);

    public AwsAndVgsTests()
    {
        aws = new(names);
        vgs = new(request => vgsAnswer(request), TestCertificate.Instance);
        names.Set("api.live.verygoodvault.com", vgs.Url.Port);
    }

    public void Dispose()
    {
        aws.Dispose();
        vgs.Dispose();
        names.Dispose();
    }

    [Theory] // computed by two other programs
    [InlineData(null, "d9f524a0e2fb566a79ad66715bb6026dec804829bcc45d4a29a908677546fd78")]
    [InlineData("AQoDYXdzEPT//////////wEXAMPLE", "87b2c252faba6043638efafc0b03368636a7a8802d71e998f2473effb84c55ba")]
    public static void Signs_as_recorded(string? token, string signature) => Assert.EndsWith(
        "Signature=" + signature,
        AwsPassword.Authorization(
            new ImmutableCredentials("AKIDEXAMPLE", SecretsManagerDouble.SecretKey, token),
            "us-east-1",
            "secretsmanager.us-east-1.amazonaws.com",
            new(2015, 8, 30, 12, 36, 0, DateTimeKind.Utc),
            "secretsmanager.GetSecretValue",
            """{"SecretId":"kms/wallet"}"""u8),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(null)]
    [InlineData("session-token")]
    public async Task Reads_one_field_of_a_json_secret(string? token)
    {
        aws.Secrets[Secret] = """{"other":"x","kms":"aws password"}""";
        using var source = Aws(token: token);
        using var password = await source.RequireAsync(default);
        Assert.Equal("aws password", password.Reveal());
    }

    [Fact]
    public async Task Makes_a_json_secret_where_there_is_none()
    {
        using var source = Aws();
        using var made = await source.ReadOrCreateAsync(default);
        Assert.Equal($$"""{"kms":"{{made.Reveal()}}"}""", aws.Secrets[Secret]);
        using var again = await source.RequireAsync(default);
        Assert.Equal(made.Reveal(), again.Reveal());
    }

    [Theory]
    [InlineData("""{"other":"canary"}""")]
    [InlineData("canary")]
    [InlineData("""{"kms":["canary"]}""")]
    [InlineData("""{"kms":""}""")]
    [InlineData("""{"kms":"canary","kms":"canary2"}""")]
    [InlineData("""{"kms":"canary"} canary""")]
    [InlineData("""{"kms":"canary\ud800"}""")]
    [InlineData("""{"x":{"kms":"canary"}}""")]
    public async Task Refuses_a_secret_without_the_field_and_never_shows_it(string stored)
    {
        aws.Secrets[Secret] = stored;
        using var source = Aws();
        var error = await Assert.ThrowsAsync<KmsException>(() => source.RequireAsync(default));
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_what_aws_refused()
    {
        using var wrong = Aws(secretKey: "not the key");
        Assert.Contains("does not accept these credentials", (await FailsAsync(wrong)).Message, StringComparison.Ordinal);
        using var source = Aws();
        Assert.Contains("no such secret", (await FailsAsync(source)).Message, StringComparison.Ordinal);
        foreach (var (type, text) in new[] { ("AccessDeniedException", "does not let"), ("ExpiredTokenException", "have expired"), ("DecryptionFailure", "cannot decrypt"), ("Odd\r\nException", "OddException") })
        {
            aws.OnAny = _ => SecretsManagerDouble.Problem(type);
            Assert.Contains(text, (await FailsAsync(source)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Repeats_what_throttling_and_the_network_spoilt()
    {
        aws.Secrets[Secret] = """{"kms":"after all"}""";
        var replies = new Queue<Reply?>([SecretsManagerDouble.Problem("ThrottlingException"), new(500), Reply.Cut, null]);
        aws.OnAny = _ => replies.Dequeue();
        using (var source = Aws())
        {
            using var password = await source.RequireAsync(default);
            Assert.Equal("after all", password.Reveal());
        }

        names.IsDown = true;
        using var cut = Aws();
        Assert.Contains("cannot be reached", (await FailsAsync(cut)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_as_long_as_asked()
    {
        vgsAnswer = _ => vgs.Requests.Count == 1 ? new(429) { Headers = new Dictionary<string, string> { ["Retry-After"] = "1" } } : new(200, """{"data":[{"value":"v"}]}""");
        var started = TimeProvider.System.GetTimestamp();
        using var source = Vgs();
        (await source.RequireAsync(default)).Dispose();
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Reveals_a_vgs_alias_with_basic_credentials()
    {
        vgsAnswer = request => request.Headers["Authorization"] == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("user:secret")) && request.Path == "/aliases/tok_a%2Fb"
            ? new(200, """{"data":[{"value":"vgs password","aliases":[]}]}""")
            : new(401, """{"errors":[{"status":401}]}""");
        using var source = Vgs("tok_a/b");
        using var password = await source.RequireAsync(default);
        Assert.Equal("vgs password", password.Reveal());
        using var wrong = Vgs("tok_other");
        Assert.Contains("does not let", (await FailsAsync(wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_vgs_alias_cannot_be_made()
    {
        using var source = Vgs();
        Assert.Contains("chooses the names", (await Assert.ThrowsAsync<KmsException>(() => source.ReadOrCreateAsync(default))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://api.example.com")]
    [InlineData("http://api.live.verygoodvault.com")]
    [InlineData("https://verygoodvault.com.evil.example")]
    public static void Sends_vgs_credentials_to_vgs_alone(string api) =>
        Assert.Throws<KmsException>(() => new VgsPassword("tok", "u", "p", api, TimeProvider.System));

    private static async Task<KmsException> FailsAsync(IPasswordVault source)
    {
        var error = await Assert.ThrowsAsync<KmsException>(() => source.RequireAsync(default));
        Assert.Equal(Failure.Gateway, error.Failure);
        return error;
    }

    private AwsPassword Aws(string? token = null, string secretKey = SecretsManagerDouble.SecretKey) => new(
        new(SecretsManagerDouble.Region, Secret, "kms") { AccessKeyId = SecretsManagerDouble.AccessKey, SecretAccessKey = secretKey, SessionToken = token },
        TimeProvider.System,
        names.Handler());

    private VgsPassword Vgs(string alias = "tok_1") => new(alias, "user", "secret", null, TimeProvider.System, names.Handler());
}

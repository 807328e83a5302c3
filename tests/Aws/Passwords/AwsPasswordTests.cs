using Amazon.Runtime;
using KmsCloud.Errors;
using KmsCloud.Passwords;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Passwords;

/// <summary>Passwords in AWS Secrets Manager, over TLS; the double checks signature and credentials.</summary>
public sealed class AwsPasswordTests : IDisposable
{
    private const string Secret = "kms/wallet";
    private readonly CloudNames names = new();
    private readonly SecretsManagerDouble aws;

    public AwsPasswordTests() => aws = new(names);

    public void Dispose()
    {
        aws.Dispose();
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
}

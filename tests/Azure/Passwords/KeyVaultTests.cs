using Azure.Core.Pipeline;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Passwords;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Passwords;

/// <summary>Passwords in Azure Key Vault, by the SDK over TLS, with tokens of the managed identity.</summary>
[Collection(typeof(EnvironmentUsers))]
public sealed class KeyVaultTests : IDisposable
{
    private const string Name = "kms-password";
    private readonly CloudNames names = new();
    private readonly IdentityDouble identity = new();
    private readonly KeyVaultDouble vault;

    public KeyVaultTests()
    {
        vault = new(names);
        foreach (var (name, value) in identity.Environment())
        {
            Environment.SetEnvironmentVariable(name, value); // the SDK reads them itself
        }
    }

    public void Dispose()
    {
        foreach (var name in identity.Environment().Keys)
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        vault.Dispose();
        identity.Dispose();
        names.Dispose();
    }

    [Theory]
    [InlineData(null, "newest password")]
    [InlineData("1", "oldest password")]
    public async Task Reads_a_secret_with_a_token_of_the_managed_identity(string? version, string expected)
    {
        vault.Secrets[Name] = ["oldest password", "newest password"];
        using var password = await Source(version).RequireAsync(default);
        Assert.Equal(expected, password.Reveal());
        Assert.Equal(1, identity.Issued);
        Assert.All(vault.Requests, request => Assert.Equal(KeyVaultDouble.Host, request.Headers["Host"].Split(':')[0]));
    }

    [Fact]
    public async Task Makes_a_password_of_256_bits_where_there_is_none()
    {
        using var made = await Source().ReadOrCreateAsync(default);
        Assert.Equal(43, made.Length);
        Assert.Equal(made.Reveal(), Assert.Single(vault.Secrets[Name]));
        using var again = await Source().ReadOrCreateAsync(default);
        Assert.Equal(made.Reveal(), again.Reveal());
        Assert.Single(vault.Secrets[Name]);
    }

    [Fact]
    public async Task A_missing_secret_is_no_new_one_when_a_wallet_file_is_there()
    {
        Assert.Null(await Source().ReadAsync(default));
        Assert.Contains("no such secret", (await FailsAsync(Source())).Message, StringComparison.Ordinal);
        Assert.Empty(vault.Secrets);
    }

    [Fact]
    public async Task A_vault_of_another_tenant_is_told_apart()
    {
        vault.Secrets[Name] = ["never"];
        vault.Tenant = "99999999-2222-3333-4444-555555555555";
        var error = await FailsAsync(Source());
        Assert.Contains("HTTP 401", error.Message, StringComparison.Ordinal);
        Assert.Contains("tenant", error.Hint!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_as_long_as_a_throttling_vault_asks()
    {
        vault.Secrets[Name] = ["slow"];
        var throttled = 2;
        vault.OnAny = _ => throttled-- > 0 ? new(429, KeyVaultDouble.Error("Throttled")) { Headers = new Dictionary<string, string> { ["Retry-After"] = "1" } } : null;
        var started = TimeProvider.System.GetTimestamp();
        using var password = await Source().RequireAsync(default);
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_vault_that_keeps_throttling_is_an_error_in_the_end()
    {
        vault.OnAny = _ => new(429, KeyVaultDouble.Error("Throttled")) { Headers = new Dictionary<string, string> { ["Retry-After"] = "0" } };
        Assert.Contains("throttling", (await FailsAsync(Source())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_token_is_replaced()
    {
        vault.Secrets[Name] = ["good"];
        identity.Life = TimeSpan.FromSeconds(5);
        var source = Source();
        (await source.RequireAsync(default)).Dispose();
        await Task.Delay(5500, TestContext.Current.CancellationToken);
        identity.Life = TimeSpan.FromHours(6);
        (await source.RequireAsync(default)).Dispose();
        Assert.True(identity.Issued >= 2);
    }

    [Theory]
    [InlineData(403, "does not let this identity")]
    [InlineData(500, "HTTP 500")]
    public async Task Says_what_the_vault_refused(int status, string text)
    {
        vault.OnAny = _ => new(status, KeyVaultDouble.Error("Forbidden"));
        Assert.Contains(text, (await FailsAsync(Source())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Network_loss_says_that_the_vault_cannot_be_reached()
    {
        names.IsDown = true;
        Assert.Contains("cannot be reached", (await FailsAsync(Source())).Message, StringComparison.Ordinal);
    }

    /// <summary>A test of its own: the SDK keeps challenges and tokens for the whole process, so an identity that once answered is not asked again.</summary>
    [Fact]
    public async Task A_missing_identity_is_told_apart_from_network_loss()
    {
        identity.OnAny = () => new(400, """{"statusCode":400,"message":"no identity"}""");
        Assert.Contains("Azure", (await FailsAsync(Source())).Message, StringComparison.Ordinal);
    }

    [Fact] // issue 16, 3.4
    public async Task A_deleted_secret_that_the_vault_keeps_says_how_to_recover_or_purge_it()
    {
        vault.OnAny = request => request.Method == "PUT" ? new(409, KeyVaultDouble.Error("Conflict")) : null;
        var error = await Assert.ThrowsAsync<KmsException>(() => Source().ReadOrCreateAsync(default));
        Assert.Contains("keeps a deleted secret of the name 'kms-password'", error.Message, StringComparison.Ordinal);
        Assert.Contains("az keyvault secret recover --vault-name kms-test --name kms-password", error.Hint!, StringComparison.Ordinal);
        Assert.Contains("az keyvault secret purge", error.Hint!, StringComparison.Ordinal);
    }

    [Theory] // issue 15, low: the form of an answer
    [InlineData("""{"value":"canary","id":"https://kms-test.vault.azure.net/secrets/other/1","attributes":{"enabled":true}}""", "another secret")]
    [InlineData("""{"value":"canary","id":"https://evil.vault.azure.net/secrets/kms-password/1","attributes":{"enabled":true}}""", "another secret")]
    [InlineData("""{"value":"canary","id":"https://kms-test.vault.azure.net/secrets/kms-password/2","attributes":{"enabled":true}}""", "another secret")]
    [InlineData("""{"value":"canary","attributes":{"enabled":true}}""", "another secret")]
    [InlineData("""{"value":"canary","id":"https://kms-test.vault.azure.net/secrets/kms-password/1","attributes":{"enabled":false}}""", "disabled")]
    [InlineData("""{"value":"","id":"https://kms-test.vault.azure.net/secrets/kms-password/1","attributes":{"enabled":true}}""", "empty")]
    [InlineData("""{"value":["canary"],"id":"https://kms-test.vault.azure.net/secrets/kms-password/1"}""", "no Key Vault")]
    [InlineData("""{"value":"canary","id":"no url","attributes":{}}""", "no Key Vault")]
    [InlineData("<html>canary</html>", "no Key Vault")]
    [InlineData("", "no Key Vault")]
    [InlineData("null", "no Key Vault")]
    [InlineData("[]", "no Key Vault")]
    public async Task An_answer_that_is_not_the_secret_asked_for_is_no_password(string body, string text)
    {
        vault.OnAny = _ => new(200, body);
        var error = await FailsAsync(Source("1"));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_longer_than_any_secret_is_cut_off()
    {
        vault.OnAny = _ => new(200, $$"""{"value":"{{new string('x', 2_000_000)}}","id":"https://kms-test.vault.azure.net/secrets/kms-password/1" }""");
        Assert.Contains("longer than any secret", (await FailsAsync(Source())).Message, StringComparison.Ordinal);
    }

    private static async Task<KmsException> FailsAsync(IPasswordVault source)
    {
        var error = await Assert.ThrowsAsync<KmsException>(() => source.RequireAsync(default));
        Assert.Equal(Failure.Gateway, error.Failure);
        return error;
    }

    private KeyVaultPassword Source(string? version = null) => new(
        KeyVaultDouble.Host, Name, version, AzureSignIn.Create(Environment.GetEnvironmentVariable), new HttpClientTransport(new HttpClient(names.Handler())));
}

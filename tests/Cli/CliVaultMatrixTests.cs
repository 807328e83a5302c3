using System.Globalization;
using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Cli;

/// <summary>Every vault, and every way to sign in to one, through the kms program: TLS by the machine's own trust, names by a proxy.</summary>
public sealed class CliVaultMatrixTests : IDisposable
{
    private const string AwsSecret = "kms/wallet";
    private readonly CloudNames names = new();
    private readonly IdentityDouble identity = new();
    private readonly AwsMachineDouble machine = new();
    private readonly KeyVaultDouble azure;
    private readonly SecretsManagerDouble aws;
    private readonly VgsDouble vgs;
    private readonly CycleWorld world = new();
    private readonly TempFolder folder = new();
    private readonly Dictionary<string, string?> environment;

    public CliVaultMatrixTests()
    {
        (azure, aws, vgs) = (new(names), new(names), new(names));
        world.Add("ETH", "native-transfer-private-key");
        azure.Secrets["kms-password"] = [world.Password];
        aws.Secrets[AwsSecret] = new JsonObject { ["kms"] = world.Password }.ToJsonString();
        vgs.Aliases["tok_1"] = world.Password;
        environment = new(identity.Environment())
        {
            ["SSL_CERT_FILE"] = TestCertificate.Write(folder).Certificate,
            ["HTTPS_PROXY"] = names.Proxy.AbsoluteUri,
            ["NO_PROXY"] = "127.0.0.1",
            ["TATUM_KMS_AZURE_VAULTURL"] = KeyVaultDouble.Host,
            ["TATUM_KMS_AZURE_SECRETNAME"] = "kms-password",
            ["TATUM_KMS_AWS_REGION"] = SecretsManagerDouble.Region,
            ["TATUM_KMS_AWS_SECRET_NAME"] = AwsSecret,
            ["TATUM_KMS_AWS_SECRET_KEY"] = "kms",
            ["TATUM_KMS_AWS_ACCESS_KEY_ID"] = SecretsManagerDouble.AccessKey,
            ["TATUM_KMS_AWS_SECRET_ACCESS_KEY"] = SecretsManagerDouble.SecretKey,
            ["TATUM_KMS_VGS_ALIAS"] = "tok_1",
            ["TATUM_KMS_VGS_USERNAME"] = VgsDouble.Username,
            ["TATUM_KMS_VGS_PASSWORD"] = VgsDouble.Password,
        };
    }

    public void Dispose()
    {
        azure.Dispose();
        aws.Dispose();
        vgs.Dispose();
        machine.Dispose();
        identity.Dispose();
        world.Dispose();
        names.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("--azure")]
    [InlineData("--aws")]
    [InlineData("--vgs")]
    public void Opens_the_wallet_file(string vault) => Opens(vault);

    [Theory]
    [InlineData("--azure")]
    [InlineData("--aws")]
    [InlineData("--vgs")]
    public void Waits_as_long_as_a_throttling_vault_asks(string vault)
    {
        var left = 1;
        Reply? Throttle(Received request) => left-- > 0 ? new(429, "{}") { Headers = new Dictionary<string, string> { ["Retry-After"] = "2" } } : null;
        (azure.OnAny, aws.OnAny, vgs.OnAny) = (Throttle, Throttle, Throttle);
        var started = TimeProvider.System.GetTimestamp();
        Opens(vault);
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(2));
        Assert.True(left < 0);
    }

    [Theory]
    [InlineData("--azure", "no such secret")]
    [InlineData("--aws", "no such secret")]
    [InlineData("--vgs", "no such secret")]
    public void Says_that_the_secret_is_missing(string vault, string text)
    {
        azure.Secrets.Clear();
        aws.Secrets.Clear();
        vgs.Aliases.Clear();
        Fails(vault, text);
    }

    [Theory]
    [InlineData("--azure", "does not take the token")] // a vault of another tenant
    [InlineData("--aws", "does not accept these credentials")]
    [InlineData("--vgs", "does not let these credentials")]
    public void Says_that_it_is_not_let_in(string vault, string text)
    {
        azure.Tenant = "99999999-2222-3333-4444-555555555555";
        environment["TATUM_KMS_AWS_SECRET_ACCESS_KEY"] = "not the key";
        environment["TATUM_KMS_VGS_PASSWORD"] = "not the password";
        Fails(vault, text);
    }

    [Theory] // VGS has credentials that do not expire
    [InlineData("--azure", "does not take the token")]
    [InlineData("--aws", "have expired")]
    public void Says_that_its_token_has_expired(string vault, string text)
    {
        identity.OnAny = () => new(200, $$"""{"access_token":"{{IdentityDouble.Token("https://vault.azure.net", TimeSpan.FromHours(-1))}}","expires_on":"{{TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}}","resource":"https://vault.azure.net","token_type":"Bearer"}""");
        aws.OnAny = _ => SecretsManagerDouble.Problem("ExpiredTokenException");
        Fails(vault, text);
    }

    [Theory]
    [InlineData("--azure")]
    [InlineData("--aws")]
    [InlineData("--vgs")]
    public void Says_that_the_network_is_down(string vault)
    {
        names.IsDown = true;
        Fails(vault, "cannot be reached");
    }

    [Fact]
    public void Trusts_no_certificate_that_the_machine_does_not()
    {
        environment["SSL_CERT_FILE"] = null;
        Fails("--vgs", "cannot be reached");
    }

    [Fact]
    public void Signs_in_to_azure_by_the_machines_metadata_service()
    {
        Forget("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_CLIENT_ID");
        Set(identity.ImdsEnvironment());
        Opens("--azure");
        Assert.All(identity.Requests, request => Assert.StartsWith("/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https", Uri.UnescapeDataString(request.Path), StringComparison.Ordinal));
    }

    [Fact]
    public void Signs_in_to_azure_as_the_developer_of_az_login()
    {
        Forget("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_CLIENT_ID");
        var tools = Directory.CreateDirectory(folder.File("tools")).FullName;
        var expires = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var az = Path.Combine(tools, "az");
        File.WriteAllText(az, $$"""
            #!/bin/sh
            echo "$@" > {{folder.File("asked")}}
            echo '{"accessToken":"{{IdentityDouble.Token("https://vault.azure.net", TimeSpan.FromHours(1))}}","expires_on":{{expires}},"tenant":"{{IdentityDouble.Tenant}}","tokenType":"Bearer"}'
            """);
        File.SetUnixFileMode(az, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        environment["PATH"] = tools + ":" + Environment.GetEnvironmentVariable("PATH");
        Opens("--azure");
        Assert.Contains("account get-access-token", File.ReadAllText(folder.File("asked")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("right", true)]
    [InlineData("wrong", false)]
    public void Signs_in_to_azure_as_a_service_principal(string secret, bool opens)
    {
        Forget("IDENTITY_ENDPOINT", "IDENTITY_HEADER");
        using var login = new LoopbackServer(
            request => request.Path == $"/{IdentityDouble.Tenant}/oauth2/v2.0/token" && request.Body.Contains("client_secret=right", StringComparison.Ordinal)
                ? new(200, $$"""{"token_type":"Bearer","expires_in":3600,"access_token":"{{IdentityDouble.Token("https://vault.azure.net", TimeSpan.FromHours(1))}}"}""")
                : new(401, """{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"""),
            TestCertificate.Instance);
        names.Set("login.microsoftonline.com", login.Url.Port);
        Set(new() { ["AZURE_TENANT_ID"] = IdentityDouble.Tenant, ["AZURE_CLIENT_ID"] = Guid.NewGuid().ToString(), ["AZURE_CLIENT_SECRET"] = secret });
        if (opens)
        {
            Opens("--azure");
        }
        else
        {
            Fails("--azure", "gave no token");
        }
    }

    [Fact]
    public void Without_any_sign_in_it_says_how()
    {
        Forget("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_CLIENT_ID");
        Fails("--azure", "az login");
    }

    [Fact]
    public void Signs_in_to_aws_by_the_variables_of_its_tools()
    {
        ForgetAwsKeys();
        Set(new() { ["AWS_ACCESS_KEY_ID"] = SecretsManagerDouble.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = SecretsManagerDouble.SecretKey, ["AWS_SESSION_TOKEN"] = AwsMachineDouble.Token });
        Opens("--aws");
        Assert.All(aws.Requests, request => Assert.Equal(AwsMachineDouble.Token, request.Headers["X-Amz-Security-Token"]));
    }

    [Fact]
    public void Signs_in_to_aws_by_a_profile()
    {
        ForgetAwsKeys();
        File.WriteAllText(folder.File("credentials"), $"[default]\naws_access_key_id = nobody\naws_secret_access_key = nothing\n\n[kms]\naws_access_key_id = {SecretsManagerDouble.AccessKey}\naws_secret_access_key = {SecretsManagerDouble.SecretKey}\n");
        Set(new() { ["AWS_SHARED_CREDENTIALS_FILE"] = folder.File("credentials"), ["AWS_PROFILE"] = "kms" });
        Opens("--aws");
    }

    [Fact]
    public void Signs_in_to_aws_by_the_container_endpoint()
    {
        ForgetAwsKeys();
        Set(machine.Container());
        Opens("--aws");
        Assert.Equal("/credentials", Assert.Single(machine.Requests).Path);
        Assert.All(aws.Requests, request => Assert.Equal(AwsMachineDouble.Token, request.Headers["X-Amz-Security-Token"]));
    }

    [Fact]
    public void Signs_in_to_aws_by_the_instances_metadata_service()
    {
        ForgetAwsKeys();
        Set(machine.Instance());
        Opens("--aws");
        Assert.Contains(machine.Requests, request => request.Method == "PUT"); // IMDSv2: no credentials without a session
        Assert.All(aws.Requests, request => Assert.Equal(AwsMachineDouble.Token, request.Headers["X-Amz-Security-Token"]));
    }

    [Fact]
    public void Without_any_aws_credentials_it_says_how()
    {
        ForgetAwsKeys();
        environment["AWS_EC2_METADATA_DISABLED"] = "true";
        Fails("--aws", "there are no AWS credentials");
    }

    [Fact]
    public void A_new_wallet_file_gets_a_random_password_that_aws_keeps()
    {
        aws.Secrets.Clear();
        var made = Kms("generatemanagedwallet", "ETH", "--testnet", "--aws", "--path", folder.File("new.dat"));
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Equal(43, JsonNode.Parse(aws.Secrets[AwsSecret])!["kms"]!.GetValue<string>().Length);
        Assert.Equal(0, Kms("verify", "--aws", "--path", folder.File("new.dat")).ExitCode);
        vgs.Aliases.Clear();
        var refused = Kms("generatemanagedwallet", "ETH", "--testnet", "--vgs", "--path", folder.File("other.dat"));
        Assert.Equal(7, refused.ExitCode);
        Assert.Contains("chooses the names", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("other.dat")));
    }

    private void Opens(string vault)
    {
        var run = Kms("verify", vault, "--path", world.WalletPath);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain(world.Password, run.Output + run.Error, StringComparison.Ordinal);
    }

    private void Fails(string vault, string text)
    {
        var run = Kms("verify", vault, "--path", world.WalletPath);
        Assert.True(run.ExitCode == 7, run.Error);
        Assert.Contains(text, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(VgsDouble.Password, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(SecretsManagerDouble.SecretKey, run.Error, StringComparison.Ordinal);
    }

    private void Forget(params string[] variables)
    {
        foreach (var name in variables)
        {
            environment[name] = null;
        }
    }

    private void ForgetAwsKeys()
    {
        Forget("TATUM_KMS_AWS_ACCESS_KEY_ID", "TATUM_KMS_AWS_SECRET_ACCESS_KEY");
        environment["AWS_CONFIG_FILE"] = folder.File("none");
    }

    private void Set(Dictionary<string, string?> more)
    {
        foreach (var (name, value) in more)
        {
            environment[name] = value;
        }
    }

    private Run Kms(params string[] arguments) => Run.Kms(arguments, environment: environment, folder: folder.Root);
}

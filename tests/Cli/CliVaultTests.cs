using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Cli;

/// <summary>The vault flags and a blob path of the command line, against the doubles.</summary>
public sealed class CliVaultTests : IDisposable
{
    private readonly CloudWorld cloud = new();
    private readonly TempFolder folder = new();

    public void Dispose()
    {
        cloud.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Makes_a_wallet_in_a_blob_under_a_password_that_the_vault_keeps()
    {
        cloud.Vault.Secrets.TryRemove("kms-password", out _);
        var missing = Kms("getmanagedwallet", "nobody", "--azure", "--path", cloud.Wallet.AbsoluteUri);
        Assert.Equal(4, missing.ExitCode); // and no password was made for it
        Assert.False(cloud.Vault.Secrets.ContainsKey("kms-password"));

        var made = Kms("generatemanagedwallet", "ETH", "--testnet", "--azure", "--path", cloud.Wallet.AbsoluteUri);
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Equal(43, Assert.Single(cloud.Vault.Secrets["kms-password"]).Length);
        Assert.DoesNotContain(cloud.Vault.Secrets["kms-password"][0], made.Output + made.Error, StringComparison.Ordinal);
        var id = JsonNode.Parse(made.Output)!["signatureId"]!.GetValue<string>();
        Assert.Equal(0, Kms("getmanagedwallet", id, "--azure", "--path", cloud.Wallet.AbsoluteUri).ExitCode);
        Assert.Equal(0, Kms("generatemanagedwallet", "BTC", "--testnet", "--azure", "--path", cloud.Wallet.AbsoluteUri).ExitCode);
        Assert.Single(cloud.Vault.Secrets["kms-password"]);
        Assert.Contains(": AZURE", Kms("checkconfig", "--azure", "--path", cloud.Wallet.AbsoluteUri).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vault_that_lacks_the_secret_ends_with_7()
    {
        File.Copy(WalletOf(cloud), folder.File("wallet.dat"));
        cloud.Vault.Secrets.Clear();
        var run = Kms("verify", "--azure", "--path", folder.File("wallet.dat"));
        Assert.Equal(7, run.ExitCode);
        Assert.Contains("no such secret", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, Kms("verify", "--azure", "--aws", "--path", folder.File("wallet.dat")).ExitCode);
        Assert.Equal(2, Kms("verify", "--vgs", "--path", folder.File("wallet.dat")).ExitCode); // TATUM_KMS_VGS_ALIAS is not set
    }

    private static string WalletOf(CloudWorld cloud)
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        return cloud.World.WalletPath;
    }

    private Run Kms(params string[] arguments) => Run.Kms(arguments, environment: cloud.Settings(), folder: folder.Root);
}

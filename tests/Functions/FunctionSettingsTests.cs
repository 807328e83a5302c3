using KmsCloud.Errors;
using KmsCloud.Functions;

namespace KmsCloud.Tests.Functions;

/// <summary>What the function takes for a setting.</summary>
public static class FunctionSettingsTests
{
    [Theory]
    [InlineData("KMS_APPROVAL_SECRET")]
    [InlineData("KMS_APPROVER_TOKEN")]
    [InlineData("TATUM_API_KEY")]
    public static void A_reference_that_Azure_left_unresolved_is_no_secret(string name)
    {
        var given = new Dictionary<string, string> { ["KMS_NETWORK"] = "testnet", ["KMS_WALLET"] = "/srv/kms/wallet.dat", [name] = "a secret" };
        Assert.Equal("a secret", FunctionSettings.Read(given.GetValueOrDefault)[name]);
        given[name] = "@Microsoft.KeyVault(SecretUri=https://the-vault.vault.azure.net/secrets/kms-approval)";
        var thrown = Assert.Throws<KmsException>(() => FunctionSettings.Read(given.GetValueOrDefault)[name]);
        Assert.Equal(Failure.Usage, thrown.Failure);
        Assert.Equal($"{name} is a Key Vault reference that Azure has not resolved", thrown.Message);
    }
}

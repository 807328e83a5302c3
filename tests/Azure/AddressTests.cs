using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Passwords;

namespace KmsCloud.Tests.Cloud;

/// <summary>Addresses of vaults and blobs.</summary>
public static class AddressTests
{
    [Theory]
    [InlineData("http://kmstest.blob.core.windows.net/c/wallet.dat")]
    [InlineData("https://kmstest.blob.core.windows.net/c/wallet.dat?sv=2024&sig=secret")]
    [InlineData("https://kmstest.blob.core.windows.net/")]
    [InlineData("https://user@kmstest.blob.core.windows.net/c/w")]
    public static void Refuses_addresses_that_are_none(string url) => Assert.Throws<KmsException>(() => BlobStore.CheckUrl(url, "KMS_WALLET"));

    [Theory]
    [InlineData("kms-test.vault.azure.net")]
    [InlineData("https://kms-test.vault.azure.net")]
    [InlineData("https://kms-test.vault.azure.net/")]
    public static void Reads_a_vault_address_with_and_without_scheme(string text) =>
        Assert.Equal("https://kms-test.vault.azure.net/", KeyVaultPassword.Url(text).AbsoluteUri);

    [Theory]
    [InlineData("http://kms-test.vault.azure.net")]
    [InlineData("https://kms-test.vault.azure.net/secrets/x")]
    [InlineData("https://u:p@kms-test.vault.azure.net")]
    [InlineData("")]
    public static void Refuses_a_vault_address_that_is_none(string text) => Assert.Throws<KmsException>(() => KeyVaultPassword.Url(text));
}

using Azure.Core;
using Azure.Identity;

namespace KmsCloud.Cloud;

/// <summary>
/// Who the process is towards Azure: a managed identity in the cloud, the person who signed in on a developer's
/// machine.
/// </summary>
public static class AzureSignIn
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>
    /// In the cloud (<c>IDENTITY_ENDPOINT</c> or <c>AZURE_CLIENT_ID</c> without a tenant) the managed identity alone,
    /// so that nothing else is ever tried there; elsewhere a service principal from <c>AZURE_*</c>, then the <c>az</c>
    /// and <c>azd</c> tools.
    /// </summary>
    /// <param name="setting">Reads a variable; null when it is not set.</param>
    public static TokenCredential Create(Func<string, string?> setting)
    {
        var client = setting("AZURE_CLIENT_ID");
        if (setting("IDENTITY_ENDPOINT") is not null || (client is not null && setting("AZURE_TENANT_ID") is null))
        {
            var options = new ManagedIdentityCredentialOptions(
                client is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(client));
            options.Retry.MaxRetries = 3;
            options.Retry.NetworkTimeout = Patience;
            return new ManagedIdentityCredential(AzureClient.ReadingLittle(options));
        }

        return new ChainedTokenCredential(
            new EnvironmentCredential(), new AzureCliCredential(), new AzureDeveloperCliCredential());
    }
}

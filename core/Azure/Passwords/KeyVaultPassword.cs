using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Passwords;

/// <summary>A secret in Azure Key Vault.</summary>
public sealed class KeyVaultPassword : IPasswordVault
{
    private readonly SecretClient client;
    private readonly Uri vault;
    private readonly string name;
    private readonly string? version;

    /// <summary>A secret of a vault.</summary>
    /// <param name="vault">The vault's address, with or without https://.</param>
    /// <param name="name">The secret's name.</param>
    /// <param name="version">The secret's version, or null for the newest.</param>
    /// <param name="credential">Who asks.</param>
    /// <param name="transport">Another way to the network than the default one.</param>
    public KeyVaultPassword(
        string vault, string name, string? version, TokenCredential credential, HttpPipelineTransport? transport = null)
    {
        (this.name, this.version) = (name, version);
        this.vault = Url(vault);
        client = new(this.vault, credential, AzureClient.ReadingLittle(AzureClient.Configure(new SecretClientOptions(), TimeSpan.FromSeconds(20), transport)));
    }

    /// <summary>The secret that the TATUM_KMS_AZURE variables describe.</summary>
    /// <exception cref="KmsException">A variable is missing or makes no sense.</exception>
    public static KeyVaultPassword Of(Func<string, string?> setting) => new(
        VaultSettings.Need(setting, "TATUM_KMS_AZURE_VAULTURL"),
        VaultSettings.Need(setting, "TATUM_KMS_AZURE_SECRETNAME"),
        setting("TATUM_KMS_AZURE_SECRETVERSION"),
        AzureSignIn.Create(setting));

    /// <inheritdoc/>
    public string StoreType => "AZURE";

    /// <summary>The address of a vault, which the original tool took without https://.</summary>
    /// <exception cref="KmsException">It is not an https address of a host alone.</exception>
    public static Uri Url(string vault) =>
        Uri.TryCreate(vault.Contains("://", StringComparison.Ordinal) ? vault : "https://" + vault, UriKind.Absolute, out var url)
        && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 && url.PathAndQuery == "/"
            ? url
            : throw new KmsException(Failure.Usage, "TATUM_KMS_AZURE_VAULTURL is not the address of a Key Vault", "write it like https://my-vault.vault.azure.net");

    /// <inheritdoc/>
    public async Task<SecretBytes?> ReadAsync(CancellationToken cancel)
    {
        try
        {
            KeyVaultSecret secret = await client.GetSecretAsync(name, version, cancel);
            RequireOurs(secret);
            return string.IsNullOrEmpty(secret.Value)
                ? throw new KmsException(Failure.Gateway, "the Key Vault secret is empty")
                : SecretBytes.FromString(secret.Value);
        }
        catch (RequestFailedException error) when (error is { Status: 404, ErrorCode: "SecretNotFound" or null or "" })
        {
            return null;
        }
        catch (Exception error) when (Explain(error, cancel) is { } problem)
        {
            throw problem;
        }
    }

    /// <inheritdoc/>
    public async Task CreateAsync(SecretBytes password, CancellationToken cancel)
    {
        if (version is not null)
        {
            throw new KmsException(
                Failure.Usage,
                "the Key Vault has no such version of the secret, and a version cannot be chosen for a new one",
                "leave TATUM_KMS_AZURE_SECRETVERSION out");
        }

        try
        {
            var secret = new KeyVaultSecret(name, password.Reveal());
            secret.Properties.ContentType = "KmsCloud wallet password";
            await client.SetSecretAsync(secret, cancel);
        }
        catch (Exception error) when (Explain(error, cancel) is { } problem)
        {
            throw problem;
        }
    }

    /// <summary>
    /// What somebody else answered in the vault's place, or for another secret, is not taken for the password.
    /// </summary>
    private void RequireOurs(KeyVaultSecret? secret)
    {
        if (secret?.Properties is not { } properties)
        {
            throw new JsonException("an answer without a secret");
        }

        var isIt = properties.Id is { } id
            && id.Host.Equals(vault.Host, StringComparison.OrdinalIgnoreCase)
            && properties.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
            && (version is null || properties.Version == version);
        if (!isIt)
        {
            throw new KmsException(
                Failure.Gateway,
                "the Key Vault answered with another secret than the one asked for",
                "check TATUM_KMS_AZURE_VAULTURL, and what answers at that address");
        }

        if (properties.Enabled is false)
        {
            throw new KmsException(
                Failure.Gateway,
                "the Key Vault secret is disabled",
                $"enable it with: az keyvault secret set-attributes --name {name} --enabled true");
        }
    }

    private KmsException? Explain(Exception error, CancellationToken cancel) => error switch
    {
        CredentialUnavailableException => new(Failure.Gateway, "there is no Azure identity to ask Key Vault with", "sign in with: az login, or set AZURE_CLIENT_ID to the managed identity's client id", error),
        AuthenticationFailedException => new(Failure.Gateway, "Azure gave no token for Key Vault", "check that the identity is assigned, and its client id", error),
        RequestFailedException { Status: 0 } or AggregateException => new(Failure.Gateway, "the Key Vault cannot be reached", "check the network, the private endpoint and its DNS", error),
        RequestFailedException { Status: 401 } => new(Failure.Gateway, "the Key Vault does not take the token: HTTP 401", "the identity is of another tenant than the vault", error),
        RequestFailedException { Status: 403 } => new(Failure.Gateway, "the Key Vault does not let this identity read the secret: HTTP 403", "give it the role Key Vault Secrets User on the secret, enable the secret, and check the vault's firewall", error),
        RequestFailedException { Status: 429 } => new(Failure.Gateway, "the Key Vault is throttling: HTTP 429", "the next cycle tries again", error),
        RequestFailedException { Status: 409 } => new(
            Failure.Gateway,
            $"the Key Vault keeps a deleted secret of the name '{name}' and takes no new one under it: HTTP 409",
            $"bring it back with: az keyvault secret recover --vault-name {vault.Host.Split('.')[0]} --name {name} (a deleted password may still open a wallet file), or end it with: az keyvault secret purge",
            error),
        RequestFailedException { ErrorCode: AzureClient.TooLong } => new(Failure.Gateway, "the Key Vault's answer is longer than any secret", "check TATUM_KMS_AZURE_VAULTURL, and what answers at that address", error),
        RequestFailedException failed => new(Failure.Gateway, $"the Key Vault answered HTTP {failed.Status}", null, error),
        InvalidOperationException when error.Message.Contains("challenge", StringComparison.OrdinalIgnoreCase) => new(Failure.Gateway, "the Key Vault's sign-in challenge names another service than the vault", "check TATUM_KMS_AZURE_VAULTURL", error),
        JsonException or FormatException or ArgumentException or InvalidOperationException => new(
            Failure.Gateway, "what answers is no Key Vault: it is not the JSON of a secret", "check TATUM_KMS_AZURE_VAULTURL, and what answers at that address", null),
        OperationCanceledException when !cancel.IsCancellationRequested => new(Failure.Gateway, "the Key Vault does not answer", "check the network", error),
        _ => null,
    };
}

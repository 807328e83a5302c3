using KmsCloud.Cloud;
using KmsCloud.Errors;

namespace KmsCloud.Passwords;

/// <summary>Which vault keeps the password.</summary>
public enum VaultKind
{
    /// <summary>Azure Key Vault.</summary>
    Azure,

    /// <summary>AWS Secrets Manager.</summary>
    Aws,

    /// <summary>VGS.</summary>
    Vgs,
}

/// <summary>Makes the vault that the TATUM_KMS variables describe.</summary>
public static class PasswordVaults
{
    /// <summary>A vault from its variables.</summary>
    /// <param name="kind">Which one.</param>
    /// <param name="setting">Reads a variable; null when it is not set.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="KmsException">A variable is missing or makes no sense.</exception>
    public static IPasswordVault Create(VaultKind kind, Func<string, string?> setting, TimeProvider clock) => kind switch
    {
        VaultKind.Azure => new KeyVaultPassword(
            Need(setting, "TATUM_KMS_AZURE_VAULTURL"), Need(setting, "TATUM_KMS_AZURE_SECRETNAME"), setting("TATUM_KMS_AZURE_SECRETVERSION"), AzureSignIn.Create(setting)),
        VaultKind.Aws => new AwsPassword(Aws(setting), clock),
        _ => new VgsPassword(
            Need(setting, "TATUM_KMS_VGS_ALIAS"), Need(setting, "TATUM_KMS_VGS_USERNAME"), Need(setting, "TATUM_KMS_VGS_PASSWORD"), setting("TATUM_KMS_VGS_API_URL"), clock),
    };

    private static AwsSecretPlace Aws(Func<string, string?> setting)
    {
        var place = new AwsSecretPlace(Need(setting, "TATUM_KMS_AWS_REGION"), Need(setting, "TATUM_KMS_AWS_SECRET_NAME"), Need(setting, "TATUM_KMS_AWS_SECRET_KEY"))
        {
            AccessKeyId = setting("TATUM_KMS_AWS_ACCESS_KEY_ID"),
            SecretAccessKey = setting("TATUM_KMS_AWS_SECRET_ACCESS_KEY"),
            SessionToken = setting("TATUM_KMS_AWS_SESSION_TOKEN"),
            Endpoint = setting("AWS_ENDPOINT_URL_SECRETS_MANAGER") is { } url ? Https(url) : null,
        };
        return (place.AccessKeyId is null) == (place.SecretAccessKey is null)
            && place.Region.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-')
            ? place
            : throw new KmsException(Failure.Usage, "the AWS access key is half set, or the region is not one", "set both of TATUM_KMS_AWS_ACCESS_KEY_ID and _SECRET_ACCESS_KEY, or neither");
    }

    private static Uri Https(string url) => Uri.TryCreate(url, UriKind.Absolute, out var endpoint) && endpoint.Scheme == Uri.UriSchemeHttps
        ? endpoint
        : throw new KmsException(Failure.Usage, "AWS_ENDPOINT_URL_SECRETS_MANAGER is not an https address");

    private static string Need(Func<string, string?> setting, string name) =>
        setting(name) ?? throw new KmsException(Failure.Usage, $"{name} is not set", "the vault's address and the secret's name come from variables: see kms checkconfig");
}

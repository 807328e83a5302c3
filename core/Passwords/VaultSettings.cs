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

/// <summary>The TATUM_KMS variables that say where a vault is.</summary>
public static class VaultSettings
{
    /// <summary>A variable that must be set.</summary>
    /// <param name="setting">Reads a variable; null when it is not set.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="KmsException">It is not set.</exception>
    public static string Need(Func<string, string?> setting, string name) =>
        setting(name) ?? throw new KmsException(Failure.Usage, $"{name} is not set", "the vault's address and the secret's name come from variables: see kms checkconfig");
}

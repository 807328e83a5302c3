using System.Text.Json;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>
/// One entry of the wallet file, in the fields of tatum-kms: <c>{mnemonic, xpub?}</c>, <c>{privateKey, address?}</c> or
/// <c>{address, secret}</c>, with chain and network. Secrets are UTF-8 text. Owns its secrets.
/// </summary>
public sealed class WalletEntry : IDisposable
{
    /// <summary>Chain code.</summary>
    public required string Chain { get; init; }

    /// <summary>The network it was made for.</summary>
    public required Network Network { get; init; }

    /// <summary>The mnemonic, words divided by one space.</summary>
    public SecretBytes? Mnemonic { get; init; }

    /// <summary>Extended public key, in the chain's form.</summary>
    public string? Xpub { get; init; }

    /// <summary>A private key in the chain's form (WIF, hex, seed …).</summary>
    public SecretBytes? PrivateKey { get; init; }

    /// <summary>A seed in the chain's form, where the chain calls it secret (XRP, XLM, ALGO).</summary>
    public SecretBytes? Secret { get; init; }

    /// <summary>The address, where the wallet has just one.</summary>
    public string? Address { get; init; }

    /// <summary>Whether keys are derived from it by index.</summary>
    public bool IsMnemonic => Mnemonic is not null;

    /// <summary>The secret or private key of an entry without mnemonic.</summary>
    public SecretBytes? KeyText => Secret ?? PrivateKey;

    /// <summary>A second entry with secrets of its own.</summary>
    public WalletEntry Copy() => new()
    {
        Chain = Chain,
        Network = Network,
        Mnemonic = Copy(Mnemonic),
        Xpub = Xpub,
        PrivateKey = Copy(PrivateKey),
        Secret = Copy(Secret),
        Address = Address,
    };

    /// <summary>Writes the entry as JSON, secrets included: <c>{"mnemonic",…,"testnet","chain"}</c>.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteFields(json);
        json.WriteBoolean("testnet", Network is Network.Testnet);
        json.WriteString("chain", Chain);
        json.WriteEndObject();
    }

    /// <summary>Writes the fields that are the wallet itself, without chain and network.</summary>
    public void WriteFields(Utf8JsonWriter json)
    {
        WriteSecret(json, "mnemonic", Mnemonic);
        WriteText(json, "xpub", Xpub);
        WriteText(json, "address", Address);
        WriteSecret(json, "privateKey", PrivateKey);
        WriteSecret(json, "secret", Secret);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mnemonic?.Dispose();
        PrivateKey?.Dispose();
        Secret?.Dispose();
    }

    private static SecretBytes? Copy(SecretBytes? secret) => secret is null ? null : SecretBytes.Copy(secret.Span);

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteSecret(Utf8JsonWriter json, string name, SecretBytes? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value.Span);
        }
    }
}

using System.Text;
using System.Text.Json;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>The members of one entry while they are read.</summary>
/// <param name="json">The whole, which secrets are parts of.</param>
/// <param name="likelyChain">
/// The chain of the entry before: mostly this one's too, and then one string serves both.
/// </param>
internal struct WalletEntryFields(SecretBytes json, string likelyChain)
{
    private string? chain;
    private string? xpub;
    private string? address;
    private bool? testnet;
    private SecretBytes? mnemonic;
    private SecretBytes? privateKey;
    private SecretBytes? secret;

    public string? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return "the entry is not a JSON object";
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
            if (Member(ref reader, name) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    public readonly string? Missing()
    {
        if (chain is null)
        {
            return "the entry has no chain";
        }

        if (testnet is null)
        {
            return "the entry does not say whether it is for a testnet";
        }

        var isEmpty = mnemonic is null && privateKey is null && secret is null;
        return isEmpty ? "the entry holds no mnemonic, private key or secret" : null;
    }

    private string? Member(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => name switch
    {
        // the most frequent first
        _ when name.SequenceEqual("privateKey"u8) => Hidden(ref reader, ref privateKey, "privateKey"),
        _ when name.SequenceEqual("testnet"u8) => Flag(ref reader),
        _ when name.SequenceEqual("chain"u8) => ChainCode(ref reader),
        _ when name.SequenceEqual("address"u8) => Text(ref reader, ref address, "address"),
        _ when name.SequenceEqual("xpub"u8) => Text(ref reader, ref xpub, "xpub"),
        _ when name.SequenceEqual("mnemonic"u8) => Hidden(ref reader, ref mnemonic, "mnemonic"),
        _ when name.SequenceEqual("secret"u8) => Hidden(ref reader, ref secret, "secret"),
        _ => "the entry has a member that no wallet has",
    };

    public readonly WalletEntry ToEntry() => new()
    {
        Chain = chain!,
        Network = testnet == true ? Network.Testnet : Network.Mainnet,
        Mnemonic = mnemonic,
        Xpub = xpub,
        PrivateKey = privateKey,
        Secret = secret,
        Address = address,
    };

    public readonly void Wipe()
    {
        mnemonic?.Dispose();
        privateKey?.Dispose();
        secret?.Dispose();
    }

    private string? ChainCode(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (chain is not null || reader.TokenType is not JsonTokenType.String)
        {
            return "the entry's 'chain' is not text";
        }

        chain = !reader.ValueIsEscaped && Ascii.Equals(reader.ValueSpan, likelyChain)
            ? likelyChain
            : reader.GetString();
        return null;
    }

    private string? Flag(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (testnet is not null || reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
        {
            return "the entry's 'testnet' is not true or false";
        }

        testnet = reader.GetBoolean();
        return null;
    }

    private static string? Text(ref Utf8JsonReader reader, ref string? field, string name)
    {
        reader.Read();
        if (field is not null || reader.TokenType is not JsonTokenType.String)
        {
            return $"the entry's '{name}' is not text";
        }

        field = WalletContents.Text(ref reader);
        return null;
    }

    private readonly string? Hidden(ref Utf8JsonReader reader, ref SecretBytes? field, string name)
    {
        reader.Read();
        if (field is not null || reader.TokenType is not JsonTokenType.String)
        {
            return $"the entry's '{name}' is not text";
        }

        if (!reader.ValueIsEscaped)
        {
            field = json.Part((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length); // past the quotation mark
            return null;
        }

        using var unescaped = new SecretBytes(reader.ValueSpan.Length);
        field = SecretBytes.Copy(unescaped.Span[..reader.CopyString(unescaped.Span)]);
        return null;
    }
}

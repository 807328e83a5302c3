using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>Entries of the form <c>{privateKey, chain, testnet}</c>, the same for every chain.</summary>
internal static class SingleKeyEntry
{
    /// <summary>
    /// An entry of a key text as it was given (outer white space aside), after it parsed. Takes ownership of the
    /// secret.
    /// </summary>
    public static WalletEntry Checked(IWalletScheme scheme, string chain, SecretBytes key, Network network)
    {
        using (key)
        {
            var text = key.Span.Trim(" \t\r\n"u8);
            if (scheme.HasMnemonic && text.Contains((byte)' '))
            {
                throw KmsException.Refused(
                    "these are several words, not a private key",
                    $"store a mnemonic with: kms storemanagedwallet {chain}");
            }

            if (IsEncrypted(text))
            {
                throw KmsException.Refused(
                    "this is a key encrypted with a passphrase (BIP-38), not a private key", "decrypt it where you made it, on a machine without network, and store the key that comes out");
            }

            scheme.ParseKey(text, network).Dispose();
            return new() { Chain = chain, Network = network, PrivateKey = SecretBytes.Copy(text) };
        }
    }

    /// <summary>58 characters that begin with 6P: the form of every BIP-38 key, and of no other chain's.</summary>
    private static bool IsEncrypted(ReadOnlySpan<byte> text) => text.Length == 58 && text.StartsWith("6P"u8);

    /// <summary>An entry of a fresh random key.</summary>
    public static WalletEntry Generate(IWalletScheme scheme, string chain, Func<SoftwareKey> generate, Network network)
    {
        using var key = generate();
        return new() { Chain = chain, Network = network, PrivateKey = scheme.FormatKey(key, network) };
    }
}

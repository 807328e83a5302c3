using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// Scripts as people write them: Base58Check (BIP-13), bech32 and bech32m (BIP-173, BIP-350), cashaddr.
/// </summary>
internal static class BitcoinAddress
{
    private const int LongestShown = 80;

    /// <summary>The address that getaddress prints for a public key.</summary>
    public static string OfKey(ReadOnlySpan<byte> publicKey, BitcoinCoin coin, Network network)
    {
        var hash = Digests.Hash160(publicKey);
        // nodes relay segwit spends of compressed keys only (BIP-143)
        var segwit = coin.SegwitAddresses && publicKey.Length == Secp256k1.CompressedSize;
        return Of(segwit ? Script.ToWitness(hash) : Script.ToKeyHash(hash), coin, network)!;
    }

    /// <summary>The taproot address of a key (BIP-86, BIP-350).</summary>
    /// <exception cref="KmsException">The key's text says that it is used uncompressed.</exception>
    public static string OfTaproot(PublicKey key, BitcoinCoin coin, Network network) => KeySpend.HasTaproot(key)
        ? Of(Script.ToTaproot(key.Taproot), coin, network)!
        : throw KmsException.Refused("an uncompressed key has no taproot address", "leave --type out");

    /// <summary>The address of a script, or null when it has none.</summary>
    public static string? Of(ReadOnlySpan<byte> script, BitcoinCoin coin, Network network)
    {
        var text = coin.Text(network);
        var kind = Script.Kind(script);
        var payload = Script.Payload(script, kind);
        return kind switch
        {
            ScriptKind.KeyHash when coin.Cash => CashAddr.Encode(text.Prefix!, 0, payload),
            ScriptKind.ScriptHash or ScriptKind.ScriptHash32 when coin.Cash => CashAddr.Encode(text.Prefix!, 1, payload),
            ScriptKind.KeyHash => Base58.EncodeCheck([text.KeyHash, .. payload]),
            ScriptKind.ScriptHash => Base58.EncodeCheck([text.ScriptHash, .. payload]),
            ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash or ScriptKind.Taproot or ScriptKind.FutureWitness when coin.Segwit =>
                Witness(text.Prefix!, script, payload),
            _ => null,
        };
    }

    /// <summary>The address, or in parentheses what the script is.</summary>
    public static string Shown(ReadOnlySpan<byte> script, BitcoinCoin coin, Network network) => Of(script, coin, network) ?? Script.Kind(script) switch
    {
        ScriptKind.PublicKey => $"(public key {Hex.Lower(Script.Payload(script, ScriptKind.PublicKey))})",
        ScriptKind.Data => $"(data {Short(Script.Payload(script, ScriptKind.Data))})",
        _ => $"(script {Short(script)})",
    };

    /// <summary>Whether a text from outside is an address of a script, in the usual form or an older one.</summary>
    public static bool Names(string text, ReadOnlySpan<byte> script, BitcoinCoin coin, Network network)
    {
        var forms = coin.Text(network);
        var kind = Script.Kind(script);
        byte? version = kind switch
        {
            ScriptKind.KeyHash => forms.KeyHash,
            ScriptKind.ScriptHash => forms.OldScriptHash ?? forms.ScriptHash,
            _ => null,
        };
        return Of(script, coin, network) is { } usual
            && (text == usual
                || (coin.Cash && $"{forms.Prefix}:{text}" == usual)
                || (version is { } old && text == Base58.EncodeCheck([old, .. Script.Payload(script, kind)])));
    }

    /// <summary>The bytes that an OP_RETURN carries.</summary>
    public static byte[] Data(ReadOnlySpan<byte> script)
    {
        var payload = Script.Payload(script, ScriptKind.Data);
        return Script.Pushes(payload) is { } pushes ? [.. pushes.SelectMany(push => push)] : payload.ToArray();
    }

    /// <summary>Hex, cut where it is too long to be read anyway.</summary>
    public static string Short(ReadOnlySpan<byte> bytes) => bytes.Length <= LongestShown
        ? Hex.Lower(bytes)
        : $"{Hex.Lower(bytes[..LongestShown])}… of {bytes.Length} bytes";

    private static string Witness(string prefix, ReadOnlySpan<byte> script, ReadOnlySpan<byte> program)
    {
        var version = Script.WitnessVersion(script);
        return Bech32.Encode(prefix, [(byte)version, .. Bech32.ToFiveBits(program)], bech32m: version > 0);
    }
}

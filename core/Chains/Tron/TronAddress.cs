using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Tron;

/// <summary>TRON's addresses: 0x41 and the 20 bytes of Ethereum, written in Base58Check (T…).</summary>
internal static class TronAddress
{
    /// <summary>Bytes of an address.</summary>
    public const int Size = 21;
    private const byte Prefix = 0x41;

    /// <summary>The address of a public key.</summary>
    public static byte[] Of(ReadOnlySpan<byte> publicKey) => [Prefix, .. AddressForm.Of(publicKey)];

    /// <summary>The address of a key.</summary>
    public static byte[] Of(PublicKey key) => [Prefix, .. AddressForm.Of(key)];

    /// <summary>T…</summary>
    public static string Text(ReadOnlySpan<byte> address) => Base58.EncodeCheck(address);

    /// <summary>T… of the 20 bytes that stand in a contract call.</summary>
    public static string OfCall(byte[] address) => Text([Prefix, .. address]);

    /// <summary>The 21 bytes of a text in Base58Check or in hex.</summary>
    public static byte[] Read(string text, bool base58, string what)
    {
        var address = base58 ? Base58.TryDecodeCheck(text) : Hex.Read(text, what);
        return address is { Length: Size } && address[0] == Prefix
            ? address
            : throw KmsException.Refused($"{what} is not a TRON address in {(base58 ? "Base58Check" : "hexadecimal")}");
    }
}

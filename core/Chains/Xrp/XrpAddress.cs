using System.Buffers.Binary;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Xrp;

/// <summary>XRP Ledger addresses: classic "r…" and X-addresses, which pack a tag in (XLS-5).</summary>
internal static class XrpAddress
{
    private const int AccountSize = 20;
    private const byte ClassicVersion = 0;

    /// <summary>The classic address of a public key.</summary>
    public static string FromPublicKey(ReadOnlySpan<byte> publicKey) => FromAccount(Digests.Hash160(publicKey));

    /// <summary>The classic address of a 20-byte account id.</summary>
    public static string FromAccount(ReadOnlySpan<byte> account) =>
        Base58.EncodeCheck([ClassicVersion, .. account], Base58.Ripple);

    /// <summary>The account id of a classic address.</summary>
    /// <exception cref="KmsException">It is none; the message names <paramref name="what"/>.</exception>
    public static byte[] Account(string text, string what) =>
        Base58.TryDecodeCheck(text, Base58.Ripple) is [ClassicVersion, .. { Length: AccountSize } account]
            ? account
            : throw KmsException.Refused($"{what} is no XRP Ledger address: its checksum or form is wrong");

    /// <summary>The account id and tag of a classic address or an X-address of the network.</summary>
    public static (byte[] Account, uint? Tag) AccountAndTag(string text, Network network, string what)
    {
        if (!text.StartsWith('X') && !text.StartsWith('T'))
        {
            return (Account(text, what), null);
        }

        // 2-byte prefix, account, flag (1: a 32-bit tag follows), tag in 8 bytes little-endian
        if (Base58.TryDecodeCheck(text, Base58.Ripple) is not { Length: 2 + AccountSize + 9 } payload)
        {
            throw KmsException.Refused($"{what} is no XRP Ledger address: its checksum or form is wrong");
        }

        ReadOnlySpan<byte> prefix = network is Network.Mainnet ? [0x05, 0x44] : [0x04, 0x93];
        if (!payload.AsSpan().StartsWith(prefix))
        {
            throw KmsException.Refused($"{what} is an X-address of another network");
        }

        var tag = BinaryPrimitives.ReadUInt64LittleEndian(payload.AsSpan(23));
        return payload[22] switch
        {
            0 when tag == 0 => (payload[2..22], null),
            1 when tag <= uint.MaxValue => (payload[2..22], (uint)tag),
            _ => throw KmsException.Refused($"{what} is an X-address with a tag of an unknown form"),
        };
    }
}

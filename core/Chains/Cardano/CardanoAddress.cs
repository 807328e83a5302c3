using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Cardano;

/// <summary>Cardano's addresses (CIP-19), and those of the Byron era, which can only be paid to here.</summary>
internal static class CardanoAddress
{
    /// <summary>Bytes of a key hash.</summary>
    public const int HashSize = 28;

    /// <summary>Type of an address of two key hashes (CIP-19).</summary>
    public const int BaseType = 0;

    /// <summary>Type of an address of one key hash (CIP-19).</summary>
    public const int EnterpriseType = 6;

    private const int LongestText = 200;

    /// <summary>The enterprise address of a public key: a payment part alone.</summary>
    public static string Enterprise(ReadOnlySpan<byte> publicKey, Network network) => Bech32.EncodeBytes(
        network is Network.Mainnet ? "addr" : "addr_test", [(byte)((EnterpriseType << 4) | NetworkId(network)), .. KeyHash(publicKey)]);

    /// <summary>BLAKE2b-224 of a public key.</summary>
    public static byte[] KeyHash(ReadOnlySpan<byte> publicKey) => Blake2b.Hash(publicKey, HashSize);

    /// <summary>1 on mainnet, 0 on the test networks.</summary>
    public static byte NetworkId(Network network) => network is Network.Mainnet ? (byte)1 : (byte)0;

    /// <summary>The bytes of an address of the network.</summary>
    /// <exception cref="KmsException">It is none, or of another network.</exception>
    public static byte[] Read(string text, Network network, string what)
    {
        if (!text.StartsWith("addr", StringComparison.Ordinal))
        {
            return ReadByron(text, network, what);
        }

        var address = Bech32.TryDecodeBytes(text, network is Network.Mainnet ? "addr" : "addr_test", LongestText);
        if (address is null or [])
        {
            throw KmsException.Refused(
                $"{what} is no address of Cardano's {network}: its prefix, checksum or form is wrong");
        }

        var isRightSize = (address[0] >> 4) switch
        {
            <= 3 => address.Length == 1 + (2 * HashSize),
            // a pointer of three variable-length numbers
            4 or 5 => address.Length is > 1 + HashSize and <= 1 + HashSize + 30,
            6 or 7 => address.Length == 1 + HashSize,
            _ => false,
        };
        return isRightSize && (address[0] & 15) == NetworkId(network)
            ? address
            : throw KmsException.Refused($"{what} is no payment address of Cardano's {network}");
    }

    /// <summary>The hash of the key that must sign for inputs at an address.</summary>
    public static byte[] PaymentKeyHash(byte[] address, string what) => (address[0] >> 4) switch
    {
        0 or 2 or 4 or 6 => address[1..(1 + HashSize)],
        1 or 3 or 5 or 7 => throw KmsException.Refused($"{what} belongs to a script, which no key can sign for"),
        _ => throw KmsException.Refused($"{what} is of the Byron era, which is not supported for inputs"),
    };

    // Base58 of [tag 24 of the address, CRC-32]; a test network's magic is attribute 2
    private static byte[] ReadByron(string text, Network network, string what)
    {
        var bytes = Base58.TryDecode(text) is { Length: > 0 } decoded
            ? decoded
            : throw KmsException.Refused($"{what} is no Cardano address");
        var outer = new CborReader(bytes, what);
        if (outer.Array() != 2 || outer.Tag() != 24)
        {
            throw KmsException.Refused($"{what} is no Cardano address");
        }

        var inner = new CborReader(outer.Bytes(), what);
        outer.UInt();
        outer.Done();
        if (inner.Array() != 3 || inner.Bytes().Length != HashSize)
        {
            throw KmsException.Refused($"{what} is no Cardano address");
        }

        var isTest = false;
        for (var count = inner.Map(); inner.Next(ref count);)
        {
            isTest |= inner.UInt() == 2;
            inner.Raw();
        }

        inner.UInt();
        inner.Done();
        return isTest == (network is Network.Testnet)
            ? bytes
            : throw KmsException.Refused($"{what} is of another Cardano network");
    }
}

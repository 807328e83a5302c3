using System.Buffers.Binary;
using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Keys;

/// <summary>
/// A public node of a BIP-32 tree on secp256k1, as an extended public key writes it: it derives the public keys of
/// children that are not hardened.
/// </summary>
internal sealed class Bip32Public
{
    private const int Size = 78;
    private readonly byte[] publicKey;
    private readonly byte[] chainCode;

    private Bip32Public(byte[] publicKey, byte[] chainCode)
    {
        this.publicKey = publicKey;
        this.chainCode = chainCode;
    }

    /// <summary>
    /// Reads an extended public key under four version bytes (BIP-32, "Serialization format"); null when it is none.
    /// </summary>
    public static Bip32Public? TryRead(string xpub, uint version)
    {
        var data = Base58.TryDecodeCheck(xpub);
        if (data is not { Length: Size } || BinaryPrimitives.ReadUInt32BigEndian(data) != version)
        {
            return null;
        }

        var key = data[45..];
        return Secp256k1.IsPublicKey(key) ? new(key, data[13..45]) : null;
    }

    /// <summary>CKDpub: the compressed public key of a child.</summary>
    /// <exception cref="KmsException">The number is hardened, or gives no valid key (chance below 2^-127).</exception>
    public byte[] Child(uint number)
    {
        if (number >= DerivationPath.Hardened)
        {
            throw KmsException.Refused($"child {number} is hardened, and has no public derivation");
        }

        Span<byte> data = stackalloc byte[Secp256k1.CompressedSize + sizeof(uint)];
        Span<byte> mac = stackalloc byte[HMACSHA512.HashSizeInBytes];
        publicKey.CopyTo(data);
        BinaryPrimitives.WriteUInt32BigEndian(data[Secp256k1.CompressedSize..], number);
        HMACSHA512.HashData(chainCode, data, mac);
        return Secp256k1.TryAddPublic(publicKey, mac[..Secp256k1.SecretKeySize], out var child)
            ? child
            : throw KmsException.Refused($"child {number} has no valid key; use the next index");
    }
}

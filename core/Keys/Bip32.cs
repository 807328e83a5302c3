using System.Buffers.Binary;
using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>A private node of a BIP-32 tree on secp256k1. Owns its secret.</summary>
internal sealed class Bip32 : IDisposable
{
    private readonly SecretBytes node; // key ‖ chain code
    private readonly byte[] publicKey;
    private readonly byte depth;
    private readonly uint childNumber;
    private readonly byte[] parentFingerprint;

    private Bip32(SecretBytes node, byte depth, uint childNumber, byte[] parentFingerprint)
    {
        (this.node, this.depth, this.childNumber, this.parentFingerprint) = (node, depth, childNumber, parentFingerprint);
        publicKey = Secp256k1.PublicKey(node.Span[..32]);
    }

    /// <summary>The master node of a seed of 16 to 64 bytes.</summary>
    public static Bip32 Master(ReadOnlySpan<byte> seed)
    {
        var node = new SecretBytes(64);
        HMACSHA512.HashData("Bitcoin seed"u8, seed, node.Span);
        if (Secp256k1.IsSecretKey(node.Span[..32]))
        {
            return new(node, 0, 0, new byte[4]);
        }

        node.Dispose();
        throw KmsException.Refused("the seed gives no valid master key"); // chance below 2^-127
    }

    /// <summary>The node at a path below a mnemonic with empty passphrase.</summary>
    public static Bip32 AtPath(ReadOnlySpan<byte> mnemonic, string path)
    {
        using var seed = Mnemonic.ToSeed(mnemonic);
        var current = Master(seed.Span);
        foreach (var step in DerivationPath.Parse(path))
        {
            using var parent = current;
            current = parent.Child(step);
        }

        return current;
    }

    /// <summary>The compressed public key, 33 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <summary>CKDpriv: the child with this number.</summary>
    /// <exception cref="KmsException">The number gives no valid key (chance below 2^-127).</exception>
    public Bip32 Child(uint number)
    {
        var child = ChildSecret(number);
        return new(child, checked((byte)(depth + 1)), number, Digests.Hash160(publicKey)[..4]);
    }

    /// <summary>The key of a child, for signing.</summary>
    public SoftwareKey ChildKey(uint number)
    {
        using var child = ChildSecret(number);
        return new(SecretBytes.Copy(child.Span[..32]), Secp256k1.PublicKey(child.Span[..32]));
    }

    /// <summary>
    /// The extended public key under four version bytes, Base58Check (BIP-32, "Serialization format").
    /// </summary>
    public string Xpub(uint version)
    {
        var data = new byte[78];
        BinaryPrimitives.WriteUInt32BigEndian(data, version);
        data[4] = depth;
        parentFingerprint.CopyTo(data.AsSpan(5));
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(9), childNumber);
        node.Span[32..].CopyTo(data.AsSpan(13));
        publicKey.CopyTo(data.AsSpan(45));
        return Base58.EncodeCheck(data);
    }

    /// <summary>
    /// The extended private key, as the standard's vectors show it. Not used by the product's commands.
    /// </summary>
    internal string Xprv(uint version)
    {
        var data = new byte[78];
        BinaryPrimitives.WriteUInt32BigEndian(data, version);
        data[4] = depth;
        parentFingerprint.CopyTo(data.AsSpan(5));
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(9), childNumber);
        node.Span[32..].CopyTo(data.AsSpan(13));
        node.Span[..32].CopyTo(data.AsSpan(46));
        var text = Base58.EncodeCheck(data);
        CryptographicOperations.ZeroMemory(data);
        return text;
    }

    /// <inheritdoc/>
    public void Dispose() => node.Dispose();

    private SecretBytes ChildSecret(uint number)
    {
        Span<byte> data = stackalloc byte[37];
        Span<byte> mac = stackalloc byte[64];
        if (number >= DerivationPath.Hardened)
        {
            data[0] = 0;
            node.Span[..32].CopyTo(data[1..]);
        }
        else
        {
            publicKey.CopyTo(data);
        }

        BinaryPrimitives.WriteUInt32BigEndian(data[33..], number);
        HMACSHA512.HashData(node.Span[32..], data, mac);
        var child = new SecretBytes(64);
        node.Span[..32].CopyTo(child.Span);
        mac[32..].CopyTo(child.Span[32..]);
        var valid = Secp256k1.TryAdd(child.Span[..32], mac[..32]);
        CryptographicOperations.ZeroMemory(data);
        CryptographicOperations.ZeroMemory(mac);
        if (valid)
        {
            return child;
        }

        child.Dispose();
        throw KmsException.Refused($"child {number} has no valid key; use the next index");
    }
}

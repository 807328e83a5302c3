using System.Buffers.Binary;
using System.Security.Cryptography;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>
/// A private node of Cardano's key tree: the root of CIP-3 (Icarus), children of BIP32-Ed25519 (V2). Owns its secret.
/// </summary>
internal sealed class Icarus : IDisposable
{
    private const int Iterations = 4096;
    private readonly SecretBytes node; // kL ‖ kR ‖ chain code

    private Icarus(SecretBytes node) => this.node = node;

    /// <summary>The root of a mnemonic's entropy, with an empty passphrase.</summary>
    public static Icarus Root(ReadOnlySpan<byte> entropy)
    {
        var node = new SecretBytes(96);
        Rfc2898DeriveBytes.Pbkdf2(ReadOnlySpan<byte>.Empty, entropy, node.Span, Iterations, HashAlgorithmName.SHA512);
        node.Span[0] &= 0xf8;
        node.Span[31] = (byte)((node.Span[31] & 0x1f) | 0x40);
        return new(node);
    }

    /// <summary>The node at a path below a mnemonic.</summary>
    public static Icarus AtPath(ReadOnlySpan<byte> mnemonic, string path)
    {
        using var entropy = Mnemonic.ToEntropy(mnemonic);
        var current = Root(entropy.Span);
        foreach (var step in DerivationPath.Parse(path))
        {
            using var parent = current;
            current = parent.Child(step);
        }

        return current;
    }

    /// <summary>The child with this number; the top bit marks a hardened one.</summary>
    public Icarus Child(uint number)
    {
        var isHardened = number >= DerivationPath.Hardened;
        ReadOnlySpan<byte> key = isHardened ? node.Span[..64] : PublicKey();
        Span<byte> data = stackalloc byte[1 + 64 + 4];
        data = data[..(1 + key.Length + 4)];
        key.CopyTo(data[1..]);
        BinaryPrimitives.WriteUInt32LittleEndian(data[^4..], number);
        Span<byte> mac = stackalloc byte[64];
        Span<byte> left = stackalloc byte[32];
        var child = new SecretBytes(96);
        node.Span[..64].CopyTo(child.Span);

        data[0] = (byte)(isHardened ? 0 : 2);
        HMACSHA512.HashData(node.Span[64..], data, mac);
        left.Clear();
        mac[..28].CopyTo(left);
        for (var doubling = 0; doubling < 3; doubling++)
        {
            Ed25519Extended.Add(left, left); // 8·ZL
        }

        Ed25519Extended.Add(child.Span[..32], left); // kL + 8·ZL
        Ed25519Extended.Add(child.Span[32..64], mac[32..]); // kR + ZR mod 2^256

        data[0] = (byte)(isHardened ? 1 : 3);
        HMACSHA512.HashData(node.Span[64..], data, mac);
        mac[32..].CopyTo(child.Span[64..]);
        CryptographicOperations.ZeroMemory(data);
        CryptographicOperations.ZeroMemory(mac);
        CryptographicOperations.ZeroMemory(left);
        return new(child);
    }

    /// <summary>The public key.</summary>
    public byte[] PublicKey() => Ed25519Extended.PublicKey(node.Span[..64]);

    /// <summary>The node's own key, for signing.</summary>
    public SoftwareKey Key() => new(SecretBytes.Copy(node.Span[..64]), PublicKey());

    /// <summary>Public key and chain code as hexadecimal: what Cardano's tools call an extended public key.</summary>
    public string Xpub() => Convert.ToHexStringLower([.. PublicKey(), .. node.Span[64..]]);

    /// <summary>kL ‖ kR ‖ chain code, as the standard's vectors show it.</summary>
    internal ReadOnlySpan<byte> Node => node.Span;

    /// <inheritdoc/>
    public void Dispose() => node.Dispose();
}

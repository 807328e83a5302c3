using System.Buffers.Binary;
using System.Security.Cryptography;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>SLIP-0010 on Ed25519: hardened children only. Owns its secret.</summary>
internal sealed class Slip10 : IDisposable
{
    private readonly SecretBytes node; // seed ‖ chain code

    private Slip10(SecretBytes node) => this.node = node;

    /// <summary>The master node of a seed.</summary>
    public static Slip10 Master(ReadOnlySpan<byte> seed)
    {
        var node = new SecretBytes(64);
        HMACSHA512.HashData("ed25519 seed"u8, seed, node.Span);
        return new(node);
    }

    /// <summary>The node at a path of hardened steps below a mnemonic with empty passphrase.</summary>
    public static Slip10 AtPath(ReadOnlySpan<byte> mnemonic, string path)
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

    /// <summary>The child; the number is hardened whether its top bit is set or not.</summary>
    public Slip10 Child(uint number)
    {
        Span<byte> data = stackalloc byte[37];
        data[0] = 0;
        node.Span[..32].CopyTo(data[1..]);
        BinaryPrimitives.WriteUInt32BigEndian(data[33..], number | DerivationPath.Hardened);
        var child = new SecretBytes(64);
        HMACSHA512.HashData(node.Span[32..], data, child.Span);
        CryptographicOperations.ZeroMemory(data);
        return new(child);
    }

    /// <summary>The node's own key.</summary>
    public SoftwareKey Key() => new(SecretBytes.Copy(node.Span[..32]), Ed25519.PublicKey(node.Span[..32]));

    /// <summary>The chain code, 32 bytes, as the standard's vectors show it.</summary>
    internal ReadOnlySpan<byte> ChainCode => node.Span[32..];

    /// <inheritdoc/>
    public void Dispose() => node.Dispose();
}

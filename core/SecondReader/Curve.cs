using NBitcoin.Secp256k1;
using Nethereum.Util;

namespace KmsCloud.Readers;

/// <summary>Recovery on secp256k1 with the managed code that Nethereum.Signer brings along, whose authors are not those of our native library.</summary>
internal static class Curve
{
    private const int AddressAt = 12; // the last 20 bytes of Keccak-256 over the point
    private const int PointSize = 65;

    /// <summary>The address whose key signed the digest.</summary>
    internal static byte[] Sender(byte[] digest, byte[] r, byte[] s, int parity)
    {
        if (parity is not (0 or 1) || !SecpRecoverableECDSASignature.TryCreateFromCompact([.. r, .. s], parity, out var signature)
            || !ECPubKey.TryRecover(Context.Instance, signature, digest, out var key))
        {
            throw new FormatException("no key can have made the signature");
        }

        var point = new byte[PointSize];
        key.WriteToSpan(compressed: false, point, out _);
        return Sha3Keccack.Current.CalculateHash(point[1..])[AddressAt..];
    }
}

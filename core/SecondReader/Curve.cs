using Nethereum.Signer;

namespace KmsCloud.Readers;

/// <summary>Recovery on secp256k1 by Nethereum.Signer, whose managed code has other authors than our native library.</summary>
internal static class Curve
{
    static Curve() => EthECKey.SignRecoverable = true; // a switch of the process: recovery by NBitcoin.Secp256k1, nine times as fast as by BouncyCastle

    /// <summary>The address whose key signed the digest, in lower case.</summary>
    internal static string Sender(byte[] digest, byte[] r, byte[] s, int parity) => parity is 0 or 1
        ? EthECKey.RecoverFromSignature(EthECDSASignatureFactory.FromComponents(r, s), parity, digest).GetPublicAddress().ToLowerInvariant()
        : throw new FormatException("no parity of a point");
}

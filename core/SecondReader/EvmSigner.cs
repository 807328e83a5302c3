using System.Globalization;
using System.Numerics;
using Nethereum.Signer;

namespace KmsCloud.Readers;

/// <summary>Who made a recoverable signature on secp256k1, by Nethereum.Signer, whose managed code has other authors than our native library.</summary>
/// <param name="Address">The address, in lower case.</param>
/// <param name="PublicKey">The compressed public key, in lower-case hex.</param>
/// <param name="HasLowS">Whether s lies in the lower half; a higher one is not taken (EIP-2).</param>
public sealed record EvmSigner(string Address, string PublicKey, bool HasLowS)
{
    private static readonly BigInteger HalfOrder = BigInteger.Parse("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    static EvmSigner() => EthECKey.SignRecoverable = true; // a switch of the process: recovery by NBitcoin.Secp256k1, nine times as fast as by BouncyCastle

    /// <summary>Recovers the key whose signature of the digest this is.</summary>
    /// <exception cref="FormatException">The parity is none of a point.</exception>
    public static EvmSigner Recover(byte[] digest, byte[] r, byte[] s, int parity)
    {
        if (parity is not (0 or 1))
        {
            throw new FormatException("no parity of a point");
        }

        var key = EthECKey.RecoverFromSignature(EthECDSASignatureFactory.FromComponents(r, s), parity, digest);
        return new(key.GetPublicAddress().ToLowerInvariant(), Convert.ToHexStringLower(key.GetPubKey(true)), new BigInteger(s, isUnsigned: true, isBigEndian: true) <= HalfOrder);
    }
}

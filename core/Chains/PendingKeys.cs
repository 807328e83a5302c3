using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains;

/// <summary>
/// The wallets a pending transaction names, already known to be of its chain and network. Which of them sign, and with
/// which index, is each chain's own rule.
/// </summary>
/// <param name="hashes">Public side of the wallets of <see cref="PendingTransaction.Hashes"/>, same order.</param>
/// <param name="signatures">
/// Wallets of <see cref="PendingTransaction.Signatures"/>, same order, with the index as given.
/// </param>
/// <param name="index"><see cref="PendingTransaction.Index"/>.</param>
public sealed class PendingKeys(
    IReadOnlyList<IWalletKeys> hashes, IReadOnlyList<(IWalletKeys Wallet, uint? Index)> signatures, uint? index)
{
    /// <summary>Wallets named in hashes.</summary>
    public IReadOnlyList<IWalletKeys> Hashes => hashes;

    /// <summary>Wallets named in signatures, with their indexes.</summary>
    public IReadOnlyList<(IWalletKeys Wallet, uint? Index)> Signatures => signatures;

    /// <summary>The pending transaction's index.</summary>
    public uint? Index => index;

    /// <summary>
    /// The one signer of an account-based chain: the first wallet of hashes, else of signatures. A mnemonic wallet
    /// takes the pending index, or its own in signatures (both given: refused); a key wallet ignores any index.
    /// </summary>
    /// <exception cref="KmsException">No wallet is named, or the index is missing or given twice.</exception>
    public PublicKey Single()
    {
        if (hashes.Count > 0)
        {
            return hashes[0].KeyAt(index);
        }

        if (signatures.Count == 0)
        {
            throw KmsException.Refused("the pending transaction names no wallet");
        }

        var (wallet, own) = signatures[0];
        return wallet.IsMnemonic && own is not null && index is not null
            ? throw KmsException.Refused("the pending transaction gives an index twice, for itself and in signatures")
            : wallet.KeyAt(own ?? index);
    }
}

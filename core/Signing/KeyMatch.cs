using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Signing;

/// <summary>Step 2 of the cycle: every wallet a pending transaction names must be ours, of its chain and of our network.</summary>
public static class KeyMatch
{
    /// <summary>The wallets named by a pending transaction.</summary>
    /// <exception cref="KmsException">An id is unknown, or its wallet belongs to another chain or network.</exception>
    public static PendingKeys Find(PendingTransaction pending, Func<string, IWalletKeys?> wallets, Network network)
    {
        return new(
            [.. pending.Hashes.Select(Wallet)],
            [.. pending.Signatures.Select(request => (Wallet(request.SignatureId), request.Index))],
            pending.Index);

        IWalletKeys Wallet(string signatureId)
        {
            var wallet = wallets(signatureId) ?? throw new KmsException(Failure.UnknownWallet, $"No such wallet for signatureId '{signatureId}'.");
            if (wallet.Chain != pending.Chain)
            {
                throw KmsException.Refused($"wallet '{signatureId}' belongs to {wallet.Chain}, not to {pending.Chain}");
            }

            return wallet.Network == network
                ? wallet
                : throw KmsException.Refused($"wallet '{signatureId}' belongs to {wallet.Network}, not to {network}");
        }
    }
}

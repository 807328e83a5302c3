using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>Whose script it is.</summary>
/// <param name="SignatureId">The wallet.</param>
/// <param name="Index">The derivation index of its key; null for a wallet with one key.</param>
internal sealed record OwnScript(string SignatureId, uint? Index);

/// <summary>The keys a pending transaction names, and the scripts they stand for.</summary>
internal sealed class KeyRing
{
    private readonly Dictionary<string, (PublicKey Key, KeyForm Form)> unlocks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OwnScript> own = new(StringComparer.Ordinal);

    private KeyRing(
        IReadOnlyList<(IWalletKeys Wallet, PublicKey Key, uint? Index)> keys, BitcoinCoin coin, bool withTaproot)
    {
        Keys = [.. keys.Select(named => named.Key)];
        Signers = [.. Keys.Distinct()];
        foreach (var key in Signers)
        {
            foreach (var (script, form) in KeySpend.Forms(key, coin))
            {
                unlocks.TryAdd(Text(script), (key, form));
            }
        }

        // change may go back to a wallet's first address although its key signs nothing
        var first = keys.Select(named => named.Wallet).Where(wallet => wallet.IsMnemonic).Distinct().Select(
            wallet => (wallet, wallet.Key(0), (uint?)0));
        foreach (var (wallet, key, index) in keys.Concat(first))
        {
            foreach (var (script, _) in KeySpend.Forms(key, coin))
            {
                own.TryAdd(Text(script), new(wallet.SignatureId, wallet.IsMnemonic ? index : null));
            }
        }

        if (withTaproot)
        {
            AddTaproot(keys, keys.Concat(first));
        }
    }

    /// <summary>The keys in the order of the request, duplicates kept.</summary>
    public IReadOnlyList<PublicKey> Keys { get; }

    /// <summary>The keys in the order of the request, each once.</summary>
    public IReadOnlyList<PublicKey> Signers { get; }

    /// <summary>On chain: every key of hashes, then of signatures.</summary>
    public static KeyRing Of(PendingKeys keys, BitcoinCoin coin, bool withTaproot = false) => new(
        [.. keys.Hashes.Select(wallet => (wallet, wallet.Key(), (uint?)null)), .. keys.Signatures.Select(request => (request.Wallet, request.Wallet.KeyAt(request.Index), request.Index))],
        coin,
        withTaproot);

    /// <summary>Off chain: the keys that the withdrawal names.</summary>
    public static KeyRing Of(Withdrawal withdrawal, BitcoinCoin coin, bool withTaproot = false) =>
        new(withdrawal.Keys(), coin, withTaproot);

    /// <summary>
    /// The key of a wallet's taproot output: one of BIP-86's path, or the only one that the wallet has.
    /// </summary>
    public static PublicKey TaprootKey(IWalletKeys wallet, uint? index) =>
        wallet.IsMnemonic && index is { } at ? wallet.Key(at, BitcoinChain.TaprootVariant) : wallet.Key();

    /// <summary>How one of the keys unlocks an output, or null when none does.</summary>
    public KeySpend? Unlock(TransactionOutput output) =>
        unlocks.TryGetValue(Text(output.Script), out var found) ? new(output, found.Form, found.Key) : null;

    /// <summary>
    /// The key that alone unlocks a script, when derivation says it is one of ours; null for every other script, also
    /// for one that a key of ours unlocks together with, or as well as, somebody else's.
    /// </summary>
    public OwnScript? Owner(byte[] script) => own.GetValueOrDefault(Text(script));

    /// <summary>The wallet of an off-chain withdrawal.</summary>
    public static IWalletKeys OffchainWallet(PendingKeys keys)
    {
        var wallet = keys.Hashes.Concat(keys.Signatures.Select(request => request.Wallet)).FirstOrDefault()
            ?? throw KmsException.Refused("the pending transaction names no wallet");
        return wallet.IsMnemonic
            ? wallet
            : throw KmsException.Refused($"an off-chain withdrawal needs a mnemonic wallet, and '{wallet.SignatureId}' holds one private key");
    }

    /// <summary>
    /// Taproot's keys have no extended public key: they are derived only for requests that say they need them.
    /// </summary>
    private void AddTaproot(
        IEnumerable<(IWalletKeys Wallet, PublicKey Key, uint? Index)> signing, IEnumerable<(IWalletKeys Wallet, PublicKey Key, uint? Index)> owning)
    {
        foreach (var key in signing.Select(named => TaprootKey(named.Wallet, named.Index)).Distinct().Where(KeySpend.HasTaproot))
        {
            unlocks.TryAdd(Text(Script.ToTaproot(key.Taproot)), (key, KeyForm.Taproot));
        }

        foreach (var (wallet, _, index) in owning)
        {
            if (TaprootKey(wallet, index) is var key && KeySpend.HasTaproot(key))
            {
                own.TryAdd(
                    Text(Script.ToTaproot(key.Taproot)), new(wallet.SignatureId, wallet.IsMnemonic ? index : null));
            }
        }
    }

    private static string Text(byte[] script) => Convert.ToHexString(script);
}

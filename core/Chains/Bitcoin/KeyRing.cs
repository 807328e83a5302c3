using KmsCloud.Errors;
using KmsCloud.Wallets;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>The keys a pending transaction names, and the scripts they stand for.</summary>
internal sealed class KeyRing
{
    private readonly Dictionary<string, (SigningKey Key, KeyForm Form)> unlocks = new(StringComparer.Ordinal);
    private readonly HashSet<string> own = new(StringComparer.Ordinal);

    private KeyRing(IReadOnlyList<SigningKey> keys, IEnumerable<Wallet> wallets, BitcoinCoin coin)
    {
        Keys = keys;
        Signers = [.. keys.Distinct()];
        foreach (var key in Signers)
        {
            foreach (var (script, form) in KeySpend.Forms(key, coin))
            {
                unlocks.TryAdd(Text(script), (key, form));
            }
        }

        // change may go back to a wallet's first address although its key signs nothing
        foreach (var wallet in wallets.Where(wallet => wallet.IsMnemonic).Distinct())
        {
            own.UnionWith(KeySpend.Forms(wallet.Key(0), coin).Select(form => Text(form.Script)));
        }
    }

    /// <summary>The keys in the order of the request, duplicates kept.</summary>
    public IReadOnlyList<SigningKey> Keys { get; }

    /// <summary>The keys in the order of the request, each once.</summary>
    public IReadOnlyList<SigningKey> Signers { get; }

    /// <summary>On chain: every key of hashes, then of signatures (utxo.md section 3).</summary>
    public static KeyRing Of(PendingKeys keys, BitcoinCoin coin) => new(
        [.. keys.Hashes.Select(wallet => wallet.Key()), .. keys.Signatures.Select(request => request.Wallet.KeyAt(request.Index))],
        [.. keys.Hashes, .. keys.Signatures.Select(request => request.Wallet)],
        coin);

    /// <summary>Off chain: the keys that the withdrawal names.</summary>
    public static KeyRing Of(Withdrawal withdrawal, BitcoinCoin coin) => new(withdrawal.Keys(), [withdrawal.Wallet], coin);

    /// <summary>How one of the keys unlocks an output, or null when none does.</summary>
    public KeySpend? Unlock(TransactionOutput output) =>
        unlocks.TryGetValue(Text(output.Script), out var found) ? new(output, found.Form, found.Key) : null;

    /// <summary>Whether coins locked by a script come back to us: proved by derivation.</summary>
    public bool Owns(byte[] script) => Text(script) is var text && (unlocks.ContainsKey(text) || own.Contains(text));

    /// <summary>The wallet of an off-chain withdrawal.</summary>
    public static Wallet OffchainWallet(PendingKeys keys)
    {
        var wallet = keys.Hashes.Concat(keys.Signatures.Select(request => request.Wallet)).FirstOrDefault()
            ?? throw KmsException.Refused("the pending transaction names no wallet");
        return wallet.IsMnemonic
            ? wallet
            : throw KmsException.Refused($"an off-chain withdrawal needs a mnemonic wallet, and '{wallet.SignatureId}' holds one private key");
    }

    private static string Text(byte[] script) => Convert.ToHexString(script);
}

using KmsCloud.Codecs;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Cardano;

/// <summary>
/// The keys a pending transaction names, by the hashes that inputs ask for, and the addresses that are theirs alone.
/// </summary>
internal sealed class CardanoKeyRing
{
    private readonly Dictionary<string, Named> keys = new(StringComparer.Ordinal);
    private readonly Dictionary<IWalletKeys, byte[]?> stakes = [];
    private readonly Network network;

    // a wallet of hashes gives its one key; one of signatures its key on the current path and on the older one
    internal CardanoKeyRing(PendingKeys pendingKeys, Network network)
    {
        this.network = network;
        foreach (var wallet in pendingKeys.Hashes)
        {
            Add(new(wallet, wallet.Key(), null));
        }

        foreach (var (wallet, index) in pendingKeys.Signatures)
        {
            Add(new(wallet, wallet.KeyAt(index), wallet.IsMnemonic ? index : null));
            if (wallet.IsMnemonic && index is { } at)
            {
                Add(new(wallet, wallet.Key(at, CardanoWallets.Legacy), at));
            }
        }
    }

    /// <summary>The key of a hash.</summary>
    internal PublicKey this[string hash] => keys[hash].Key;

    /// <summary>The signature id of the wallet whose key a hash is of.</summary>
    internal string WalletOf(byte[] hash) => keys[Hex.Lower(hash)].Wallet.SignatureId;

    /// <summary>Whether the key of a hash is among them.</summary>
    internal bool Holds(byte[] hash) => keys.ContainsKey(Hex.Lower(hash));

    /// <summary>
    /// Whose an address is: the enterprise address of a named key, or its base address when the stake part is the same
    /// wallet's. An address with somebody else's stake part is nobody's here.
    /// </summary>
    /// <param name="address">The address.</param>
    /// <param name="index">The derivation index of its key; null for a wallet with one key.</param>
    /// <param name="payers">
    /// Signature ids of the wallets that own an input: only to them something can be given back.
    /// </param>
    internal bool Owns(string address, IReadOnlySet<string> payers, out uint? index)
    {
        var bytes = CardanoAddress.Read(address, network, "the output's address");
        var (kind, payment) = (bytes[0] >> 4, bytes.Length > CardanoAddress.HashSize ? bytes[1..(1 + CardanoAddress.HashSize)] : []);
        index = null;
        if (kind is not (CardanoAddress.BaseType or CardanoAddress.EnterpriseType) || !keys.TryGetValue(Hex.Lower(payment), out var named) || !payers.Contains(named.Wallet.SignatureId))
        {
            return false;
        }

        index = named.Index;
        return kind == CardanoAddress.EnterpriseType
            || (StakeKeyHash(named.Wallet) is { } stake && bytes.AsSpan(1 + CardanoAddress.HashSize).SequenceEqual(stake));
    }

    // its derivation takes milliseconds, and a transaction may have thousands of outputs
    private byte[]? StakeKeyHash(IWalletKeys wallet)
    {
        if (!stakes.TryGetValue(wallet, out var hash))
        {
            stakes[wallet] = hash = wallet.IsMnemonic
                ? CardanoAddress.KeyHash(wallet.Key(0, CardanoWallets.Staking).Bytes)
                : null;
        }

        return hash;
    }

    private void Add(Named named) => keys[Hex.Lower(CardanoAddress.KeyHash(named.Key.Bytes))] = named;

    private sealed record Named(IWalletKeys Wallet, PublicKey Key, uint? Index);
}

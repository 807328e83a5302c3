using System.Collections.Concurrent;
using KmsCloud.Errors;

namespace KmsCloud.Wallets;

/// <summary>One wallet of the open store. Keys are derived once and kept in locked memory until the store is closed. Thread-safe.</summary>
public sealed class Wallet : IDisposable
{
    /// <summary>Largest derivation index: the next one would be a hardened child, which belongs to no address of the xpub.</summary>
    public const uint LargestIndex = int.MaxValue;

    private readonly IWalletScheme scheme;
    private readonly Lazy<IKeyDeriver> deriver;
    private readonly Lazy<SigningKey> single;
    private readonly ConcurrentDictionary<(uint Index, int Variant), Lazy<SigningKey>> derived = new();

    /// <summary>Opens an entry; no key is derived yet. The entry stays its owner's.</summary>
    public Wallet(string signatureId, WalletEntry entry, IWalletScheme scheme)
    {
        (SignatureId, Entry, this.scheme) = (signatureId, entry, scheme);
        deriver = new(() => scheme.OpenMnemonic(entry));
        single = new(() => scheme.ParseKey(
            (entry.KeyText ?? throw KmsException.Refused($"wallet '{signatureId}' holds neither a mnemonic nor a key")).Span, entry.Network));
    }

    /// <summary>The signature id.</summary>
    public string SignatureId { get; }

    /// <summary>The stored entry.</summary>
    public WalletEntry Entry { get; }

    /// <summary>Whether keys need an index.</summary>
    public bool IsMnemonic => Entry.IsMnemonic;

    /// <summary>The key at an index of a mnemonic wallet.</summary>
    /// <exception cref="KmsException">The wallet is not mnemonic-based, or the index is above 2^31-1.</exception>
    public SigningKey Key(uint index, int variant = 0)
    {
        if (!IsMnemonic)
        {
            throw KmsException.Refused($"wallet '{SignatureId}' holds one key and takes no index");
        }

        return index > LargestIndex
            ? throw KmsException.Refused($"index {index} of wallet '{SignatureId}' is above {LargestIndex}")
            : derived.GetOrAdd((index, variant), place => new(() => deriver.Value.Derive(place.Index, place.Variant))).Value;
    }

    /// <summary>The key of a wallet without mnemonic.</summary>
    /// <exception cref="KmsException">The wallet is mnemonic-based.</exception>
    public SigningKey Key() => !IsMnemonic || Entry.KeyText is not null
        ? single.Value
        : throw KmsException.Refused(
            $"Private key was not found. Wallet '{SignatureId}' is mnemonic based, but no index says which key",
            "ask for the transaction again with an index");

    /// <summary>The key at an index for a mnemonic wallet, the one key (whatever the index) for another.</summary>
    /// <exception cref="KmsException">A mnemonic wallet without an index.</exception>
    public SigningKey KeyAt(uint? index) => IsMnemonic && index is { } at ? Key(at) : Key();

    /// <summary>The address of a key, as getaddress prints it.</summary>
    public string Address(SigningKey key) => scheme.Address(key.PublicKey, Entry.Network);

    /// <summary>Wipes the derived keys; the entry stays.</summary>
    public void Dispose()
    {
        foreach (var key in derived.Values.Where(key => key.IsValueCreated))
        {
            key.Value.Dispose();
        }

        if (single.IsValueCreated)
        {
            single.Value.Dispose();
        }

        if (deriver.IsValueCreated)
        {
            deriver.Value.Dispose();
        }
    }
}

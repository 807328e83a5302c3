using KmsCloud.Errors;

namespace KmsCloud.Keys;

/// <summary>One wallet of the open store. Keys are derived once and kept in locked memory until the store is closed. Thread-safe.</summary>
public sealed class Wallet : IDisposable
{
    /// <summary>Largest derivation index: the next one would be a hardened child, which belongs to no address of the xpub.</summary>
    public const uint LargestIndex = int.MaxValue;

    /// <summary>Most derived keys that are kept, those used last.</summary>
    internal const int MostKeys = 1024;

    private readonly IWalletScheme scheme;
    private readonly Lock gate = new();
    private Dictionary<(uint Index, int Variant), (SigningKey Key, long Used)>? derived; // most of 25,000 wallets are never asked for a key
    private long uses;
    private IKeyDeriver? deriver;
    private SigningKey? single;

    /// <summary>Opens an entry; no key is derived yet. The entry stays its owner's.</summary>
    public Wallet(string signatureId, WalletEntry entry, IWalletScheme scheme) => (SignatureId, Entry, this.scheme) = (signatureId, entry, scheme);

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

        if (index > LargestIndex)
        {
            throw KmsException.Refused($"index {index} of wallet '{SignatureId}' is above {LargestIndex}");
        }

        lock (gate)
        {
            derived ??= [];
            if (!derived.TryGetValue((index, variant), out var kept))
            {
                deriver ??= scheme.OpenMnemonic(Entry);
                ForgetOldest(derived);
                kept.Key = deriver.Derive(index, variant);
            }

            derived[(index, variant)] = (kept.Key, ++uses);
            return kept.Key;
        }
    }

    /// <summary>A transaction may still hold what is forgotten: its memory is wiped by the last who lets go of it.</summary>
    private static void ForgetOldest(Dictionary<(uint Index, int Variant), (SigningKey Key, long Used)> derived)
    {
        if (derived.Count >= MostKeys)
        {
            derived.Remove(derived.MinBy(kept => kept.Value.Used).Key);
        }
    }

    /// <summary>The key of a wallet without mnemonic.</summary>
    /// <exception cref="KmsException">The wallet is mnemonic-based.</exception>
    public SigningKey Key()
    {
        if (Entry.KeyText is not { } text)
        {
            throw IsMnemonic
                ? KmsException.Refused(
                    $"Private key was not found. Wallet '{SignatureId}' is mnemonic based, but no index says which key",
                    "ask for the transaction again with an index")
                : KmsException.Refused($"wallet '{SignatureId}' holds neither a mnemonic nor a key");
        }

        lock (gate)
        {
            return single ??= scheme.ParseKey(text.Span, Entry.Network);
        }
    }

    /// <summary>The key at an index for a mnemonic wallet, the one key (whatever the index) for another.</summary>
    /// <exception cref="KmsException">A mnemonic wallet without an index.</exception>
    public SigningKey KeyAt(uint? index) => IsMnemonic && index is { } at ? Key(at) : Key();

    /// <summary>The address of a key, as getaddress prints it.</summary>
    public string Address(SigningKey key) => scheme.Address(key.PublicKey, Entry.Network);

    /// <summary>Wipes the derived keys; the entry stays.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var kept in derived?.Values ?? Enumerable.Empty<(SigningKey Key, long Used)>())
            {
                kept.Key.Dispose();
            }

            single?.Dispose();
            deriver?.Dispose();
        }
    }
}

using System.Security.Cryptography;
using KmsCloud.Errors;

namespace KmsCloud.Keys;

/// <summary>
/// One wallet of the open store. Public keys come from its extended public key where it has one that can be trusted; else the private key is derived
/// for a moment and its public half remembered. Private keys are derived when one is opened, and kept in locked memory until the store is closed.
/// Thread-safe.
/// </summary>
public sealed class Wallet : IWalletKeys, ISigningKeys, IDisposable
{
    /// <summary>Most derived keys that are kept, those used last.</summary>
    internal const int MostKeys = 1024;

    private readonly IWalletScheme scheme;
    private readonly bool isAuthentic;
    private readonly Lock gate = new();
    private Dictionary<(uint Index, int Variant), Kept>? derived; // most of 25,000 wallets are never asked for a key
    private Kept? single;
    private long uses;
    private IKeyDeriver? deriver;
    private IPublicKeyDeriver? publicDeriver;

    /// <summary>Opens an entry; no key is derived yet. The entry stays its owner's.</summary>
    /// <param name="signatureId">The signature id.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="scheme">How the chain's keys are derived and written.</param>
    /// <param name="isAuthentic">Whether nobody without the password can have changed the entry, so that its extended public key is its mnemonic's.</param>
    public Wallet(string signatureId, WalletEntry entry, IWalletScheme scheme, bool isAuthentic = false)
    {
        SignatureId = signatureId;
        Entry = entry;
        this.scheme = scheme;
        this.isAuthentic = isAuthentic;
    }

    /// <inheritdoc/>
    public string SignatureId { get; }

    /// <summary>The stored entry.</summary>
    public WalletEntry Entry { get; }

    /// <inheritdoc/>
    public string Chain => Entry.Chain;

    /// <inheritdoc/>
    public Network Network => Entry.Network;

    /// <inheritdoc/>
    public string? Xpub => Entry.Xpub;

    /// <inheritdoc/>
    public bool IsMnemonic => Entry.IsMnemonic;

    /// <summary>How often a private key was made of what the entry holds.</summary>
    internal long Opened { get; private set; }

    /// <inheritdoc/>
    public PublicKey Key(uint index, int variant = 0)
    {
        RequireIndex(index);
        lock (gate)
        {
            return KeptAt(index, variant).Public;
        }
    }

    /// <inheritdoc/>
    public PublicKey Key()
    {
        RequireSingle();
        lock (gate)
        {
            return KeptSingle().Public;
        }
    }

    /// <inheritdoc/>
    public ISigningKey Open(PublicKey key)
    {
        var place = PlaceOf(key);
        lock (gate)
        {
            var kept = place.Index is { } index ? KeptAt(index, place.Variant) : KeptSingle();
            kept.Private ??= Derive(place, kept.Public);
            return kept.Public.Equals(key)
                ? kept.Private
                : throw new KmsException(Failure.WalletFile, $"wallet '{SignatureId}' holds another key than when the transaction was read", "the next cycle reads it again");
        }
    }

    /// <summary>A private key on its way to be printed. The caller owns it.</summary>
    public SoftwareKey OpenForPrinting(PublicKey key)
    {
        var place = PlaceOf(key);
        lock (gate)
        {
            return Derive(place, key);
        }
    }

    /// <summary>The address of a key, as getaddress prints it.</summary>
    public string Address(PublicKey key) => scheme.Address(key.Bytes, Entry.Network);

    /// <summary>Wipes the derived keys; the entry stays.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var kept in derived?.Values ?? Enumerable.Empty<Kept>())
            {
                kept.Private?.Dispose();
            }

            single?.Private?.Dispose();
            deriver?.Dispose();
        }
    }

    private Kept KeptAt(uint index, int variant)
    {
        derived ??= [];
        if (!derived.TryGetValue((index, variant), out var kept))
        {
            ForgetOldest(derived);
            kept = new(PublicAt(index, variant));
            derived[(index, variant)] = kept;
        }

        kept.Used = ++uses;
        return kept;
    }

    private Kept KeptSingle()
    {
        if (single is null)
        {
            var place = new KeyPlace(SignatureId, null);
            using var key = Derive(place, null);
            single = new(key.PublicKey.At(place));
        }

        return single;
    }

    private PublicKey PublicAt(uint index, int variant)
    {
        var place = new KeyPlace(SignatureId, index, variant);
        if (isAuthentic)
        {
            publicDeriver ??= scheme.OpenXpub(Entry);
            if (publicDeriver?.Derive(index, variant) is { } bytes)
            {
                return new(bytes, place);
            }
        }

        using var key = Derive(place, null);
        return key.PublicKey.At(place);
    }

    /// <summary>The private key of a place, which must be the public one's where that is known.</summary>
    private SoftwareKey Derive(KeyPlace place, PublicKey? expected)
    {
        Opened++;
        var key = place.Index is { } index
            ? (deriver ??= scheme.OpenMnemonic(Entry)).Derive(index, place.Variant)
            : scheme.ParseKey(Entry.KeyText!.Span, Entry.Network);
        if (expected is null || CryptographicOperations.FixedTimeEquals(key.PublicKey.Bytes, expected.Bytes))
        {
            return key;
        }

        key.Dispose();
        throw new KmsException(Failure.WalletFile, $"wallet '{SignatureId}' has an xpub that is not its mnemonic's", "find the wrong ones with: kms verify");
    }

    private KeyPlace PlaceOf(PublicKey key)
    {
        if (key.Place is not { } place || place.SignatureId != SignatureId)
        {
            throw new ArgumentException("the key is not of this wallet", nameof(key));
        }

        if (place.Index is { } index)
        {
            RequireIndex(index);
        }
        else
        {
            RequireSingle();
        }

        return place;
    }

    private void RequireIndex(uint index)
    {
        if (!IsMnemonic)
        {
            throw KmsException.Refused($"wallet '{SignatureId}' holds one key and takes no index");
        }

        if (index > IWalletKeys.LargestIndex)
        {
            throw KmsException.Refused($"index {index} of wallet '{SignatureId}' is above {IWalletKeys.LargestIndex}");
        }
    }

    private void RequireSingle()
    {
        if (Entry.KeyText is not null)
        {
            return;
        }

        throw IsMnemonic
            ? KmsException.Refused(
                $"Private key was not found. Wallet '{SignatureId}' is mnemonic based, but no index says which key",
                "ask for the transaction again with an index")
            : KmsException.Refused($"wallet '{SignatureId}' holds neither a mnemonic nor a key");
    }

    /// <summary>A transaction may still hold what is forgotten: its memory is wiped by the last who lets go of it.</summary>
    private static void ForgetOldest(Dictionary<(uint Index, int Variant), Kept> derived)
    {
        if (derived.Count >= MostKeys)
        {
            derived.Remove(derived.MinBy(kept => kept.Value.Used).Key);
        }
    }

    private sealed class Kept(PublicKey key)
    {
        internal PublicKey Public => key;

        internal SoftwareKey? Private { get; set; }

        internal long Used { get; set; }
    }
}

using KmsCloud.Chains;
using KmsCloud.Keys;

namespace KmsCloud.Tests.Support;

/// <summary>The private side of the wallets a request was matched with.</summary>
internal sealed class PrivateKeys(PendingKeys keys) : ISigningKeys
{
    private readonly IEnumerable<Wallet> wallets = keys.Hashes.Concat(keys.Signatures.Select(request => request.Wallet)).OfType<Wallet>();

    public ISigningKey Open(PublicKey key) => wallets.First(wallet => Holds(wallet, key, key.Place!.Value)).Open(key);

    /// <summary>Wallets of tests may all have one id.</summary>
    private static bool Holds(Wallet wallet, PublicKey key, KeyPlace place) => wallet.SignatureId == place.SignatureId
        && (place.Index is { } index ? wallet.Key(index, place.Variant) : wallet.Key()).Equals(key);
}

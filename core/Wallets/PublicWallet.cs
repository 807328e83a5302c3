using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Wallets;

/// <summary>The public side of a wallet, as <see cref="PublicIndex"/> keeps it: decodes, and signs nothing.</summary>
public sealed class PublicWallet : IWalletKeys
{
    private readonly Dictionary<(uint? Index, int Variant), PublicKey> keys;
    private readonly IPublicKeyDeriver? deriver;

    internal PublicWallet(
        string signatureId,
        bool isMnemonic,
        string? xpub,
        IPublicKeyDeriver? deriver,
        Dictionary<(uint? Index, int Variant), PublicKey> keys)
    {
        SignatureId = signatureId;
        IsMnemonic = isMnemonic;
        Xpub = xpub;
        this.deriver = deriver;
        this.keys = keys;
    }

    /// <inheritdoc/>
    public string SignatureId { get; }

    /// <inheritdoc/>
    public required string Chain { get; init; }

    /// <inheritdoc/>
    public required Network Network { get; init; }

    /// <inheritdoc/>
    public string? Xpub { get; }

    /// <inheritdoc/>
    public bool IsMnemonic { get; }

    /// <inheritdoc/>
    public PublicKey Key(uint index, int variant = 0)
    {
        if (!IsMnemonic || index > IWalletKeys.LargestIndex)
        {
            throw KmsException.Refused($"wallet '{SignatureId}' has no key of the index {index}");
        }

        if (keys.TryGetValue((index, variant), out var key))
        {
            return key;
        }

        return deriver?.Derive(index, variant) is { } bytes
            ? new(bytes, new(SignatureId, index, variant))
            : throw KmsException.Refused(
                $"the index of public keys has no key {index} of wallet '{SignatureId}'",
                "make it anew with: kms export --public --indexes N");
    }

    /// <inheritdoc/>
    public PublicKey Key() => keys.TryGetValue((null, 0), out var key)
        ? key
        : throw KmsException.Refused($"wallet '{SignatureId}' is mnemonic based, but no index says which key");
}

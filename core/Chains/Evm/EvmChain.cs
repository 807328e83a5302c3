using KmsCloud.Chains.Contracts;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Evm;

/// <summary>
/// A chain with Ethereum's keys, addresses and transactions; a new one is a row in <see cref="EvmChains"/>.
/// </summary>
internal sealed class EvmChain(EvmRow row) : IChain
{
    /// <inheritdoc/>
    public ChainInfo Info { get; } = row.Info with
    {
        LargestRequest = 512 * 1024, // call data of 128 KiB in hex, and room
        Settings = [ChainSettings.FeeRateCeiling, ChainSettings.FeeCeiling, ChainSettings.AllowLowFee, ChainSettings.ExtraChainIds, .. row.OwnSettings],
    };

    /// <inheritdoc/>
    public BroadcastRules Rules { get; } = EvmRules.Of(row.Info);

    /// <summary>What gas usually costs.</summary>
    public long UsualGwei => row.UsualGwei;

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; } = new Bip32Wallets(
        row.Info.Code, row.Branch(Network.Mainnet), row.Branch(Network.Testnet), row.KeyText,
        (publicKey, _) => row.Address.Plain(AddressForm.Of(publicKey)));

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context)
    {
        var key = keys.Single();
        var options = context.For(row.Info.Code);
        var fields = EvmRequest.Read(row, pending.SerializedTransaction, AddressForm.Of(key), options);
        if (fields.ChainId is { } chainId && !row.Accepts(chainId, context.Network, options))
        {
            throw KmsException.Refused(
                $"the transaction is for chain id {chainId}, which is not {row.Info.Code} on {context.Network}");
        }

        return new EvmTransaction(row, context.Network, options, key, fields);
    }
}

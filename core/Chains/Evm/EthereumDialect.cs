using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Evm;

/// <summary>Types 0, 1 and 2 of Ethereum, named by <c>type</c> or by the members that are there.</summary>
internal static class EthereumDialect
{
    /// <summary>The transaction as its members say.</summary>
    public static EvmFields Read(
        StrictObject json, EvmFields draft, PriceMembers prices, AddressForm form, ChainOptions options)
    {
        var list = json.OptionalArray("accessList");
        var accesses = EvmRequest.AccessList(form, list);
        var type = Quantity.Optional(json, "type", 31) ?? (prices.FeeMarket ? 2 : list is not null ? 1 : 0);
        return EvmRequest.RequireTarget((int)type switch
        {
            0 when list is null => GasPrice(json, draft, prices),
            0 => throw json.Bad("accessList", "does not belong to a transaction of type 0"),
            1 => GasPrice(json, draft, prices) with { Format = EvmFormat.AccessList, AccessList = accesses },
            2 => FeeMarket(json, draft, prices) with { Format = EvmFormat.FeeMarket, AccessList = accesses },
            _ => throw json.Bad("type", "is not 0, 1 or 2"),
        });
    }

    /// <summary>One price, given or to be asked for.</summary>
    public static EvmFields GasPrice(StrictObject json, EvmFields draft, PriceMembers prices) => !prices.FeeMarket
        ? draft with { Price = prices.GasPrice, Tip = prices.GasPrice }
        : throw json.Bad("maxFeePerGas", "does not belong to a transaction of this type");

    /// <summary>
    /// The two prices of EIP-1559; when neither is there, the gas price that is asked for serves as both.
    /// </summary>
    public static EvmFields FeeMarket(StrictObject json, EvmFields draft, PriceMembers prices)
    {
        if (prices.GasPrice is not null)
        {
            throw json.Bad("gasPrice", "does not go with maxFeePerGas (EIP-1559)");
        }

        if (prices.MaxFee is null != prices.MaxTip is null)
        {
            throw KmsException.Refused("the transaction gives only one of maxFeePerGas and maxPriorityFeePerGas");
        }

        return prices.MaxTip <= prices.MaxFee || !prices.FeeMarket
            ? draft with { Price = prices.MaxFee, Tip = prices.MaxTip }
            : throw json.Bad("maxPriorityFeePerGas", "is above maxFeePerGas");
    }
}

using System.Globalization;
using System.Numerics;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Evm;

/// <summary>A transaction of the family in human terms.</summary>
internal static class EvmSummary
{
    private const int MostListed = 16;
    private const int MostKeys = 64;

    /// <summary>The summary of the fields that will be signed.</summary>
    public static TransactionSummary Of(EvmRow row, Network network, EvmFields fields)
    {
        var details = new Dictionary<string, string> { ["type"] = fields.Format.Name };
        Detail("chain id", fields.ChainId);
        Detail("gas limit", fields.Gas);
        if (fields.Price != fields.Tip || fields.Format.TypeByte == EvmFormat.FeeMarket.TypeByte)
        {
            Detail("max fee per gas", Gwei(fields.Price));
            Detail("max priority fee per gas", Gwei(fields.Tip));
        }
        else
        {
            Detail("gas price", Gwei(fields.Price));
        }

        if (fields.AccessList.Count > 0)
        {
            var keys = fields.AccessList.Sum(entry => entry.StorageKeys.Count);
            Detail("access list", string.Create(CultureInfo.InvariantCulture, $"{fields.AccessList.Count} addresses, {keys} storage keys"));
        }

        if (fields.FeeCurrency is { } currency)
        {
            var token = TokenOf(row, currency);
            Detail("fee currency", token.Decimals is null ? token.Name : $"{token.Name} {Hex.Lower0x(currency)}");
        }

        var words = new CallWords(
            row.Info.Coin, row.Info.Decimals, bytes => row.Address.Human(bytes), bytes => TokenOf(row, bytes));
        var action = fields.Format.Meaning switch
        {
            DataMeaning.Call => CallSummary.Of(words, fields.To, fields.Value, fields.Data),
            DataMeaning.Memo => CallSummary.Of(words, fields.To, fields.Value, []),
            _ => new() { Kind = "cancellation", Warnings = ["takes the place of another transaction with the same nonce"] },
        };
        foreach (var (key, value) in action.Details)
        {
            details[key] = value;
        }

        return new()
        {
            Chain = row.Info.Code,
            Network = network,
            Kind = action.Kind,
            From = [row.Address.Human(fields.From)],
            Transfers = action.Transfers,
            Fee = fields.LargestFee is { } fee ? Fee(row, fields.FeeCurrency, fee) : null,
            Sequence = fields.Nonce?.ToString(CultureInfo.InvariantCulture),
            Memo = fields.Format.Meaning is DataMeaning.Memo ? MemoText.Of(fields.Data) : null,
            Contract = action.Contract,
            Method = action.Method,
            Understood = action.Understood && HasFewEntries(fields),
            Warnings = fields.Format.Envelope is Envelope.KlaytnFeeDelegated
                ? [.. action.Warnings, "the fee is paid by whoever signs as fee payer"]
                : action.Warnings,
            Details = details,
        };

        void Detail(string name, object? value)
        {
            if (value is not null)
            {
                details[name] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
            }
        }
    }

    /// <summary>Each address and key of an access list costs gas (EIP-2930), whatever the call needs.</summary>
    private static bool HasFewEntries(EvmFields fields) =>
        fields.AccessList.Count <= MostListed && fields.AccessList.Sum(entry => entry.StorageKeys.Count) <= MostKeys;

    private static string? Gwei(BigInteger? price) =>
        price is { } known ? new Amount(known, 9, "gwei").ToString() : null;

    private static Amount Fee(EvmRow row, byte[]? currency, BigInteger fee)
    {
        var (name, decimals) = currency is null ? new(row.Info.Coin, row.Info.Decimals) : TokenOf(row, currency);
        return new(fee, decimals, name);
    }

    private static Token TokenOf(EvmRow row, byte[] contract) => row.Tokens.TryGetValue(Hex.Lower0x(contract), out var known)
        ? new(known.Name, known.Decimals)
        : new(row.Address.Human(contract), null);
}

using System.Numerics;
using System.Text.Json;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Evm;

/// <summary>One question to the gateway and what its answer fills in.</summary>
/// <param name="Call">The call.</param>
/// <param name="Fill">Fields, answer and the lowest nonce not handed out yet, to fields.</param>
internal readonly record struct EvmQuestion(NodeCall Call, Func<EvmFields, JsonElement, ulong?, EvmFields> Fill);

/// <summary>
/// The questions whose answers a transaction lacks; nothing is asked that the pending transaction says.
/// </summary>
internal static class EvmQuestions
{
    private const ulong LargestEstimate = 1_000_000_000; // no chain of the family has blocks of a billion gas
    // beyond what any account will ever send, and what a JSON number holds
    private const ulong LargestCount = (1UL << 53) - 1;

    /// <summary>Fills what needs no question: the price that an operator fixed.</summary>
    public static EvmFields WithoutAsking(EvmRow row, ChainOptions options, EvmFields given) =>
        row.FixedGwei is not null && given.Price is null && options.DefaultFeeRate is { } price
            ? given with { Price = price, Tip = price }
            : given;

    /// <summary>What is still to be asked.</summary>
    /// <param name="row">The chain.</param>
    /// <param name="network">The daemon's network.</param>
    /// <param name="options">The chain's options.</param>
    /// <param name="given">What the pending transaction says.</param>
    /// <param name="fields">What is known by now.</param>
    public static IReadOnlyList<EvmQuestion> Of(
        EvmRow row,
        Network network,
        ChainOptions options,
        EvmFields given,
        EvmFields fields)
    {
        var questions = new List<EvmQuestion>();
        if (fields.Gas is null && !(row.EstimatesWithPrice && fields.Price is null))
        {
            questions.Add(new(
                Rpc(
                    row,
                    "estimateGas",
                    "the gas",
                    json => WriteEstimate(row, json, row.EstimatesWithPrice ? fields : given)),
                (filled, answer, _) => filled with { Gas = Estimate(row, JsonRpc.Result(answer, "the gas")) }));
        }

        if (fields.Nonce is null)
        {
            questions.Add(
                new(
                    NonceCall(row, fields.From),
                    (filled, answer, next) => filled with { Nonce = Nonce(row, answer, next) }));
        }

        if (fields.Price is null)
        {
            questions.Add(row.FixedGwei is { } otherwise
                ? new(
                    Rpc(row, "gasPrice", "the gas price", null) with { IsOptional = true },
                    (filled, answer, _) => WithPrice(filled, PriceOr(otherwise * EvmRow.Gwei, answer)))
                : new(PriceCall(row, fields), (filled, answer, _) => WithPrice(filled, Price(row, answer))));
        }

        if (fields.ChainId is null)
        {
            questions.Add(new(
                Rpc(row, row.ChainIdMethod, "the chain id", null),
                (filled, answer, _) => filled with
                {
                    ChainId = ChainId(row, network, options, JsonRpc.Result(answer, "the chain id")),
                }));
        }

        return questions;
    }

    private static NodeCall NonceCall(EvmRow row, byte[] account) => row.NonceRoute is { } route
        ? NodeCall.Get($"{route}/{AddressForm.Checksummed(account)}", "the nonce")
        : Rpc(row, "getTransactionCount", "the nonce", json =>
        {
            json.WriteStringValue(row.NonceChecksummed ? AddressForm.Checksummed(account) : Hex.Lower0x(account));
            json.WriteStringValue(row.NonceBlock);
        });

    private static ulong Nonce(EvmRow row, JsonElement answer, ulong? next)
    {
        var count = Quantity.Answer(row.NonceRoute is null ? JsonRpc.Result(answer, "the nonce") : answer, "the nonce");
        if (count > LargestCount)
        {
            throw KmsException.Refused("the gateway's nonce is beyond what any account has sent");
        }

        var nonce = Math.Max((ulong)count, next ?? 0);
        if (nonce == ulong.MaxValue)
        {
            throw KmsException.Refused("the account has no nonce left (EIP-2681)");
        }

        return nonce;
    }

    private static NodeCall PriceCall(EvmRow row, EvmFields fields)
    {
        if (row.FeeRoute is { } route)
        {
            return NodeCall.Get(route, "the gas price");
        }

        if (fields.FeeCurrency is not { } token)
        {
            return Rpc(row, "gasPrice", "the gas price", null);
        }

        return Rpc(row, "gasPrice", "the gas price", json => json.WriteStringValue(Hex.Lower0x(token)));
    }

    private static BigInteger Price(EvmRow row, JsonElement answer)
    {
        if (row.FeeRoute is null)
        {
            return Quantity.Answer(JsonRpc.Result(answer, "the gas price"), "the gas price");
        }

        if (answer.ValueKind is not JsonValueKind.Object || !answer.TryGetProperty("medium", out var medium))
        {
            throw KmsException.Refused("the gateway's answer for the gas price has no member 'medium'");
        }

        return Quantity.Answer(medium, "the gas price");
    }

    /// <summary>The network's price, or the one that was long the chain's where it does not say.</summary>
    private static BigInteger PriceOr(BigInteger otherwise, JsonElement answer) =>
        answer.ValueKind is JsonValueKind.Null
            ? otherwise
            : Quantity.Answer(JsonRpc.Result(answer, "the gas price"), "the gas price");

    private static EvmFields WithPrice(EvmFields fields, BigInteger price)
    {
        if (price <= 0)
        {
            throw KmsException.Refused(
                "the gateway says gas costs nothing, and a transaction without a price would never be included");
        }

        return fields with { Price = price, Tip = price };
    }

    private static ulong ChainId(EvmRow row, Network network, ChainOptions options, JsonElement result)
    {
        var id = Quantity.Answer(result, "the chain id");
        if (id > ulong.MaxValue || !row.Accepts((ulong)id, network, options))
        {
            throw KmsException.Refused(
                $"the gateway serves chain id {Quantity.ToHex(id)}, which is not {row.Info.Code} on {network}");
        }

        return (ulong)id;
    }

    private static ulong Estimate(EvmRow row, JsonElement result)
    {
        var gas = Quantity.Answer(result, "the gas");
        if (gas > LargestEstimate)
        {
            throw KmsException.Refused("the gateway's estimate of gas is beyond any block's limit");
        }

        return (ulong)gas + row.EstimateMargin;
    }

    private static void WriteEstimate(EvmRow row, Utf8JsonWriter json, EvmFields fields)
    {
        json.WriteStartObject();
        json.WriteString("from", Hex.Lower0x(fields.From));
        Text("to", fields.To is null ? null : Hex.Lower0x(fields.To));
        Number("value", fields.Value.IsZero ? null : fields.Value);
        Text("data", fields.Data.Length == 0 ? null : Hex.Lower0x(fields.Data));
        if (row.EstimatesWhole || row.EstimatesWithPrice)
        {
            Number("nonce", row.EstimatesWhole ? fields.Nonce : null);
            var feeMarket = fields.Format.TypeByte == EvmFormat.FeeMarket.TypeByte;
            Number(feeMarket ? "maxFeePerGas" : "gasPrice", fields.Price);
            Number("maxPriorityFeePerGas", feeMarket ? fields.Tip : null);
            Text("feeCurrency", fields.FeeCurrency is null ? null : Hex.Lower0x(fields.FeeCurrency));
        }

        if (fields.AccessList.Count > 0)
        {
            WriteAccessList(json, fields.AccessList);
        }

        json.WriteEndObject();

        void Text(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }

        void Number(string name, BigInteger? value) => Text(name, value is { } number ? Quantity.ToHex(number) : null);
    }

    private static void WriteAccessList(Utf8JsonWriter json, IReadOnlyList<AccessListEntry> list)
    {
        json.WriteStartArray("accessList");
        foreach (var (address, keys) in list)
        {
            json.WriteStartObject();
            json.WriteString("address", Hex.Lower0x(address));
            json.WriteStartArray("storageKeys");
            foreach (var key in keys)
            {
                json.WriteStringValue(Hex.Lower0x(key));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static NodeCall Rpc(EvmRow row, string method, string what, Action<Utf8JsonWriter>? parameters) =>
        NodeCall.Post(row.RpcRoute, JsonRpc.Request(row.RpcPrefix + method, parameters), what);
}

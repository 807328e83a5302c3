using System.Text.Json;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Evm;

/// <summary>
/// CELO: Ethereum's types, and CIP-64 where a token pays the fee. The format of before the move to an L2 (March 2025),
/// which the public networks refuse, is written on request only.
/// </summary>
internal static class Celo
{
    /// <summary>CIP-64: EIP-1559 and the token that pays the fee.</summary>
    public static EvmFormat Cip64 { get; } = new("type 0x7b with fee currency (CIP-64)", 0x7b, Envelope.Eip2718, tx =>
        [.. EvmFormat.FeeMarketItems(tx), Rlp.Bytes(tx.FeeCurrency)]);

    /// <summary>
    /// Celo's own legacy format: fee currency, gateway fee recipient and gateway fee before the recipient.
    /// </summary>
    public static EvmFormat Legacy { get; } = new("Celo legacy, refused by the public networks", 0, Envelope.Eip155, tx =>
    [
        Rlp.Integer(tx.Nonce!.Value), Rlp.Integer(tx.Price!.Value), Rlp.Integer(tx.Gas!.Value), Rlp.Bytes(tx.FeeCurrency), Rlp.Bytes([]), Rlp.Bytes([]),
        EvmFormat.Recipient(tx), Rlp.Integer(tx.Value), Rlp.Bytes(tx.Data),
    ]);

    /// <summary>
    /// Mento's stable tokens, which pay fees too, and the adapters through which tokens of six decimals pay them; with
    /// what a fee may be at most in each: about as much money as the ceiling in CELO, far above what gas costs.
    /// </summary>
    private static readonly (string Address, string Name, long Ceiling)[] Currencies =
    [
        ("0x765de816845861e75a25fca122bb6898b8b1282a", "cUSD", 10),
        ("0x874069fa1eb16d44d622f2e0ca25eea172369bc1", "cUSD", 10), // Alfajores
        ("0xd8763cba276a3738e6de85b4b3bf5fded6d6ca73", "cEUR", 10),
        ("0x10c892a6ec43a53e45d0b916b4b7d383b1b78c0f", "cEUR", 10), // Alfajores
        ("0xe8537a3d056da446677b9e9d6c5db704eaab4787", "cREAL", 50),
        ("0x456a3d042c0dbd3db53d5489e98dfb038553b0d0", "cKES", 1_500),
        ("0x105d4a9306d2e55a71d2eb95b81553ae1dc20d7b", "PUSO", 600),
        ("0x8a567e2ae79ca692bd748ab832081c45de4041ea", "cCOP", 40_000),
        ("0x73f93dcc49cb8a239e2032663e9475dd5ef29a08", "eXOF", 6_000),
        ("0x2f25deb3848c207fc8e0c34035b3ba7fc157602b", "USDC fee adapter", 10),
        ("0x0e2a3e05bc9a16f5292a6170456a710cb89c6f72", "USDT fee adapter", 10),
    ];

    /// <summary>The tokens by lower-case address.</summary>
    public static IReadOnlyDictionary<string, (string Name, int Decimals)> Tokens { get; } = Currencies.ToDictionary(
        token => token.Address, token => (token.Name, 18));

    /// <summary>Highest fee in whole tokens by lower-case address.</summary>
    public static IReadOnlyDictionary<string, long> FeeCurrencyCeilings { get; } = Currencies.ToDictionary(
        token => token.Address, token => token.Ceiling);

    /// <summary>The transaction as its members say.</summary>
    public static EvmFields Read(
        StrictObject json, EvmFields draft, PriceMembers prices, AddressForm form, ChainOptions options)
    {
        RequireEmpty(json, "gatewayFeeRecipient");
        RequireEmpty(json, "gatewayFee");
        var currency = json.OptionalString("feeCurrency") is { Length: > 0 } text
            ? form.Read(text, "the fee currency")
            : null;
        if (options.LegacyFormat)
        {
            return EvmRequest.RequireTarget(
                EthereumDialect.GasPrice(json, draft, prices) with { Format = Legacy, FeeCurrency = currency });
        }

        if (currency is null)
        {
            return EthereumDialect.Read(json, draft, prices, form, options);
        }

        RequireFeeCurrencyType(json);
        var fields = prices.FeeMarket
            ? EthereumDialect.FeeMarket(json, draft, prices)
            : EthereumDialect.GasPrice(json, draft, prices);
        return EvmRequest.RequireTarget(fields with
        {
            Format = Cip64,
            FeeCurrency = currency,
            AccessList = EvmRequest.AccessList(form, json.OptionalArray("accessList")),
        });
    }

    /// <summary>
    /// With a fee currency there is CIP-64 alone; libraries name it cip64, by its number, or as EIP-1559, which it
    /// continues.
    /// </summary>
    private static void RequireFeeCurrencyType(StrictObject json)
    {
        if (json.Optional("type") is not { } type || (type.ValueKind is JsonValueKind.String && type.ValueEquals("cip64")))
        {
            return;
        }

        if (Quantity.Exact(type) is not { } number || (number != Cip64.TypeByte && number != EvmFormat.FeeMarket.TypeByte))
        {
            throw json.Bad("type", "does not go with a feeCurrency: that is cip64 (CIP-64)");
        }
    }

    /// <summary>Gateway fees are retired and no format that is accepted today can carry them.</summary>
    private static void RequireEmpty(StrictObject json, string name)
    {
        if (json.Optional(name) is { } value
            && !(value.ValueKind is JsonValueKind.String ? value.GetString() is "" or "0x" or "0x0" or "0" : value.ValueKind is JsonValueKind.Number && value.GetRawText() == "0"))
        {
            throw json.Bad(name, "asks for a gateway fee, which CELO no longer has");
        }
    }
}

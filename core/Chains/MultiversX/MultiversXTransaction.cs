using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.MultiversX;

/// <summary>A decoded MultiversX transaction: chain and nonce are asked for first, then the gas.</summary>
internal sealed class MultiversXTransaction : UnsignedTransaction
{
    private const string What = "the MultiversX transaction";
    private const string Node = "/v3/egld/node/{apiKey}";
    private const ulong DefaultGasPrice = 1_000_000_000;
    private const ulong MinimumGas = 50_000;
    private const ulong GasPerByte = 1_500;
    private const ulong LargestFactor = 10; // how far gas and price may be above what the request expected
    private static readonly BigInteger DefaultGasPriceCeiling = 20_000_000_000;
    private static readonly BigInteger DefaultFeeCeiling = BigInteger.Pow(10, 17); // 0.1 EGLD

    private readonly PublicKey key;
    private readonly MultiversXFields fields;
    private readonly ChainInfo info;
    private readonly SigningContext context;

    private MultiversXTransaction(PublicKey key, MultiversXFields fields, ChainInfo info, SigningContext context)
    {
        (this.key, this.fields, this.info, this.context) = (key, fields, info, context);
        Summary = Summarise();
    }

    /// <inheritdoc/>
    public override TransactionSummary Summary { get; }

    /// <inheritdoc/>
    public override string? SequenceAccount => $"{info.Code}:{MultiversXKey.Address(fields.Sender)}";

    /// <inheritdoc/>
    public override ulong? Sequence => fields.ChainId.Length > 0 ? fields.Nonce : null;

    /// <inheritdoc/>
    public override IReadOnlyList<NodeCall> Missing => fields switch
    {
        { ChainId: "" } =>
        [
            NodeCall.Get($"{Node}/network/config", "the network's settings"),
            NodeCall.Get($"{Node}/address/{MultiversXKey.Address(fields.Sender)}/nonce", "the nonce"),
        ],
        { GasLimit: 0 } => [NodeCall.Post($"{Node}/transaction/cost", fields.CostQuestion(), "the gas that is needed")],
        _ => [],
    };

    /// <summary>What is signed.</summary>
    internal string SigningText => fields.SigningText();

    public static MultiversXTransaction Read(PendingTransaction pending, PublicKey key, ChainInfo info, SigningContext context) =>
        new(key, MultiversXFields.Read(pending.SerializedTransaction, key.Bytes), info, context);

    /// <inheritdoc/>
    public override UnsignedTransaction Complete(NodeAnswers answers) => new MultiversXTransaction(
        key,
        fields.ChainId.Length == 0 ? WithNetwork(Data(answers.Bodies[0]), Data(answers.Bodies[1]), answers.NextSequence) : WithGas(Data(answers.Bodies[0])),
        info,
        context);

    /// <inheritdoc/>
    public override byte[] SigningBytes => Encoding.UTF8.GetBytes(SigningText);

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys keys)
    {
        var signature = keys.Open(key).SignEd25519(SigningBytes);
        return new(fields.SignedText(signature), Hex.Lower(fields.Id(signature))) { SequenceAccount = SequenceAccount, Sequence = fields.Nonce };
    }

    private MultiversXFields WithNetwork(JsonElement network, JsonElement account, ulong? next)
    {
        var config = Member(network, "config");
        var chainId = config is { } all && Member(all, "erd_chain_id") is { ValueKind: JsonValueKind.String } id
            ? id.GetString()
            : null;
        if (chainId is null || !(context.Network is Network.Mainnet ? chainId is "1" : chainId is "D" or "T"))
        {
            throw KmsException.Refused($"the gateway names no chain of MultiversX's {context.Network}");
        }

        var price = Number(config, "erd_min_gas_price") ?? DefaultGasPrice;
        var ceiling = context.For(info.Code).FeeRateCeiling ?? DefaultGasPriceCeiling;
        if (price > ceiling || price > LargestFactor * (BigInteger)(fields.ExpectedGasPrice is > 0 and var expected ? expected : price))
        {
            throw KmsException.Refused(string.Create(CultureInfo.InvariantCulture, $"the gateway's gas price of {price} is above {ceiling} or far above the request's"));
        }

        var version = Number(config, "erd_min_transaction_version");
        if (version is not (1 or 2))
        {
            throw KmsException.Refused("the gateway names a transaction version other than 1 and 2");
        }

        var nonce = Number(account, "nonce")
            ?? throw new KmsException(Failure.Gateway, $"the gateway gave no nonce for {What}");
        return fields with { ChainId = chainId, GasPrice = price, Version = (uint)version, Nonce = Math.Max(nonce, next ?? 0) };
    }

    private MultiversXFields WithGas(JsonElement cost)
    {
        var gas = Number(cost, "txGasUnits") is > 0 and var units
            ? units
            : throw new KmsException(Failure.Gateway, "the gateway cannot say how much gas the MultiversX transaction needs");
        var filled = fields with { GasLimit = gas };
        var expected = BigInteger.Max(
            fields.ExpectedGasLimit ?? gas, MinimumGas + (GasPerByte * (ulong)fields.DataSize));
        if (gas > LargestFactor * expected)
        {
            throw KmsException.Refused($"the gateway's gas limit of {gas} is far above the request's");
        }

        var ceiling = context.For(info.Code).FeeCeiling ?? DefaultFeeCeiling;
        return Fee(filled) <= ceiling
            ? filled
            : throw KmsException.Refused(string.Create(CultureInfo.InvariantCulture, $"the fee of {What} is above {ceiling} units of 10^-18 EGLD"));
    }

    // moving data costs the full price, executing it a hundredth (erd_gas_price_modifier)
    private static BigInteger Fee(MultiversXFields fields)
    {
        var moving = BigInteger.Min(fields.GasLimit, MinimumGas + (GasPerByte * (ulong)fields.DataSize));
        return (moving * fields.GasPrice) + ((fields.GasLimit - moving) * fields.GasPrice / 100);
    }

    private TransactionSummary Summarise()
    {
        var call = MultiversXCall.Read(fields.Data, fields.Receiver, fields.Sender);
        var to = MultiversXKey.Address(fields.Receiver);
        var details = new Dictionary<string, string> { ["receiver"] = to };
        if (fields.ChainId.Length > 0)
        {
            details["chain id"] = fields.ChainId;
            details["gas price"] = $"{fields.GasPrice}";
            details["gas limit"] = $"{fields.GasLimit}";
        }

        return new()
        {
            Chain = info.Code,
            Network = context.Network,
            Kind = call.Kind,
            From = [MultiversXKey.Address(fields.Sender)],
            Transfers = fields.Value.IsZero && call.Kind != "transfer" ? call.Transfers : [.. call.Transfers, new(to, new(fields.Value, 18, "EGLD"))],
            Fee = fields.GasLimit > 0 ? new(Fee(fields), 18, "EGLD") : null,
            Sequence = fields.ChainId.Length > 0 ? $"{fields.Nonce}" : null,
            Memo = call.Memo,
            Contract = call.Method is null ? null : to,
            Method = call.Method,
            Understood = call.Understood,
            Warnings = call.Warning is null ? [] : [call.Warning],
            Details = details,
        };
    }

    private static JsonElement Data(JsonElement answer) =>
        Member(answer, "data") is { ValueKind: JsonValueKind.Object } data
            ? data
            : throw new KmsException(Failure.Gateway, "the gateway's answer about MultiversX holds no data");

    private static ulong? Number(JsonElement? json, string name) =>
        json is { } value && Member(value, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetUInt64(out var exact) ? exact : null;

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;
}

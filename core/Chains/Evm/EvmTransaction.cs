using System.Numerics;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Evm;

/// <summary>
/// A decoded transaction of the family: fields that fill up with the gateway's answers, and the key that signs them.
/// </summary>
internal sealed class EvmTransaction : UnsignedTransaction
{
    private const long LeastPrice = 10_000; // wei: a number of gwei is below, and the quietest test network above
    private const ulong LargestGas = 1 << 24; // EIP-7825
    private const int FeeCurrencyDecimals = 18; // of every fee currency, tokens of fewer through an adapter (CIP-64)

    // 0.005 tokens: bearable where one is an ether
    private static readonly BigInteger UnknownCurrencyCeiling = 5 * BigInteger.Pow(10, 15);

    private readonly EvmRow row;
    private readonly Network network;
    private readonly ChainOptions options;
    private readonly PublicKey key;
    private readonly EvmFields given;
    private readonly EvmFields fields;
    private readonly IReadOnlyList<EvmQuestion> questions;
    private TransactionSummary? summary;

    /// <summary>Of what the pending transaction says.</summary>
    public EvmTransaction(EvmRow row, Network network, ChainOptions options, PublicKey key, EvmFields given)
        : this(row, network, options, key, given, EvmQuestions.WithoutAsking(row, options, given))
    {
    }

    private EvmTransaction(
        EvmRow row, Network network, ChainOptions options, PublicKey key, EvmFields given, EvmFields fields)
    {
        (this.row, this.network, this.options, this.key, this.given, this.fields) = (row, network, options, key, given, fields);
        CheckGas();
        CheckUnit();
        CheckFee();
        questions = EvmQuestions.Of(row, network, options, given, fields);
    }

    /// <inheritdoc/>
    public override TransactionSummary Summary => summary ??= EvmSummary.Of(row, network, fields);

    /// <inheritdoc/>
    public override IReadOnlyList<NodeCall> Missing => [.. questions.Select(question => question.Call)];

    /// <inheritdoc/>
    public override string? SequenceAccount => given.Nonce is null ? Account : null;

    /// <inheritdoc/>
    public override ulong? Sequence => given.Nonce is null ? fields.Nonce : null;

    /// <inheritdoc/>
    public override (string Account, ulong Number)? BroughtSequence =>
        given.Nonce is { } number ? (Account, number) : null;

    /// <inheritdoc/>
    public override UnsignedTransaction AsAsked => new EvmTransaction(row, network, options, key, given, given);

    /// <inheritdoc/>
    public override UnsignedTransaction Complete(NodeAnswers answers) => new EvmTransaction(
        row, network, options, key, given,
        questions.Zip(answers.Bodies).Aggregate(fields, (filled, pair) => pair.First.Fill(filled, pair.Second, answers.NextSequence)));

    /// <inheritdoc/>
    public override byte[] SigningBytes => fields.Format.SigningPayload(fields);

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys keys)
    {
        if (questions.Count > 0)
        {
            throw new InvalidOperationException("the transaction is not complete");
        }

        var digest = Keccak256.Hash(SigningBytes);
        var (signature, recoveryId) = keys.Open(key).SignEcdsaRecoverable(digest);
        if (recoveryId > 1) // r overflowed the group order, which no EVM chain can express: chance 2^-127
        {
            throw KmsException.Refused(
                "this transaction has no signature in Ethereum's form; change it in any way and send it again");
        }

        var signed = fields.Format.Signed(fields, signature, recoveryId);
        var id = fields.Format.Envelope is Envelope.KlaytnFeeDelegated ? null : Hex.Lower0x(Keccak256.Hash(signed));
        return new(Hex.Lower0x(signed), id) // a fee payer's signature is still to come and changes the id
        {
            SequenceAccount = Account,
            Sequence = fields.Nonce,
            IsSequenceBrought = given.Nonce is not null,
        };
    }

    private string Account => $"{row.Info.Code}:{Hex.Lower0x(fields.From)}";

    private void CheckGas()
    {
        var least = row.ChecksDataGas ? fields.IntrinsicGas : 21000;
        if (fields.Gas < least)
        {
            throw KmsException.Refused(
                $"gas of {fields.Gas} is below the {least} that the transaction costs before anything runs");
        }

        if (!row.IsOwn(fields.ChainId))
        {
            return;
        }

        if (row.HasDataFloor && fields.Gas < fields.DataFloorGas)
        {
            throw KmsException.Refused($"gas of {fields.Gas} is below the {fields.DataFloorGas} that a transaction with this data needs at least (EIP-7623)");
        }

        if (row.HasGasCap && fields.Gas > LargestGas)
        {
            throw KmsException.Refused(
                $"gas of {fields.Gas} is above the {LargestGas} that {row.Info.Code} allows a transaction (EIP-7825)");
        }
    }

    /// <summary>
    /// A number without its nine zeros would wait for ever and hold up every later transaction of the account.
    /// </summary>
    private void CheckUnit()
    {
        if (given.Price < LeastPrice && !options.AllowLowFee && (fields.ChainId is null || row.IsOwn(fields.ChainId)))
        {
            throw KmsException.Refused(
                $"a gas price of {given.Price} wei is far below what {row.Info.Code} takes; gas prices are in wei, and one gwei is 1000000000",
                $"if it is meant, allow it with TATUM_KMS_{row.Info.Code}_ALLOW_LOW_FEE=true");
        }
    }

    private void CheckFee()
    {
        if (fields.FeeCurrency is { } currency)
        {
            CheckFee(Hex.Lower0x(currency));
            return;
        }

        var ceiling = options.FeeRateCeiling ?? row.DefaultCeiling;
        if (fields.Price > ceiling)
        {
            throw KmsException.Refused(
                $"the gas price of {Gwei(fields.Price.Value)} is above the ceiling of {Gwei(ceiling)} for {row.Info.Code}",
                $"if that is what gas costs now, raise the fee rate ceiling of {row.Info.Code}");
        }

        var most = options.FeeCeiling ?? row.DefaultFeeCeiling;
        if (fields.LargestFee > most)
        {
            throw KmsException.Refused(
                $"the fee can reach {fields.LargestFee} base units, above the fee ceiling of {row.Info.Code}, {most}", $"raise the fee ceiling of {row.Info.Code} if this fee is meant");
        }
    }

    /// <summary>
    /// A fee in another currency has a ceiling in that currency: CELO's would be a fortune in one and nothing in
    /// another. What one is worth is not asked of the gateway, which would set its own bound.
    /// </summary>
    private void CheckFee(string currency)
    {
        var most = FeeCurrencyCeiling(currency);
        if (fields.LargestFee > most)
        {
            throw KmsException.Refused(
                $"the fee can reach {fields.LargestFee} base units of {currency}, above the ceiling for fees in it, {most}",
                $"if this fee is meant, raise it with TATUM_KMS_{row.Info.Code}_FEE_CURRENCY_CEILINGS={currency}=BASE-UNITS");
        }
    }

    private BigInteger FeeCurrencyCeiling(string currency)
    {
        if (options.FeeCurrencyCeilings.TryGetValue(currency, out var chosen))
        {
            return chosen;
        }

        return row.FeeCurrencyCeilings.TryGetValue(currency, out var whole)
            ? whole * BigInteger.Pow(10, FeeCurrencyDecimals)
            : UnknownCurrencyCeiling;
    }

    private static string Gwei(BigInteger price) => new Amount(price, 9, "gwei").ToString();
}

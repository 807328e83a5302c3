using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>A chain with Bitcoin's keys and transactions; a new one is a row in <see cref="BitcoinFamily"/>.</summary>
internal sealed class BitcoinChain : IChain
{
    /// <summary>The path of taproot's keys among a wallet's (<see cref="IKeyDeriver.Derive"/>).</summary>
    internal const int TaprootVariant = 1;

    internal BitcoinChain(BitcoinCoin coin)
    {
        Coin = coin;
        Rules = BitcoinRules.Of(coin);
        Info = new(coin.Code, coin.Code, Satoshis.Decimals, coin.BroadcastRoute)
        {
            OffchainWithdrawals = true,
            LargestRequest = 8 * 1024 * 1024, // thousands of inputs, each a JSON object
            Settings = [ChainSettings.FeeRateCeiling, ChainSettings.FeeCeiling],
            SignaturesNameNetwork = false,
        };
        Wallets = new Bip32Wallets(
            coin.Code,
            coin.MainnetKeys,
            coin.TestnetKeys,
            new WifKeyText(coin),
            (publicKey, network) => BitcoinAddress.OfKey(publicKey, coin, network))
        {
            FurtherKeys = coin.TaprootKeys,
            AddressTypes = coin.TaprootKeys is null
                ? []
                : [new("taproot", TaprootVariant, (key, network) => BitcoinAddress.OfTaproot(key, coin, network))],
        };
    }

    /// <inheritdoc/>
    public ChainInfo Info { get; }

    /// <inheritdoc/>
    public IWalletScheme Wallets { get; }

    /// <inheritdoc/>
    public BroadcastRules Rules { get; }

    internal BitcoinCoin Coin { get; }

    /// <inheritdoc/>
    public UnsignedTransaction Decode(PendingTransaction pending, PendingKeys keys, SigningContext context)
    {
        var payment = Coin.Read(pending, keys, Coin);
        payment.Require(Coin, context.For(Coin.Code));
        return new BitcoinTransaction(payment, Coin, context);
    }

    private sealed class BitcoinTransaction(Payment payment, BitcoinCoin coin, SigningContext context) : UnsignedTransaction
    {
        private TransactionSummary? summary;
        private IReadOnlyList<NodeCall>? proofs; // thousands, asked for at each batch

        public override TransactionSummary Summary => summary ??= PaymentSummary.Of(payment, coin, context.Network);

        public override IReadOnlyList<NodeCall> Proofs => proofs ??=
            [.. payment.Wanted.Select(id => PreviousTransaction.Question(coin, id))];

        public override UnsignedTransaction Prove(NodeAnswers answers)
        {
            var places = payment.Transaction.Inputs.Select(input => input.Outpoint).ToLookup(place => place.TransactionId);
            var previous = new Dictionary<string, PreviousTransaction>(payment.Previous);
            foreach (var (id, body) in payment.Wanted.Zip(answers.Bodies))
            {
                previous[id] = PreviousTransaction.Read(body, id).With(places[id].Select(place => place.Index).ToHashSet());
                foreach (var place in places[id])
                {
                    if (previous[id].Output(place.Index) is { } output)
                    {
                        ProvedOutputs.Add(place, output);
                    }
                }
            }

            foreach (var id in payment.Unproved.Where(id => !previous.ContainsKey(id)))
            {
                if (ProvedOutputs.Find(id, places[id]) is { } known)
                {
                    previous[id] = known;
                }
            }

            var proved = payment with { Previous = previous };
            if (proved.IsFeeVerified)
            {
                proved.Require(coin, context.For(coin.Code));
            }

            return new BitcoinTransaction(proved, coin, context);
        }

        public override byte[] SigningBytes => payment.Transaction.Unsigned(payment.Spends.Select(spend => spend.Output));

        public override SignedTransaction Sign(ISigningKeys keys)
        {
            Unlocking[] unlocking = [.. payment.Spends.Select((spend, input) => spend.Unlock(payment.Hashes, input, keys))];
            var data = payment.Transaction.Serialize(unlocking);
            return data.Length <= Payment.LargestSize
                ? new(Hex.Lower(data), payment.Transaction.Id(unlocking))
                {
                    Spent = Spent,
                    MayBeCompleted = payment.MayHoldOthersInputs,
                }
                : throw KmsException.Refused($"the signed transaction has more than the {Payment.LargestSize} bytes that the gateway takes");
        }

        public override string? Spent => SpentOutput.Write(
        [
            .. payment.Transaction.Inputs.Zip(payment.Spends, (input, spend) =>
                new SpentOutput(input.Outpoint.ToString(), spend.Output.Satoshis, payment.Previous.ContainsKey(input.Outpoint.TransactionId))),
        ]);
    }
}

using System.Numerics;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>A transaction with all that is needed to judge and to sign it.</summary>
internal sealed record Payment(Transaction Transaction, IReadOnlyList<Spend> Spends, KeyRing Keys)
{
    /// <summary>The gateway takes at most 500,000 hex digits.</summary>
    public const int LargestSize = 250_000;

    private const int LargestData = 83; // OP_RETURN, a push, and 80 bytes: what nodes have long relayed

    /// <summary>More inputs than this cannot be within <see cref="LargestSize"/>.</summary>
    public const int MostInputs = LargestSize / Bitcoin.Transaction.BareInputSize;

    /// <summary>
    /// Change to a higher index counts as a payment: it would be ours, but at an address that nobody looks at.
    /// </summary>
    public const uint LargestChangeIndex = 1_000_000;

    /// <summary>The fee the pending transaction states, or null.</summary>
    public long? ClaimedFee { get; init; }

    /// <summary>Whether it names a script for change.</summary>
    public bool ClaimsChange { get; init; }

    /// <summary>The output it says is change, or null.</summary>
    public int? ClaimedChangeOutput { get; init; }

    /// <summary>Whether it is an off-chain withdrawal.</summary>
    public bool IsWithdrawal { get; init; }

    /// <summary>Transactions whose outputs are spent, by id, as far as they are at hand.</summary>
    public IReadOnlyDictionary<string, PreviousTransaction> Previous { get; init; } = new Dictionary<string, PreviousTransaction>();

    /// <summary>Ids of the spent transactions that are not at hand.</summary>
    public IEnumerable<string> Unproved => Transaction.Inputs
        .Select(input => input.Outpoint.TransactionId)
        .Distinct()
        .Where(id => !Previous.ContainsKey(id));

    /// <summary>
    /// Whether a wrong input amount could not hide a fee: every spent transaction is at hand, or the only input's
    /// signature covers its amount. With BIP-143 each of several signatures covers its own amount alone: two signings
    /// with a wrong amount each make one valid transaction. A signature of BIP-341 covers the amounts and scripts of
    /// all inputs. But whoever spends an output that is none of ours leaves our signature out, so that one counts for
    /// all only where its output is proved, or where none of our signatures is of another kind.
    /// </summary>
    public bool IsFeeVerified =>
        !Unproved.Any()
        || (Spends.Count == 1 && Spends[0].CommitsToAmount)
        || Spends.All(spend => spend.CommitsToAllAmounts)
        || CoveringAll.Any(Previous.ContainsKey);

    /// <summary>
    /// Whether an input may be another's than the request says: its owner can sign it later, beside our signatures,
    /// which stand. The only input's owner pays alone, and a signature of BIP-341 covers the scripts of all inputs.
    /// </summary>
    public bool MayHoldOthersInputs => Spends.Count > 1 && !IsFeeVerified;

    /// <summary>
    /// Ids of the transactions that would prove the fee: of many, that of one taproot input, else all that are missing.
    /// </summary>
    public IEnumerable<string> Wanted
    {
        get
        {
            if (IsFeeVerified)
            {
                return [];
            }

            return CoveringAll.FirstOrDefault() is { } one ? [one] : Unproved;
        }
    }

    /// <summary>Ids of the transactions spent by inputs whose signature covers all inputs' amounts.</summary>
    private IEnumerable<string> CoveringAll => Transaction.Inputs
        .Zip(Spends)
        .Where(input => input.Second.CommitsToAllAmounts)
        .Select(input => input.First.Outpoint.TransactionId);

    /// <summary>What a reviewer should know of the pending transaction beyond the transaction itself.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What the inputs' signatures sign.</summary>
    public SignatureHashes Hashes { get; } = new(Transaction, Spends);

    /// <summary>Coins that go in.</summary>
    public BigInteger Paid { get; } = Spends.Aggregate(BigInteger.Zero, (sum, spend) => sum + spend.Output.Satoshis);

    /// <summary>Coins that come out.</summary>
    public BigInteger Received { get; } = Transaction.Outputs.Aggregate(BigInteger.Zero, (sum, output) => sum + output.Satoshis);

    /// <summary>What the miner keeps: this counts, whatever a fee field says.</summary>
    public BigInteger Fee => Paid - Received;

    /// <summary>Most bytes the signed transaction has, witnesses left out.</summary>
    public long BaseSize { get; } = 8L + WireWriter.SizeOf(Spends.Count) + WireWriter.SizeOf(Transaction.Outputs.Length)
        + Spends.Sum(spend => 40L + WireWriter.SizeOf(spend.ScriptSize) + spend.ScriptSize)
        + Transaction.Outputs.Sum(output => 8L + WireWriter.SizeOf(output.Script.Length) + output.Script.Length);

    /// <summary>Most bytes of the witnesses.</summary>
    public long WitnessSize { get; } = Spends.Any(spend => spend.WitnessSize > 0) ? 2L + Spends.Sum(spend => Math.Max(1L, spend.WitnessSize)) : 0;

    /// <summary>Most virtual bytes (BIP-141): what fees are reckoned by.</summary>
    public long VirtualSize => BaseSize + ((WitnessSize + 3) / 4);

    /// <summary>Wallets that own an input by themselves: only to them something can be given back.</summary>
    private HashSet<string> Payers { get; } = [.. Spends.Select(spend => Keys.Owner(spend.Output.Script)?.SignatureId).OfType<string>()];

    /// <summary>The key of ours that an output pays back to, proved by derivation; null for a payment, also for one to a wallet of ours that pays nothing here.</summary>
    public OwnScript? Change(TransactionOutput output) =>
        Keys.Owner(output.Script) is { Index: null or <= LargestChangeIndex } owner && Payers.Contains(owner.SignatureId) ? owner : null;

    /// <summary>Refuses what must not be signed.</summary>
    public void Require(BitcoinCoin coin, ChainOptions options)
    {
        if (BaseSize + WitnessSize > LargestSize)
        {
            throw KmsException.Refused($"the transaction would have more than the {LargestSize} bytes that the gateway takes");
        }

        if (Transaction.Inputs.DistinctBy(input => input.Outpoint).Count() != Transaction.Inputs.Length)
        {
            throw KmsException.Refused("the transaction spends the same output twice");
        }

        if (Paid > coin.MoneyLimit)
        {
            throw KmsException.Refused($"the inputs hold more {coin.Code} than can exist");
        }

        if (Fee < 0)
        {
            throw KmsException.Refused("the outputs spend more than the inputs hold");
        }

        RequireTrueAmounts(coin);
        RequireClaimedFee(coin);
        RequireSaneFee(coin, options);
        for (var input = 0; input < Spends.Count; input++)
        {
            Spends[input].Check(Hashes, input);
        }
    }

    private void RequireTrueAmounts(BitcoinCoin coin)
    {
        foreach (var (at, input) in Transaction.Inputs.Index())
        {
            if (Previous.GetValueOrDefault(input.Outpoint.TransactionId) is not { } previous)
            {
                continue;
            }

            var spent = previous.Output(input.Outpoint.Index);
            var script = spent is null ? [] : coin.Cash ? CashToken.Split(spent.Script).Item1 : spent.Script;
            if (spent?.Satoshis != Spends[at].Output.Satoshis || !script.AsSpan().SequenceEqual(Spends[at].Output.Script))
            {
                throw KmsException.Refused($"input {at} does not hold what it is said to hold: the transaction it spends says otherwise");
            }
        }
    }

    private void RequireClaimedFee(BitcoinCoin coin)
    {
        // a builder that finds the change not worth an output leaves it to the fee, and only Dogecoin's says so
        var forgotten = ClaimsChange && ClaimedChangeOutput is null ? coin.ForgottenChange : 0;
        if (ClaimedFee is { } claimed && (Fee < claimed || Fee > claimed + forgotten))
        {
            throw KmsException.Refused(
                $"the fee is said to be {Coins(claimed, coin)}, but the inputs hold {Coins(Fee, coin)} more than the outputs");
        }
    }

    private void RequireSaneFee(BitcoinCoin coin, ChainOptions options)
    {
        var rate = options.FeeRateCeiling ?? coin.FeeRateCeiling;
        var size = coin.FeeSize(this);
        if (Fee * 1000 > rate * size)
        {
            throw KmsException.Refused(
                $"the fee of {Coins(Fee, coin)} is above the ceiling of {Coins(rate * size / 1000, coin)} for a transaction of this size",
                "raise the chain's fee rate ceiling if this fee is meant");
        }

        var ceiling = options.FeeCeiling ?? coin.FeeCeiling;
        if (Fee > ceiling)
        {
            throw KmsException.Refused($"the fee of {Coins(Fee, coin)} is above the ceiling of {Coins(ceiling, coin)}", "raise the chain's fee ceiling if this fee is meant");
        }

        if (Transaction.Outputs.FirstOrDefault(output => Script.Kind(output.Script) is ScriptKind.Data && output.Script.Length > LargestData) is { } data)
        {
            throw KmsException.Refused($"an output carries {data.Script.Length} bytes of data, and at most {LargestData} are signed: its size is paid for");
        }
    }

    private static Amount Coins(BigInteger units, BitcoinCoin coin) => new(units, Satoshis.Decimals, coin.Code);
}

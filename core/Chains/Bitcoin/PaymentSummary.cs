using System.Globalization;
using System.Numerics;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>A payment in human terms.</summary>
internal static class PaymentSummary
{
    private const uint FirstTime = 500_000_000; // BIP-65: below, a lock time is a block height
    private const uint LastReplaceable = 0xfffffffd; // BIP-125
    private const uint NoRelativeLock = 0x80000000; // BIP-68
    private const int MostInputsShown = 50;
    private const int LongestText = 400;

    public static TransactionSummary Of(Payment payment, BitcoinCoin coin, Network network)
    {
        List<Output> outputs = [.. payment.Transaction.Outputs.Select((output, at) => Output.Read(output, at, payment, coin, network))];
        List<Transfer> transfers = [.. outputs.SelectMany(output => output.Transfers(coin, network))];
        List<string> spent = [.. payment.Spends.Select(spend => BitcoinAddress.Shown(spend.Output.Script, coin, network))];
        List<byte[]> data = [.. outputs.Where(output => output.Kind is ScriptKind.Data).Select(output => BitcoinAddress.Data(output.Script))];
        return new()
        {
            Chain = coin.Code,
            Network = network,
            Kind = payment.IsWithdrawal ? "off-chain withdrawal"
                : outputs.Any(output => output.Token is not null) ? "token transfer"
                : transfers.All(transfer => transfer.IsChange) ? "consolidation"
                : "transfer",
            From = [.. spent.Distinct()],
            Transfers = transfers,
            Fee = Coins(payment.Fee, coin),
            FeeVerified = payment.IsFeeVerified,
            Memo = data.Count > 0 ? string.Join(" | ", data.Select(Memo)) : null,
            Understood = outputs.All(output => output.Kind is ScriptKind.Data or ScriptKind.PublicKey || output.Address is not null),
            Warnings = [.. payment.Warnings, .. outputs.Select(output => output.Warning(coin)).OfType<string>(), .. Warnings(payment, coin)],
            Details = Details(payment, spent, data, coin),
        };
    }

    private static string Memo(byte[] data) =>
        data.Length <= LongestText ? Printable.Text(data) : BitcoinAddress.Short(data);

    /// <summary>An output with the token, if any, apart from its script.</summary>
    private sealed record Output(
        int At, long Satoshis, byte[] Script, ScriptKind Kind, string? Address, CashToken? Token, OwnScript? Change)
    {
        public static Output Read(TransactionOutput output, int at, Payment payment, BitcoinCoin coin, Network network)
        {
            var (script, token) = coin.Cash ? CashToken.Split(output.Script) : (output.Script, null);
            return new(
                at,
                output.Satoshis,
                script,
                Bitcoin.Script.Kind(script),
                BitcoinAddress.Of(script, coin, network),
                token,
                payment.Change(new(output.Satoshis, script)));
        }

        public IEnumerable<Transfer> Transfers(BitcoinCoin coin, Network network)
        {
            var to = Address ?? BitcoinAddress.Shown(Script, coin, network);
            if (Kind is not ScriptKind.Data || Satoshis > 0) // data that costs nothing is a memo, not a payment
            {
                yield return new(to, Coins(Satoshis, coin)) { IsChange = Change is not null, ChangeIndex = Change?.Index };
            }

            foreach (var amount in Token?.Amounts() ?? [])
            {
                yield return new(to, amount) { IsChange = Change is not null, ChangeIndex = Change?.Index };
            }
        }

        public string? Warning(BitcoinCoin coin) => Kind switch
        {
            ScriptKind.Data => Satoshis > 0 ? $"output {At} destroys {Coins(Satoshis, coin)}" : null,
            ScriptKind.Other or ScriptKind.FutureWitness => Unknown,
            ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash or ScriptKind.Taproot when !coin.Segwit => Unknown,
            ScriptKind.ScriptHash32 when !coin.Cash => Unknown,
            _ when Satoshis < coin.Dust => $"output {At} of {Coins(Satoshis, coin)} is so small that nodes may not pass the transaction on",
            _ => null,
        };

        private string Unknown =>
            $"output {At} pays a script of an unknown kind, which anyone or nobody may be able to spend";
    }

    private static IEnumerable<string> Warnings(Payment payment, BitcoinCoin coin)
    {
        var transaction = payment.Transaction;
        if (payment.ClaimedChangeOutput is { } claimed && payment.Change(transaction.Outputs[claimed]) is null)
        {
            yield return $"output {claimed} is said to be change, but it does not go to a known key of the wallet";
        }

        foreach (var (at, output) in transaction.Outputs.Index())
        {
            if (payment.Keys.Owner(output.Script) is { Index: > Payment.LargestChangeIndex and var index })
            {
                yield return $"output {at} pays index {index} of the wallet, above {Payment.LargestChangeIndex}, so it counts as a payment";
            }
        }

        if (transaction.LockTime > 0)
        {
            yield return transaction.Inputs.All(input => input.Sequence == TransactionInput.Final)
                ? $"the lock time {transaction.LockTime} has no effect, since every input is final"
                : $"not valid before {Time(transaction.LockTime)}";
        }

        if (coin.Replaceable && transaction.Inputs.Any(input => input.Sequence <= LastReplaceable))
        {
            yield return "replaceable: until it is in a block, the signer of its inputs can redirect it (BIP-125)";
        }

        if (transaction.Version is >= 2 or < 0
            && transaction.Inputs.Any(input => input.Sequence < NoRelativeLock && (input.Sequence & 0xffff) > 0))
        {
            yield return "an input is locked until some time after the output it spends (BIP-68)";
        }
    }

    private static Dictionary<string, string> Details(
        Payment payment, List<string> spent, List<byte[]> data, BitcoinCoin coin)
    {
        var transaction = payment.Transaction;
        var details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["inputs"] = string.Create(CultureInfo.InvariantCulture, $"{payment.Spends.Count} holding {Coins(payment.Paid, coin)}"),
            ["fee rate"] = $"{FeeRate(payment)} base units per virtual byte",
            ["size"] = string.Create(CultureInfo.InvariantCulture, $"{payment.VirtualSize} virtual bytes at most"),
            ["version"] = transaction.Version.ToString(CultureInfo.InvariantCulture),
        };
        if (transaction.LockTime > 0)
        {
            details["lock time"] = Time(transaction.LockTime);
        }

        if (data.Count > 0)
        {
            details["data"] = string.Join(" | ", data.Select(bytes => BitcoinAddress.Short(bytes)));
        }

        for (var at = 0; at < Math.Min(payment.Spends.Count, MostInputsShown); at++)
        {
            var output = payment.Spends[at].Output;
            details[string.Create(CultureInfo.InvariantCulture, $"input {at}")] =
                $"{transaction.Inputs[at].Outpoint}, {Coins(output.Satoshis, coin)} of {spent[at]}";
        }

        return details;
    }

    private static string FeeRate(Payment payment)
    {
        var tenths = payment.Fee * 10 / payment.VirtualSize;
        return string.Create(CultureInfo.InvariantCulture, $"{tenths / 10}.{tenths % 10}");
    }

    private static string Time(uint lockTime) => lockTime < FirstTime
        ? string.Create(CultureInfo.InvariantCulture, $"block {lockTime}")
        : DateTimeOffset.FromUnixTimeSeconds(lockTime).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static Amount Coins(BigInteger units, BitcoinCoin coin) => new(units, Satoshis.Decimals, coin.Code);
}

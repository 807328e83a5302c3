using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// An off-chain withdrawal's list of what it spends. The list says which key signs which input, so
/// all of it is held against the transaction.
/// </summary>
internal sealed class Withdrawal
{
    private const int IdDigits = 24;
    private const string Pool = "-1";
    private readonly Dictionary<Outpoint, Part> parts = [];
    private readonly long pool;

    private Withdrawal(JsonElement list, IWalletKeys wallet, BitcoinCoin coin)
    {
        Wallet = wallet;
        if (list.ValueKind is not JsonValueKind.Array)
        {
            throw KmsException.Refused("the withdrawal's list of inputs is not an array");
        }

        var pools = 0;
        foreach (var (at, element) in list.EnumerateArray().Index())
        {
            var what = $"element {at} of the withdrawal's list";
            var json = new StrictObject(element, what);
            var amount = Satoshis.FromCoins(json.Required("amount"), $"the amount of {what}", coin.MoneyLimit);
            if (json.String("vIn") is var transactionId && transactionId == Pool)
            {
                pool = amount;
                pools++;
                continue;
            }

            var outpoint = new Outpoint(
                Hex.Lower(Hex.Read(transactionId, $"vIn of {what}", 32)),
                (uint)json.Integer("vInIndex", 0, uint.MaxValue));
            if (!parts.TryAdd(outpoint, Part.Read(json.OptionalObject("address"), amount, coin)))
            {
                throw KmsException.Refused($"{what} repeats an output");
            }
        }

        if (pools > 1)
        {
            throw KmsException.Refused("the withdrawal's list names its pool more than once");
        }
    }

    /// <summary>The wallet that signs.</summary>
    public IWalletKeys Wallet { get; }

    /// <summary>Reads the list of a pending transaction that is a withdrawal; null for one that is not.</summary>
    public static Withdrawal? Read(PendingTransaction pending, PendingKeys keys, BitcoinCoin coin)
    {
        if (pending.WithdrawalId is not { } id)
        {
            return null;
        }

        if (id.Length != IdDigits || !id.All(char.IsAsciiHexDigit))
        {
            throw KmsException.Refused($"the withdrawal id is not {IdDigits} hexadecimal digits");
        }

        var list = pending.WithdrawalResponses
            ?? throw KmsException.Refused("the withdrawal comes without its list of inputs, so nothing says which keys sign");
        return new(list, KeyRing.OffchainWallet(keys), coin);
    }

    /// <summary>The keys of all inputs.</summary>
    public IReadOnlyList<(IWalletKeys Wallet, PublicKey Key, uint? Index)> Keys() =>
        [.. parts.Values.Select(part => (Wallet, Wallet.Key(part.KeyIndex), (uint?)part.KeyIndex))];

    /// <summary>The key of an input.</summary>
    public PublicKey Key(Outpoint outpoint) => parts.TryGetValue(outpoint, out var part)
        ? Wallet.Key(part.KeyIndex)
        : throw KmsException.Refused($"input {outpoint} is missing from the withdrawal's list");

    /// <summary>Refuses a list that does not describe the transaction; returns what a reviewer should know.</summary>
    public IEnumerable<string> Check(Transaction transaction, IReadOnlyList<Spend> spends, BitcoinCoin coin)
    {
        if (transaction.Inputs.Length != parts.Count)
        {
            throw KmsException.Refused(
                $"the withdrawal's list names {parts.Count} inputs, the transaction has {transaction.Inputs.Length}");
        }

        foreach (var (input, spend) in transaction.Inputs.Zip(spends))
        {
            var usual = Key(input.Outpoint);
            var part = parts[input.Outpoint];
            var key = spend is KeySpend { IsTaproot: true } ? KeyRing.TaprootKey(Wallet, part.KeyIndex) : usual;
            if (part.Satoshis != spend.Output.Satoshis)
            {
                throw KmsException.Refused(
                    $"input {input.Outpoint} has another amount than the withdrawal's list says");
            }

            if (spend is not KeySpend { Key: var owner } || !owner.Equals(key)
                || (part.Address is { } address && !BitcoinAddress.Names(address, spend.Output.Script, coin, Wallet.Network)))
            {
                throw KmsException.Refused(
                    $"input {input.Outpoint} does not belong to the address and key index of the withdrawal's list");
            }
        }

        if (pool > 0 && !transaction.Outputs.Any(output => output.Satoshis == pool))
        {
            throw KmsException.Refused(
                "no output returns the amount that the withdrawal's list gives back to the pool");
        }

        return parts.Values.Any(part => part.Xpub is { } xpub && Wallet.Xpub is { } own && xpub != own)
            ? ["the withdrawal's list names another xpub than that of the wallet"]
            : [];
    }

    private sealed record Part(long Satoshis, uint KeyIndex, string? Address, string? Xpub)
    {
        public static Part Read(StrictObject? address, long satoshis, BitcoinCoin coin)
        {
            var currency = address?.OptionalString("currency");
            return currency is null || currency == coin.Code
                ? new(
                    satoshis,
                    (uint)(address?.OptionalInteger("derivationKey", 0, IWalletKeys.LargestIndex) ?? 0),
                    address?.OptionalString("address"),
                    address?.OptionalString("xpub"))
                : throw address!.Bad("currency", $"is not {coin.Code}");
        }
    }
}

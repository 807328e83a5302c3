using System.Globalization;
using System.Numerics;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using static KmsCloud.Chains.Stellar.StellarTypes;

namespace KmsCloud.Chains.Stellar;

/// <summary>One operation in human terms (Stellar-transaction.x).</summary>
/// <param name="Name">Its name in Stellar's documentation.</param>
/// <param name="Text">All of it, for people.</param>
internal sealed record StellarOperation(string Name, string Text)
{
    private delegate StellarOperation Reader(ref XdrReader xdr);

    private static readonly Reader[] Readers =
    [
        CreateAccount, Payment, PathPaymentStrictReceive, ManageSellOffer, CreatePassiveSellOffer, SetOptions,
        ChangeTrust, AllowTrust, AccountMerge, Inflation, ManageData, BumpSequence, ManageBuyOffer,
        PathPaymentStrictSend, CreateClaimableBalance, ClaimClaimableBalance, BeginSponsoring, EndSponsoring,
        RevokeSponsorship, Clawback, ClawbackClaimableBalance, SetTrustLineFlags, LiquidityPoolDeposit,
        LiquidityPoolWithdraw,
    ];

    /// <summary>What a "set options" may set to a number, in the order of its fields.</summary>
    private static readonly string[] Numbers =
        ["clear flags", "set flags", "master weight", "low threshold", "medium threshold", "high threshold"];

    /// <summary>The account it acts for, where that is not the transaction's; with its public key.</summary>
    public (byte[] PublicKey, string Address)? Source { get; private init; }

    public IReadOnlyList<Transfer> Transfers { get; private init; } = [];

    /// <summary>Who gets an amount that only the ledger knows.</summary>
    public string? Uncounted { get; private init; }

    public string? Warning { get; private init; }

    /// <summary>False when it moves an amount that only the ledger knows.</summary>
    public bool IsBounded { get; private init; } = true;

    public static StellarOperation Read(ref XdrReader xdr)
    {
        var source = xdr.Bool() ? MuxedAccount(ref xdr) : ((byte[], string)?)null;
        var type = xdr.UInt32();
        if (type is >= 24 and <= 26)
        {
            throw xdr.Malformed("holds a smart contract operation, which is not supported");
        }

        if (type >= (uint)Readers.Length)
        {
            throw xdr.Malformed("holds an unknown operation");
        }

        var operation = Readers[type](ref xdr);
        return operation with
        {
            Source = source,
            Transfers = [.. operation.Transfers.Select(transfer => transfer with { From = source?.Item2 })],
            Text = source is { Item2: var address } ? $"{operation.Text}, by {address}" : operation.Text,
        };
    }

    private static StellarOperation CreateAccount(ref XdrReader xdr)
    {
        var (to, amount) = (Account(ref xdr), Amount(ref xdr, "XLM"));
        return new("createAccount", $"creates account {to} with {amount}") { Transfers = [new(to, amount)] };
    }

    private static StellarOperation Payment(ref XdrReader xdr)
    {
        var to = MuxedAccount(ref xdr).Address;
        var amount = Amount(ref xdr, Asset(ref xdr));
        return new("payment", $"pays {amount} to {to}") { Transfers = [new(to, amount)] };
    }

    private static StellarOperation PathPaymentStrictReceive(ref XdrReader xdr) =>
        PathPayment(ref xdr, "pathPaymentStrictReceive", "pays at most {0}, exchanged for {2}, to {1}");

    private static StellarOperation PathPaymentStrictSend(ref XdrReader xdr) =>
        PathPayment(ref xdr, "pathPaymentStrictSend", "pays {0}, exchanged for at least {2}, to {1}");

    // both kinds: what leaves (at most), the recipient, what arrives (at least), and the way
    private static StellarOperation PathPayment(ref XdrReader xdr, string name, string text)
    {
        var sent = Amount(ref xdr, Asset(ref xdr));
        var to = MuxedAccount(ref xdr).Address;
        var received = Amount(ref xdr, Asset(ref xdr));
        for (var left = xdr.Count(5); left > 0; left--)
        {
            Asset(ref xdr);
        }

        var rest = sent.Asset == received.Asset
            ? sent with { Units = BigInteger.Max(0, sent.Units - received.Units) }
            : sent;
        return new(name, string.Format(CultureInfo.InvariantCulture, text, sent, to, received))
        {
            // together the most that leaves, asset by asset
            Transfers = [new(to, received), new("(exchanged on the way, at most)", rest)],
        };
    }

    private static StellarOperation ManageSellOffer(ref XdrReader xdr) =>
        SellOffer(ref xdr, "manageSellOffer", hasId: true);

    private static StellarOperation CreatePassiveSellOffer(ref XdrReader xdr) =>
        SellOffer(ref xdr, "createPassiveSellOffer", hasId: false);

    private static StellarOperation SellOffer(ref XdrReader xdr, string name, bool hasId)
    {
        var (selling, buying) = (Asset(ref xdr), Asset(ref xdr));
        var (amount, price) = (Amount(ref xdr, selling), Price(ref xdr));
        var id = hasId ? $", offer {xdr.Int64()}" : "";
        return Offer(name, $"offers {amount} for {buying} at {price.Numerator}/{price.Denominator}{id}", amount);
    }

    private static StellarOperation ManageBuyOffer(ref XdrReader xdr)
    {
        var (selling, buying) = (Asset(ref xdr), Asset(ref xdr));
        var (amount, price, id) = (Amount(ref xdr, buying), Price(ref xdr), xdr.Int64());
        var most = new Amount(
            ((amount.Units * price.Numerator) + price.Denominator - 1) / price.Denominator, 7, selling);
        return Offer(
            "manageBuyOffer",
            $"offers {selling} for {amount} at {price.Numerator}/{price.Denominator}, offer {id}",
            most);
    }

    private static StellarOperation Offer(string name, string text, Amount amount) =>
        new(name, text) { Transfers = amount.Units.IsZero ? [] : [new("(whoever takes the offer)", amount)] };

    private static StellarOperation SetOptions(ref XdrReader xdr)
    {
        var parts = new List<string>();
        if (xdr.Bool())
        {
            parts.Add($"inflation destination {Account(ref xdr)}");
        }

        foreach (var name in Numbers)
        {
            if (xdr.Bool())
            {
                parts.Add($"{name} {xdr.UInt32()}");
            }
        }

        if (xdr.Bool())
        {
            parts.Add($"home domain {Printable.Text(xdr.Opaque(32))}");
        }

        if (xdr.Bool())
        {
            parts.Add($"signer {SignerKey(ref xdr)} with weight {xdr.UInt32()}");
        }

        return new("setOptions", $"sets {string.Join(", ", parts)}")
        {
            Warning = parts.Count > 0
                && !parts.TrueForAll(part => part.StartsWith("home domain", StringComparison.Ordinal))
                ? "changes the account's options: signers, weights, thresholds or flags may hand over control"
                : null,
        };
    }

    private static StellarOperation ChangeTrust(ref XdrReader xdr)
    {
        var asset = ChangeTrustAsset(ref xdr);
        var limit = Amount(ref xdr, asset);
        return new(
            "changeTrust", limit.Units.IsZero ? $"ends the trust line for {asset}" : $"trusts the issuer up to {limit}")
        {
            Warning = limit.Units.IsZero ? null : $"trusts {asset}: check that the issuer is the one meant",
        };
    }

    private static StellarOperation AllowTrust(ref XdrReader xdr)
    {
        var trustor = Account(ref xdr);
        var code = xdr.UInt32() switch
        {
            1 => Code(ref xdr, 4, 1),
            2 => Code(ref xdr, 12, 5),
            _ => throw xdr.Malformed("names an unknown kind of asset"),
        };
        return new("allowTrust", $"sets the authorisation of {trustor} for {code} to {xdr.UInt32()}");
    }

    private static StellarOperation AccountMerge(ref XdrReader xdr)
    {
        var to = MuxedAccount(ref xdr).Address;
        return new("accountMerge", $"closes the account and sends its whole balance to {to}")
        {
            Warning = $"the whole balance goes to {to} and the account ends",
            Uncounted = to,
            IsBounded = false,
        };
    }

    private static StellarOperation Inflation(ref XdrReader xdr) => new("inflation", "runs the inflation of old");

    private static StellarOperation ManageData(ref XdrReader xdr)
    {
        var name = Printable.Text(xdr.Opaque(64));
        var value = xdr.Bool() ? Printable.Text(xdr.Opaque(64)) : null;
        return new(
            "manageData", value is null ? $"removes the data entry {name}" : $"writes {value} to the data entry {name}")
        {
            Warning = "writes data to the account, which other programs may take as consent",
        };
    }

    private static StellarOperation BumpSequence(ref XdrReader xdr) =>
        new("bumpSequence", $"moves the sequence number to {xdr.Int64()}")
        {
            Warning = "moves the sequence number: transactions signed before may become invalid",
        };

    private static StellarOperation CreateClaimableBalance(ref XdrReader xdr)
    {
        var amount = Amount(ref xdr, Asset(ref xdr));
        var claimants = new List<string>();
        for (var left = xdr.Count(10); left > 0; left--)
        {
            claimants.Add(Claimant(ref xdr));
        }

        var to = claimants.Count == 1 ? claimants[0] : $"({string.Join(" or ", claimants)})";
        return new("createClaimableBalance", $"sets {amount} aside for {to} to claim")
        {
            Transfers = [new(to, amount)],
        };
    }

    private static StellarOperation ClaimClaimableBalance(ref XdrReader xdr) =>
        new("claimClaimableBalance", $"claims the balance {BalanceId(ref xdr)}");

    private static StellarOperation BeginSponsoring(ref XdrReader xdr) =>
        new("beginSponsoringFutureReserves", $"pays the reserves of {Account(ref xdr)} from here on")
        {
            Warning = "pays another account's reserves",
        };

    private static StellarOperation EndSponsoring(ref XdrReader xdr) =>
        new("endSponsoringFutureReserves", "ends the sponsoring of reserves");

    private static StellarOperation RevokeSponsorship(ref XdrReader xdr) => xdr.UInt32() switch
    {
        0 => new("revokeSponsorship", $"ends the sponsorship of {LedgerKey(ref xdr)}"),
        1 => new("revokeSponsorship", $"ends the sponsorship of {Account(ref xdr)}'s signer {SignerKey(ref xdr)}"),
        _ => throw xdr.Malformed("revokes an unknown kind of sponsorship"),
    };

    private static StellarOperation Clawback(ref XdrReader xdr)
    {
        var asset = Asset(ref xdr);
        var from = MuxedAccount(ref xdr).Address;
        return new("clawback", $"claws back {Amount(ref xdr, asset)} from {from}")
        {
            Warning = "claws back an asset from its holder",
        };
    }

    private static StellarOperation ClawbackClaimableBalance(ref XdrReader xdr) =>
        new("clawbackClaimableBalance", $"claws back the claimable balance {BalanceId(ref xdr)}")
        {
            Warning = "claws back an asset from its holder",
        };

    private static StellarOperation SetTrustLineFlags(ref XdrReader xdr) => new(
        "setTrustLineFlags",
        $"changes flags of {Account(ref xdr)}'s trust line for {Asset(ref xdr)}: "
        + $"clears {xdr.UInt32()}, sets {xdr.UInt32()}");

    private static StellarOperation LiquidityPoolDeposit(ref XdrReader xdr)
    {
        var pool = Hex.Lower(xdr.Fixed(32));
        var (first, second) = (Amount(ref xdr, $"first asset of {pool}"), Amount(ref xdr, $"second asset of {pool}"));
        var (least, most) = (Price(ref xdr), Price(ref xdr));
        return new(
            "liquidityPoolDeposit",
            $"deposits at most {first} and {second} at {least.Numerator}/{least.Denominator} to "
            + $"{most.Numerator}/{most.Denominator}")
        {
            Transfers = [new($"(liquidity pool {pool})", first), new($"(liquidity pool {pool})", second)],
        };
    }

    private static StellarOperation LiquidityPoolWithdraw(ref XdrReader xdr)
    {
        var pool = Hex.Lower(xdr.Fixed(32));
        var (shares, first, second) = (
            Amount(ref xdr, "shares"), Amount(ref xdr, "first asset"), Amount(ref xdr, "second asset"));
        return new(
            "liquidityPoolWithdraw", $"takes {shares} out of liquidity pool {pool} for at least {first} and {second}");
    }
}

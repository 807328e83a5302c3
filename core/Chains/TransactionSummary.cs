using System.Collections.ObjectModel;
using System.Globalization;
using System.Numerics;
using KmsCloud.Keys;

namespace KmsCloud.Chains;

/// <summary>An exact amount. With decimals it is shown in whole coins, without (unknown token) as raw units said to be raw.</summary>
/// <param name="Units">Base units: satoshi, wei, drops, lovelace, or a token's smallest unit.</param>
/// <param name="Decimals">Digits behind the point of one coin, or null when nobody can know offline.</param>
/// <param name="Asset">The coin's or token's name: a chain coin, a contract address, "USD.r…", a policy id …</param>
public readonly record struct Amount(BigInteger Units, int? Decimals, string Asset)
{
    /// <summary>The number alone in coins, without trailing zeros; base units when the decimals are unknown.</summary>
    public string Number
    {
        get
        {
            if (Decimals is not (> 0 and var decimals))
            {
                return Units.ToString(CultureInfo.InvariantCulture);
            }

            var digits = BigInteger.Abs(Units).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
            var point = digits.Length - decimals;
            var fraction = digits.AsSpan(point).TrimEnd('0');
            return string.Concat(Units.Sign < 0 ? "-" : "", digits.AsSpan(0, point), fraction.IsEmpty ? "" : ".", fraction);
        }
    }

    /// <summary>
    /// Limits count base units, although decimals are stated: other transactions of the same asset state none, and whoever
    /// makes a request chooses which it is.
    /// </summary>
    public bool CountsUnits { get; init; }

    /// <summary>The number that limits count: of one asset always in one unit.</summary>
    public string Counted => CountsUnits ? Units.ToString(CultureInfo.InvariantCulture) : Number;

    /// <summary>The amount with its asset, such as "1.5 BTC" or "1500 raw units of 0x…".</summary>
    public override string ToString() => Decimals is null ? $"{Number} raw units of {Asset}" : $"{Number} {Asset}";
}

/// <summary>One payment inside a transaction.</summary>
/// <param name="To">The true recipient as people write it, or a description in parentheses when there is none.</param>
/// <param name="Amount">What it gets.</param>
public sealed record Transfer(string To, Amount Amount)
{
    /// <summary>Who pays, when it is not simply the transaction's sender.</summary>
    public string? From { get; init; }

    /// <summary>Whom the recipient credits, as policies name it: <c>tag=5</c>, <c>memo=text</c>; null where nothing says.</summary>
    public string? Tag { get; init; }

    /// <summary>Paid back to a key of the wallet that signs (proved by derivation, not by the gateway's word).</summary>
    public bool IsChange { get; init; }

    /// <summary>The derivation index of the key that change is paid to; null for the one key of a wallet without mnemonic.</summary>
    public uint? ChangeIndex { get; init; }
}

/// <summary>Who gets what only the ledger can count.</summary>
/// <param name="To">As people write it.</param>
/// <param name="Tag">Whom it credits, as policies name it; null where nothing says.</param>
public sealed record Payee(string To, string? Tag = null);

/// <summary>A transaction in human terms: what policy, approver, logs and audit see. Made from the bytes to be signed.</summary>
public sealed record TransactionSummary
{
    /// <summary>So much may this machine's clock be ahead of the network's.</summary>
    private static readonly TimeSpan ClocksApart = TimeSpan.FromMinutes(1);

    /// <summary>Chain code.</summary>
    public required string Chain { get; init; }

    /// <summary>The network.</summary>
    public required Network Network { get; init; }

    /// <summary>What it does in a few words: "transfer", "token transfer", "contract creation", "trust line" …</summary>
    public required string Kind { get; init; }

    /// <summary>Sending addresses.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    /// <summary>Payments, change included and marked.</summary>
    public IReadOnlyList<Transfer> Transfers { get; init; } = [];

    /// <summary>The fee, or the highest it can be; null while it is not filled in.</summary>
    public Amount? Fee { get; init; }

    /// <summary>The most that the network may take beyond <see cref="Fee"/>, which the transaction does not name; limits count it. Null for nothing.</summary>
    public Amount? FeeOnTop { get; init; }

    /// <summary>Whether the fee is proved by what is signed; false where a lying gateway could understate it (input amounts of the Bitcoin family).</summary>
    public bool FeeVerified { get; init; } = true;

    /// <summary>The most it can cost in base units of the fee coin, what the network may take beyond it included; null while that is not known, or not proved.</summary>
    public BigInteger? ProvedFee => FeeVerified && Fee is { } fee ? fee.Units + (FeeOnTop?.Units ?? 0) : null;

    /// <summary>Nonce or sequence number, as text; null where there is none or it is not filled in.</summary>
    public string? Sequence { get; init; }

    /// <summary>Memo, destination tag, note or OP_RETURN text.</summary>
    public string? Memo { get; init; }

    /// <summary>Contract that is called, or null.</summary>
    public string? Contract { get; init; }

    /// <summary>The call in words or its selector, such as "transfer(address,uint256)" or "0xdeadbeef"; null for none.</summary>
    public string? Method { get; init; }

    /// <summary>False when part of what the transaction does could not be decoded.</summary>
    public bool Understood { get; init; } = true;

    /// <summary>What a reviewer must not overlook.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// The last instant at which the network can take it, where its own dates say so; null where none do, or while they are not
    /// filled in. Never earlier than the truth.
    /// </summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Rules of the network that it breaks, in words: no node takes it.</summary>
    public IReadOnlyList<string> BrokenRules { get; init; } = [];

    /// <summary>Everything else worth showing, by name: gas limit, chain id, expiration, chain tag …</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// Who gets what only the ledger can count: all that is left in an account, or leave to take tokens out of one. It
    /// is in no transfer, for nobody knows how much it is.
    /// </summary>
    public IReadOnlyList<Payee> Uncounted { get; init; } = [];

    /// <summary>Everybody else who gets something, counted or not.</summary>
    public IEnumerable<Payee> Payees => Transfers.Where(transfer => !transfer.IsChange)
        .Select(payment => new Payee(payment.To, payment.Tag)).Concat(Uncounted).Distinct();

    /// <summary>Since when it is expired, in words; null when it is not, or when no clock tells.</summary>
    public string? WhenExpired(DateTimeOffset now) => ValidUntil is { } last && now > last + ClocksApart
        ? string.Create(CultureInfo.InvariantCulture, $"it expired at {last.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}")
        : null;
}

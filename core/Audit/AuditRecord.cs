using System.Globalization;
using System.Text.Json;
using KmsCloud.Anomalies;
using KmsCloud.Codecs;

namespace KmsCloud.Audit;

/// <summary>A payment as an audit line has it.</summary>
/// <param name="To">The recipient.</param>
/// <param name="Amount">The amount as text.</param>
/// <param name="Asset">The asset, with "(raw)" behind it when the amount is in raw units.</param>
public sealed record AuditPayment(string To, string Amount, string Asset)
{
    /// <summary>The same in raw units, of an asset that rules count in them; else null.</summary>
    public string? Units { get; init; }
}

/// <summary>What reports need of an audit line.</summary>
/// <param name="Time">When.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Id">The pending id, or "".</param>
/// <param name="Chain">Chain code, or "".</param>
/// <param name="Wallet">Signature ids, joined by "+", or "".</param>
/// <param name="Reason">Why, or "".</param>
/// <param name="Payments">Payments to others, change left out.</param>
public sealed record AuditRecord(DateTimeOffset Time, string Decision, string Id, string Chain, string Wallet, string Reason, IReadOnlyList<AuditPayment> Payments)
{
    private const string Raw = " (raw)";

    /// <summary>What an operator settled it as, or null.</summary>
    public string? SettledAs { get; init; }

    /// <summary>The rule that found something, of a line that says so; else null.</summary>
    public string? Rule { get; init; }

    /// <summary>Digest of the request, or null.</summary>
    public string? Request { get; init; }

    /// <summary>The asset that the fee is paid in, or null.</summary>
    public string? FeeAsset { get; init; }

    /// <summary>The most it can be, as text; null where there is none.</summary>
    public string? Fee { get; init; }

    /// <summary>Who gets what only the ledger can count.</summary>
    public IReadOnlyList<string> Uncounted { get; init; } = [];

    /// <summary>What anomaly rules look at.</summary>
    public PaymentFacts Facts() => new(Time, Chain, Wallet, [.. Payments.Select(Fact), .. Uncounted.Select(PaidTo.Uncounted)])
    {
        FeeAsset = FeeAsset,
        Fee = ExactSum.Read(Fee ?? "0"),
    };

    private static PaidTo Fact(AuditPayment payment) => payment.Units is { } units
        ? new(payment.To, payment.Asset + Raw, ExactSum.Read(units))
        : new(payment.To, payment.Asset, ExactSum.Read(payment.Amount));

    /// <summary>Reads a line that a check found whole.</summary>
    public static AuditRecord Read(ReadOnlyMemory<byte> line)
    {
        var json = new StrictObject(StrictJson.Parse(line, "the audit line"), "the audit line");
        var payments = (json.OptionalArray("transfers") ?? []).Where(IsPayment).Select(Payment).ToList();
        var wallets = string.Join('+', (json.OptionalArray("wallets") ?? []).Select(wallet => wallet.ToString()));
        var time = DateTimeOffset.TryParse(json.String("time"), CultureInfo.InvariantCulture, out var known) ? known : throw json.Bad("time", "is no time");
        return new(time, json.String("decision"), json.OptionalString("id") ?? "", json.OptionalString("chain") ?? "", wallets, json.OptionalString("reason") ?? "", payments)
        {
            SettledAs = json.OptionalString("as"),
            Rule = json.OptionalString("rule"),
            Request = json.OptionalString("request"),
            Uncounted = [.. (json.OptionalArray("uncounted") ?? []).Select(payee => payee.ToString())],
            FeeAsset = json.OptionalString("feeAsset"),
            Fee = json.OptionalString("fee"),
        };
    }

    private static bool IsPayment(JsonElement transfer) => !transfer.TryGetProperty("change", out _);

    private static AuditPayment Payment(JsonElement transfer)
    {
        var json = new StrictObject(transfer, "a transfer");
        return new(json.String("to"), json.String("amount"), json.String("asset") + (json.OptionalBool("rawUnits") is true ? Raw : ""))
        {
            Units = json.OptionalString("units"),
        };
    }
}

using System.Globalization;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;

namespace KmsCloud.Ledger;

/// <summary>A payment of an audit line.</summary>
/// <param name="To">The recipient.</param>
/// <param name="Amount">The amount as the line has it.</param>
/// <param name="Units">The same in base units, or null where nobody said how many digits there are.</param>
/// <param name="Decimals">Digits behind the point of one coin, or null when nobody knows: the amount is in base units
/// then if <paramref name="Units"/> is there.</param>
/// <param name="Asset">The asset.</param>
internal sealed record LedgerPayment(string To, string Amount, string? Units, int? Decimals, string Asset);

/// <summary>An audit line that a check found whole (docs/audit-log.md).</summary>
internal sealed class LedgerLine
{
    private const int MostDecimals = 77; // a number of 256 bits has no more digits

    private LedgerLine(StrictObject json)
    {
        N = json.Integer("n", 1, long.MaxValue);
        Time = DateTimeOffset.TryParse(json.String("time"), CultureInfo.InvariantCulture, out var known)
            ? known.ToUniversalTime()
            : throw json.Bad("time", "is no time");
        HeadWrites = json.OptionalInteger("h", 0, long.MaxValue) ?? 0;
        Decision = json.String("decision");
        Id = json.OptionalString("id");
        Chain = json.OptionalString("chain");
        Network = json.OptionalString("network");
        Wallets = Joined(json.OptionalArray("wallets"));
        TransactionId = json.OptionalString("txId");
        Reason = json.OptionalString("reason");
        Operator = json.OptionalString("operator");
        SettledAs = json.OptionalString("as");
        Approver = json.OptionalString("approver");
        Request = json.OptionalString("request");
        Transaction = json.OptionalString("transaction");
        Kind = json.OptionalString("kind");
        Memo = json.OptionalString("memo");
        Fee = json.OptionalString("fee");
        FeeAsset = json.OptionalString("feeAsset");
        FeeUnits = Fee is null ? null : Units(Fee, Decimals(json, "feeDecimals", FeeAsset));
        Payments = [.. (json.OptionalArray("transfers") ?? []).Where(IsPayment).Select(Payment)];
    }

    internal long N { get; }

    internal DateTimeOffset Time { get; }

    /// <summary>Writes of the state's head that were durable; 0 where the line does not say.</summary>
    internal long HeadWrites { get; }

    internal string Decision { get; }

    internal string? Id { get; }

    internal string? Chain { get; }

    internal string? Network { get; }

    /// <summary>Signature ids, joined by "+".</summary>
    internal string? Wallets { get; }

    internal string? TransactionId { get; }

    internal string? Reason { get; }

    internal string? Operator { get; }

    /// <summary>What an operator settled it as.</summary>
    internal string? SettledAs { get; }

    internal string? Approver { get; }

    /// <summary>Digest of the request.</summary>
    internal string? Request { get; }

    /// <summary>Digest of the bytes that are signed.</summary>
    internal string? Transaction { get; }

    internal string? Kind { get; }

    internal string? Memo { get; }

    /// <summary>The fee as the line has it.</summary>
    internal string? Fee { get; }

    internal string? FeeAsset { get; }

    /// <summary>The fee in base units, or null where nobody knows.</summary>
    internal string? FeeUnits { get; }

    /// <summary>Payments to others; what comes back to a key of the wallet is left out.</summary>
    internal IReadOnlyList<LedgerPayment> Payments { get; }

    /// <summary>Reads a line.</summary>
    /// <exception cref="Errors.KmsException">It is not one.</exception>
    internal static LedgerLine Read(ReadOnlyMemory<byte> line) =>
        new(new(StrictJson.Parse(line, "the audit line"), "the audit line"));

    private static bool IsPayment(JsonElement transfer) => !transfer.TryGetProperty("change", out _);

    private static string? Joined(IReadOnlyList<JsonElement>? texts) =>
        texts is { Count: > 0 } ? string.Join('+', texts.Select(text => text.ToString())) : null;

    private LedgerPayment Payment(JsonElement element)
    {
        var transfer = new StrictObject(element, "a transfer");
        var (amount, asset) = (transfer.String("amount"), transfer.String("asset"));
        var isRaw = transfer.OptionalBool("rawUnits") is true;
        var decimals = isRaw ? null : Decimals(transfer, "decimals", asset);
        return new(transfer.String("to"), amount, Units(amount, isRaw ? 0 : decimals), decimals, asset);
    }

    /// <summary>Lines of before do not say; the chain's own coin is known.</summary>
    private int? Decimals(StrictObject of, string name, string? asset) =>
        (int?)of.OptionalInteger(name, 0, MostDecimals)
        ?? (Chain is not null && ChainCatalog.All.TryGetValue(Chain, out var chain) && chain.Info.Coin == asset
            ? chain.Info.Decimals
            : null);

    private static string? Units(string amount, int? decimals) =>
        decimals is { } digits ? ExactDecimal.Units(amount, digits)?.ToString(CultureInfo.InvariantCulture) : null;
}

using System.Globalization;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;

namespace KmsCloud.Ledger;

/// <summary>A payment of an audit line.</summary>
/// <param name="To">The recipient.</param>
/// <param name="Amount">The amount as the line has it.</param>
/// <param name="Units">The same in base units, or null where nobody said how many digits there are.</param>
/// <param name="Decimals">Digits behind the point of one coin, or null when nobody knows: the amount is in base units then if <paramref name="Units"/> is there.</param>
/// <param name="Asset">The asset.</param>
internal sealed record LedgerPayment(string To, string Amount, string? Units, int? Decimals, string Asset);

/// <summary>An audit line that a check found whole (docs/audit-log.md).</summary>
internal sealed class LedgerLine
{
    private const int MostDecimals = 77; // a number of 256 bits has no more digits
    private readonly StrictObject json;

    private LedgerLine(StrictObject json)
    {
        this.json = json;
        N = json.Integer("n", 1, long.MaxValue);
        Time = DateTimeOffset.TryParse(json.String("time"), CultureInfo.InvariantCulture, out var known) ? known.ToUniversalTime() : throw json.Bad("time", "is no time");
        Decision = json.String("decision");
        Id = Text("id");
        Chain = Text("chain");
        Wallets = json.OptionalArray("wallets") is { Count: > 0 } wallets ? string.Join('+', wallets.Select(wallet => wallet.ToString())) : null;
    }

    internal long N { get; }

    internal DateTimeOffset Time { get; }

    internal string Decision { get; }

    internal string? Id { get; }

    internal string? Chain { get; }

    /// <summary>Signature ids, joined by "+".</summary>
    internal string? Wallets { get; }

    /// <summary>Reads a line.</summary>
    /// <exception cref="Errors.KmsException">It is not one.</exception>
    internal static LedgerLine Read(ReadOnlyMemory<byte> line) => new(new(StrictJson.Parse(line, "the audit line"), "the audit line"));

    /// <summary>A member that is a text or not there. Each is asked for once.</summary>
    internal string? Text(string name) => json.OptionalString(name);

    /// <summary>The fee: as the line has it, in base units where that is known, and its asset. Asked for once.</summary>
    internal (string? Amount, string? Units, string? Asset) Fee()
    {
        var (amount, asset) = (Text("fee"), Text("feeAsset"));
        return (amount, amount is null ? null : Units(amount, Decimals(json, "feeDecimals", asset)), asset);
    }

    /// <summary>Payments to others; what comes back to a key of the wallet is left out.</summary>
    internal IEnumerable<LedgerPayment> Payments() =>
        (json.OptionalArray("transfers") ?? []).Where(transfer => !transfer.TryGetProperty("change", out _)).Select(Payment);

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
        ?? (Chain is not null && ChainCatalog.All.TryGetValue(Chain, out var chain) && chain.Info.Coin == asset ? chain.Info.Decimals : null);

    private static string? Units(string amount, int? decimals) =>
        decimals is { } digits ? ExactDecimal.Units(amount, digits)?.ToString(CultureInfo.InvariantCulture) : null;
}

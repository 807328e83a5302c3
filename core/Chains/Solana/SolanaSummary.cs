using System.Numerics;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Solana;

/// <summary>A Solana transaction in human terms.</summary>
internal static class SolanaSummary
{
    private const ulong LamportsPerSignature = 5000;
    private const uint UnitsPerInstruction = 200_000;
    private const uint MostUnits = 1_400_000;
    private static readonly BigInteger HighFee = 1_000_000;

    public static TransactionSummary Of(SolanaMessage message, IReadOnlyList<SolanaAction> actions, string code, Network network)
    {
        var payer = message.Accounts[0];
        var created = actions.Select(action => action.TokenAccount).OfType<(string Account, string Owner, string Mint)>()
            .DistinctBy(token => token.Account).ToDictionary(token => token.Account);
        var fee = Fee(message, actions);
        var warnings = actions.Select(action => action.Warning).OfType<string>().ToList();
        if (fee > HighFee)
        {
            warnings.Add("the priority fee is far above the usual");
        }

        if (message.HasDurableNonce)
        {
            warnings.Add("uses a durable nonce: it stays valid until the nonce account is advanced");
        }

        return new()
        {
            Chain = code,
            Network = network,
            Kind = Kind(actions),
            From = [.. message.Signers],
            Transfers =
            [
                .. actions.Select(action => action.Transfer).OfType<Transfer>().Select(transfer => Named(transfer, payer, created)),
                .. actions.Select(action => action.Rent).OfType<Transfer>().Where(rent => !message.Signers.Contains(rent.To)).Select(rent => Named(rent, payer, [])),
            ],
            Uncounted =
            [
                .. actions.Select(action => action.Uncounted).OfType<string>().Where(to => !message.Signers.Contains(to))
                    .Select(to => new Payee(to)),
            ],
            Fee = new(fee, 9, "SOL"),
            Memo = actions.Any(action => action.Memo is not null) ? string.Join("; ", actions.Select(action => action.Memo).OfType<string>()) : null,
            Method = Methods(actions),
            Understood = actions.All(action => action.Understood)
                && actions.All(action => action.Transfer?.To.StartsWith("(entry", StringComparison.Ordinal) is not true),
            Warnings = warnings,
            Details = Details(message, actions),
        };
    }

    /// <summary>5000 lamports for each signature, and what the compute budget says on top.</summary>
    public static BigInteger Fee(SolanaMessage message, IReadOnlyList<SolanaAction> actions)
    {
        var price = actions.Select(action => action.Budget.Price).LastOrDefault(price => price is not null) ?? 0;
        var count = message.Instructions.Count(instruction => instruction.Program != SolanaPrograms.ComputeBudget);
        var limit = actions.Select(action => action.Budget.Limit).LastOrDefault(limit => limit is not null) ?? (uint)count * UnitsPerInstruction;
        var priority = (((BigInteger)price * Math.Min(limit, MostUnits)) + 999_999) / 1_000_000;
        return ((ulong)message.Signers.Count() * LamportsPerSignature) + priority;
    }

    // where the same transaction creates the receiving token account, its owner and token are known; lamports that go there stay SOL
    private static Transfer Named(Transfer transfer, string payer, Dictionary<string, (string Account, string Owner, string Mint)> created)
    {
        var shown = transfer with { From = transfer.From == payer ? null : transfer.From };
        return transfer.Amount.Asset is not "SOL" && created.TryGetValue(transfer.To, out var token)
            ? shown with { To = token.Owner, Amount = transfer.Amount with { Asset = token.Mint } }
            : shown;
    }

    private static string Kind(IReadOnlyList<SolanaAction> actions)
    {
        string[] main = [.. actions.Where(action => action.Transfer is not null || !action.IsUsual).Select(action => action.Name).Distinct()];
        return main.Length > 0 ? string.Join(", ", main) : actions[0].Name;
    }

    private static string? Methods(IReadOnlyList<SolanaAction> actions)
    {
        string[] methods = [.. actions.Where(action => !action.IsUsual).Select(action => action.Name).Distinct()];
        return methods.Length > 0 ? string.Join(", ", methods) : null;
    }

    private static Dictionary<string, string> Details(SolanaMessage message, IReadOnlyList<SolanaAction> actions)
    {
        var details = new Dictionary<string, string> { ["fee payer"] = message.Accounts[0] };
        for (var i = 0; i < actions.Count; i++)
        {
            details[$"instruction {i + 1}"] = actions[i].Text;
        }

        return details;
    }
}

using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Algorand;

/// <summary>An Algorand transaction in human terms.</summary>
internal static class AlgorandSummary
{
    private const ulong HighFee = 10_000; // microAlgos
    private const ulong LongestWindow = 1000; // rounds
    private static readonly string Nobody = AlgorandKey.Address(new byte[32]);

    public static TransactionSummary Of(AlgorandFields fields, string code, Network network)
    {
        var warnings = new List<string>();
        if (fields.Control is { } control)
        {
            warnings.Add(control);
        }

        if (fields.Fee > HighFee)
        {
            warnings.Add("the fee is far above the usual 1000 microAlgos");
        }

        if (fields.LastRound - fields.FirstRound > LongestWindow)
        {
            warnings.Add("stays valid for more than 1000 rounds");
        }

        if (fields.Group.Length > 0)
        {
            warnings.Add("is one part of an atomic group whose other parts are not shown here");
        }

        if (fields.Type is "acfg" && fields.Asset?.Clawback.Length > 0)
        {
            warnings.Add("names an account that may take the asset from its holders");
        }

        return new()
        {
            Chain = code,
            Network = network,
            Kind = string.Join(", ", Controls(fields).Prepend(Kind(fields))),
            From = [AlgorandKey.Address(fields.Sender)],
            Transfers = Transfers(fields),
            Uncounted = fields.CloseTo.Length > 0 ? [new(AlgorandKey.Address(fields.CloseTo))] : [],
            Fee = new(fields.Fee, 6, "ALGO"),
            Memo = fields.Note.Length > 0 ? Printable.Text(fields.Note) : null,
            Method = Method(fields),
            Understood = fields.CloseTo.Length == 0, // how much remains, only the ledger knows
            Warnings = warnings,
            Details = Details(fields),
        };
    }

    /// <summary>What goes along with a payment and gives away the account, or all that is left in it: never a payment alone to a policy.</summary>
    private static IEnumerable<string> Controls(AlgorandFields fields)
    {
        if (fields.RekeyTo.Length > 0)
        {
            yield return "rekey";
        }

        if (fields.CloseTo.Length > 0)
        {
            yield return "close";
        }

        if (fields.RevocationTarget.Length > 0)
        {
            yield return "clawback";
        }
    }

    private static string? Method(AlgorandFields fields)
    {
        string[] methods = [.. fields.Type is "acfg" ? [Kind(fields)] : (string[])[], .. Controls(fields)];
        return methods.Length > 0 ? string.Join(", ", methods) : null;
    }

    private static string Kind(AlgorandFields fields) => fields.Type switch
    {
        "pay" => "transfer",
        "axfer" when IsOptIn(fields) => "asset opt-in",
        "axfer" => "asset transfer",
        _ => fields.AssetId == 0 ? "asset creation" : fields.Asset is null ? "asset destruction" : "asset change",
    };

    private static bool IsOptIn(AlgorandFields fields) =>
        fields.Amount == 0 && fields.Receiver.AsSpan().SequenceEqual(fields.Sender) && fields.CloseTo.Length == 0 && fields.RevocationTarget.Length == 0;

    private static IReadOnlyList<Transfer> Transfers(AlgorandFields fields)
    {
        var to = fields.Receiver.Length > 0 ? AlgorandKey.Address(fields.Receiver) : Nobody;
        return fields.Type switch
        {
            "pay" => [new(to, new(fields.Amount, 6, "ALGO"))],
            "axfer" when !IsOptIn(fields) =>
            [
                new(to, new(fields.Amount, null, $"asset {fields.AssetId}"))
                {
                    From = fields.RevocationTarget.Length > 0 ? AlgorandKey.Address(fields.RevocationTarget) : null,
                },
            ],
            _ => [],
        };
    }

    private static Dictionary<string, string> Details(AlgorandFields fields)
    {
        var details = new Dictionary<string, string> { ["valid rounds"] = $"{fields.FirstRound} to {fields.LastRound}" };
        Add("asset", fields.AssetId > 0, $"{fields.AssetId}");
        Add("rekey to", fields.RekeyTo.Length > 0, Address(fields.RekeyTo));
        Add("close to", fields.CloseTo.Length > 0, Address(fields.CloseTo));
        Add("lease", fields.Lease.Length > 0, Hex.Lower(fields.Lease));
        Add("group", fields.Group.Length > 0, Hex.Lower(fields.Group));
        foreach (var (name, value) in fields.Asset?.Describe() ?? [])
        {
            details[name] = value;
        }

        return details;

        string Address(byte[] key) => key.Length > 0 ? AlgorandKey.Address(key) : "";

        void Add(string name, bool isThere, string value)
        {
            if (isThere)
            {
                details[name] = value;
            }
        }
    }
}

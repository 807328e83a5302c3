using System.Globalization;
using System.Numerics;
using KmsCloud.Codecs;

namespace KmsCloud.Chains.Contracts;

/// <summary>What one chain calls its coin, addresses and tokens.</summary>
internal sealed record CallWords(string Coin, int Decimals, Func<byte[], string> Address, Func<byte[], Token> Token);

/// <summary>
/// What recipient, value and data do together: a payment, a call or a new contract. VeChain's clauses and TRON's calls
/// too.
/// </summary>
internal sealed record CallSummary
{
    private const int Selector = 4;

    /// <summary>In a few words.</summary>
    public required string Kind { get; init; }

    /// <summary>Payments.</summary>
    public IReadOnlyList<Transfer> Transfers { get; init; } = [];

    /// <summary>Contract that is called.</summary>
    public string? Contract { get; init; }

    /// <summary>The call in words or its selector.</summary>
    public string? Method { get; init; }

    /// <summary>False when the data could not be decoded.</summary>
    public bool Understood { get; init; } = true;

    /// <summary>What must not be overlooked.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Size of the data and arguments of the call.</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = new Dictionary<string, string>();

    /// <summary>The summary of one call.</summary>
    public static CallSummary Of(CallWords words, byte[]? to, BigInteger value, byte[] data)
    {
        var coins = new Amount(value, words.Decimals, words.Coin);
        if (to is null)
        {
            return new()
            {
                Kind = "contract creation",
                Transfers = value.IsZero ? [] : [new("(the new contract)", coins)],
                Understood = false,
                Warnings = ["creates a contract whose code is not decoded"],
                Details = Size(data),
            };
        }

        var recipient = words.Address(to);
        if (data.Length == 0)
        {
            return new() { Kind = "transfer", Transfers = [new(recipient, coins)] };
        }

        IReadOnlyList<Transfer> native = value.IsZero ? [] : [new(recipient, coins)];
        if (TokenCall.Read(data, words.Token(to), words.Address) is not { } call)
        {
            return new()
            {
                Kind = "contract call",
                Transfers = native,
                Contract = recipient,
                Method = data.Length < Selector ? "(no selector)" : Hex.Lower0x(data.AsSpan(..Selector)),
                Understood = false,
                Warnings = ["calls a contract in a way that is not decoded"],
                Details = Size(data),
            };
        }

        return new()
        {
            Kind = call.Kind,
            Transfers = [.. call.Transfers, .. native],
            Contract = recipient,
            Method = call.Method,
            Understood = call.Understood,
            Warnings = value.IsZero ? call.Warnings : [.. call.Warnings, $"sends {coins} to the token contract along with the call"],
            Details = new Dictionary<string, string>(Size(data)) { ["arguments"] = string.Join(", ", call.Arguments) },
        };
    }

    private static Dictionary<string, string> Size(byte[] data) => new()
    {
        ["data"] = string.Create(CultureInfo.InvariantCulture, $"{data.Length} bytes"),
    };
}

using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;

namespace KmsCloud.Chains.Contracts;

/// <summary>
/// A call of a token contract in words: ERC-20, ERC-721, ERC-1155 and the same calls on other chains.
/// </summary>
/// <param name="Kind">What it does in a few words.</param>
/// <param name="Method">Its signature.</param>
/// <param name="Arguments">The arguments as text.</param>
/// <param name="Transfers">What moves, or may be moved by whom.</param>
/// <param name="Warnings">What must not be overlooked.</param>
internal sealed record TokenCall(
    string Kind, string Method, IReadOnlyList<string> Arguments, IReadOnlyList<Transfer> Transfers, IReadOnlyList<string> Warnings)
{
    /// <summary>
    /// False when the arguments could not be read, or so much stands behind them that its gas is the point.
    /// </summary>
    public bool Understood { get; init; } = true;

    // a word behind the arguments, as some wallets leave their mark; more is there to be paid for
    private const int MostTrailing = 32;
    private const int MostData = 10_000;

    private static readonly BigInteger Unlimited = BigInteger.One << 255; // this much and more is nobody's balance

    private static readonly FrozenDictionary<uint, Known> Calls = new Dictionary<uint, Known>
    {
        [0xa9059cbb] = new("token transfer", "transfer(address,uint256)", (a, token) => [Pay(a[0], token.Amount(a[1]))]),
        [0x23b872dd] = new("token transfer", "transferFrom(address,address,uint256)", (a, token) => [Pay(a[1], token.Amount(a[2]), a[0])]),
        [0x095ea7b3] = new("token approval", "approve(address,uint256)", (a, token) => [Pay(a[0], token.Amount(a[1]))]),
        [0x42842e0e] = new("NFT transfer", "safeTransferFrom(address,address,uint256)", (a, token) => [Pay(a[1], token.Item(a[2], 1), a[0])]),
        [0xb88d4fde] = new("NFT transfer", "safeTransferFrom(address,address,uint256,bytes)", (a, token) => [Pay(a[1], token.Item(a[2], 1), a[0])]),
        [0xf242432a] = new("NFT transfer", "safeTransferFrom(address,address,uint256,uint256,bytes)", (a, token) =>
            [Pay(a[1], token.Item(a[2], a[3].Number), a[0])]),
        [0x2eb2c2d6] = new("NFT transfer", "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)", (a, token) =>
            [.. a[2].Numbers.Zip(a[3].Numbers, (id, amount) => Pay(a[1], token.Item(id, amount), a[0]))]),
        [0xa22cb465] = new("token approval", "setApprovalForAll(address,bool)", (a, token) => a[1].Number.IsZero ? [] : [Pay(a[0], token.All())]),
        [0x40c10f19] = new("token mint", "mint(address,uint256)", (a, token) => [Pay(a[0], token.Amount(a[1])) with { From = "(newly made)" }]),
        [0x42966c68] = new("token burn", "burn(uint256)", (a, token) => [new("(destroyed)", token.Amount(a[0]))]),
    }.ToFrozenDictionary();

    /// <summary>The call in call data, or null when the selector is not a token's.</summary>
    /// <param name="data">Call data.</param>
    /// <param name="token">The contract that is called.</param>
    /// <param name="address">The chain's form of addresses.</param>
    public static TokenCall? Read(ReadOnlySpan<byte> data, Token token, Func<byte[], string> address)
    {
        if (data.Length < 4 || !Calls.TryGetValue(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data), out var known))
        {
            return null;
        }

        var warnings = new List<string>();
        var types = known.Method[(known.Method.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split(',');
        if (AbiValue.TryRead(types, data[4..], address, warnings, out var trailing) is not { } values || !SameLengths(values))
        {
            return new(known.Kind, known.Method, [], [], [.. warnings, $"the arguments of {known.Method} cannot be read"]) { Understood = false };
        }

        if (known.Method.StartsWith("approve", StringComparison.Ordinal) && values[1].Number >= Unlimited)
        {
            warnings.Add("approves an unlimited amount: the spender can take every token the account has or will have");
        }

        if (known.Method.StartsWith("setApprovalForAll", StringComparison.Ordinal) && !values[1].Number.IsZero)
        {
            warnings.Add(
                "approves all tokens of the contract: the operator can take every one the account has or will have");
        }

        return new(known.Kind, known.Method, [.. values.Select(value => value.Text)], known.Transfers(values, token), warnings) { Understood = trailing <= MostTrailing && data.Length <= MostData };
    }

    private static bool SameLengths(AbiValue[] values) =>
        values.Where(value => value.IsArray).Select(value => value.Numbers.Count).Distinct().Count() < 2;

    private static Transfer Pay(AbiValue to, Amount amount, AbiValue? from = null) =>
        new(to.Text, amount) { From = from?.Text };

    private sealed record Known(string Kind, string Method, Func<AbiValue[], Token, IReadOnlyList<Transfer>> Transfers);
}

/// <summary>A token contract: its name or address, and its decimals when they are known.</summary>
internal readonly record struct Token(string Name, int? Decimals)
{
    /// <summary>An amount of a fungible token.</summary>
    public Amount Amount(AbiValue units) => new(units.Number, Decimals, Name);

    /// <summary>An amount of one item of a collection.</summary>
    public Amount Item(AbiValue id, BigInteger amount) => Item(id.Number, amount);

    /// <summary>An amount of one item of a collection.</summary>
    public Amount Item(BigInteger id, BigInteger amount) =>
        new(amount, 0, string.Create(CultureInfo.InvariantCulture, $"item {id} of {Name}"));

    /// <summary>Everything the account has of it.</summary>
    public Amount All() => new(Unlimited, 0, $"items of {Name}, that is all of them");

    private static readonly BigInteger Unlimited = (BigInteger.One << 256) - 1;
}

using System.Numerics;

namespace KmsCloud.Chains.Cardano;

/// <summary>Lovelace and native assets, the latter by "policy.name" in hexadecimal.</summary>
/// <param name="Lovelace">Millionths of an ada.</param>
/// <param name="Tokens">Units by asset; none are zero.</param>
internal sealed record CardanoValue(BigInteger Lovelace, IReadOnlyDictionary<string, BigInteger> Tokens)
{
    public static CardanoValue Zero { get; } = new(0, new Dictionary<string, BigInteger>());

    public static CardanoValue Sum(IEnumerable<CardanoValue> values)
    {
        var (lovelace, tokens) = (BigInteger.Zero, new Dictionary<string, BigInteger>());
        foreach (var value in values)
        {
            lovelace += value.Lovelace;
            foreach (var (asset, units) in value.Tokens)
            {
                tokens[asset] = tokens.GetValueOrDefault(asset) + units;
            }
        }

        return new(lovelace, tokens);
    }

    /// <summary>Whether both hold the same.</summary>
    public bool Is(CardanoValue other) => Lovelace == other.Lovelace && HasTokens(other);

    /// <summary>Whether both hold the same assets, whatever their lovelace.</summary>
    public bool HasTokens(CardanoValue other) =>
        Tokens.Count == other.Tokens.Count
            && Tokens.All(token => other.Tokens.TryGetValue(token.Key, out var units) && units == token.Value);

    /// <summary>Each asset as an amount; their decimals only their issuers know.</summary>
    public IEnumerable<Amount> Amounts() =>
        Tokens.OrderBy(token => token.Key, StringComparer.Ordinal).Select(token => new Amount(token.Value, null, token.Key)).Prepend(new(Lovelace, 6, "ADA"));
}

/// <summary>An unspent output that is spent: transaction id and number.</summary>
/// <param name="TransactionId">Lower-case hexadecimal.</param>
/// <param name="Index">Number of the output.</param>
internal readonly record struct CardanoCoin(string TransactionId, ulong Index);

/// <summary>An output, as bytes of its address and its value.</summary>
/// <param name="Address">The address as the chain holds it.</param>
/// <param name="Value">What it gets.</param>
internal sealed record CardanoOutput(byte[] Address, CardanoValue Value)
{
    /// <summary>Bytes it takes in the transaction; 0 where it was not read from one.</summary>
    public int Size { get; init; }
}

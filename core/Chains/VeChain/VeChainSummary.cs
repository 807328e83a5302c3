using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Keys;

namespace KmsCloud.Chains.VeChain;

/// <summary>A VeChainThor transaction in human terms.</summary>
internal static class VeChainSummary
{
    private const string EnergyContract = "0x0000000000000000000000000000456e65726779";

    /// <summary>Base price of gas at genesis, 10^-3 VTHO, which the network has lowered since: an upper bound, not what will be paid.</summary>
    private static readonly BigInteger BasePrice = BigInteger.Pow(10, 15);

    private static readonly CallWords Words = new("VET", 18, bytes => AddressForm.Checksummed(bytes), TokenOf);

    /// <summary>Most VTHO the transaction can cost, in base units; null while the gas is not known.</summary>
    public static BigInteger? LargestFee(VeChainFields fields) => fields.Gas * BasePrice * (255 + fields.GasPriceCoef) / 255;

    /// <summary>The summary of the fields that will be signed.</summary>
    public static TransactionSummary Of(Network network, byte[] origin, VeChainFields fields)
    {
        var clauses = fields.Clauses.Select(clause => CallSummary.Of(Words, clause.To, clause.Value, clause.Data)).ToList();
        return new()
        {
            Chain = "VET",
            Network = network,
            Kind = clauses.Count == 1 ? clauses[0].Kind : $"{clauses.Count} clauses: {string.Join(", ", clauses.Select(clause => clause.Kind))}",
            From = [AddressForm.Checksummed(origin)],
            Transfers = [.. clauses.SelectMany(clause => clause.Transfers)],
            Fee = LargestFee(fields) is { } fee ? new(fee, 18, "VTHO") : null,
            Contract = Join(clauses.Select(clause => clause.Contract)),
            Method = Join(clauses.Select(clause => clause.Method)),
            Understood = clauses.All(clause => clause.Understood),
            Warnings = [.. clauses.SelectMany(clause => clause.Warnings)],
            ValidUntil = ThorBlocks.LatestEnd(fields, network),
            Details = Details(fields, clauses),
        };
    }

    private static Dictionary<string, string> Details(VeChainFields fields, List<CallSummary> clauses)
    {
        var details = new Dictionary<string, string>
        {
            ["gas price"] = string.Create(CultureInfo.InvariantCulture, $"base price times 1 + {fields.GasPriceCoef}/255, in VTHO"),
            ["nonce"] = fields.Nonce.ToString(CultureInfo.InvariantCulture),
        };
        if (fields.Gas is { } gas)
        {
            details["gas limit"] = gas.ToString(CultureInfo.InvariantCulture);
        }

        if (fields.ChainTag is { } tag)
        {
            details["chain tag"] = tag.ToString(CultureInfo.InvariantCulture);
        }

        if (fields.BlockRef is { } block)
        {
            details["block reference"] = Hex.Lower0x(block);
            details["expiration"] = string.Create(
                CultureInfo.InvariantCulture, $"{fields.Expiration} blocks after block {BinaryPrimitives.ReadUInt32BigEndian(block)}");
        }

        if (fields.DependsOn is { } other)
        {
            details["depends on"] = Hex.Lower0x(other);
        }

        for (var i = 0; i < clauses.Count; i++)
        {
            foreach (var (name, value) in clauses[i].Details)
            {
                details[clauses.Count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"clause {i + 1} {name}")] = value;
            }
        }

        return details;
    }

    private static string? Join(IEnumerable<string?> texts) => string.Join(", ", texts.OfType<string>().Distinct()) is { Length: > 0 } joined ? joined : null;

    private static Token TokenOf(byte[] contract) => Hex.Lower0x(contract) == EnergyContract ? new("VTHO", 18) : new(AddressForm.Checksummed(contract), null);
}

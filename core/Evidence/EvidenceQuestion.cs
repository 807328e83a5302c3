using System.Numerics;
using KmsCloud.Keys;

namespace KmsCloud.Evidence;

/// <summary>What a yes must have been said to.</summary>
/// <param name="Network">The network.</param>
/// <param name="Id">The pending id.</param>
/// <param name="Request">Digest of the request, lower-case hex.</param>
/// <param name="Number">Which signature of the request it gives, from 1.</param>
/// <param name="Transaction">Digest of the bytes that are signed, lower-case hex; null where they are not
/// known.</param>
/// <param name="Fee">The most it can cost in base units of the fee coin; null where that is not known or not
/// proved.</param>
public sealed record EvidenceQuestion(
    Network Network, string Id, string Request, int Number, string? Transaction, BigInteger? Fee);

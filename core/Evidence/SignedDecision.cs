using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;

namespace KmsCloud.Evidence;

/// <summary>
/// A person's yes or no, signed by a security key: what was decided, and the WebAuthn assertion over it.
/// </summary>
public sealed record SignedDecision
{
    /// <summary>The word for a yes.</summary>
    public const string Approve = "approve";

    /// <summary>The word for a no.</summary>
    public const string Reject = "reject";

    private const string Domain = "kms-approval-evidence-v1";
    private const string TransactionPrefix = "transaction ";
    private const string FeePrefix = "highest-fee ";
    private const int NonceSize = 32;
    private const int LongestFee = 78; // digits of 2^256
    private const long LatestTime = 1L << 40;

    /// <summary><see cref="Approve"/> or <see cref="Reject"/>.</summary>
    public required string Decision { get; init; }

    /// <summary>
    /// What it is bound to beside the request: <c>transaction DIGEST</c>, or <c>highest-fee N</c> in base units.
    /// </summary>
    public required string Bound { get; init; }

    /// <summary>32 random bytes of the question, lower-case hex.</summary>
    public required string Nonce { get; init; }

    /// <summary>From this Unix second on it is worth nothing.</summary>
    public required long Expires { get; init; }

    /// <summary>What the security key gave.</summary>
    public required Assertion Assertion { get; init; }

    /// <summary>What it is bound to where a person saw the very transaction.</summary>
    public static string ToTransaction(string digest) => TransactionPrefix + digest;

    /// <summary>
    /// What it is bound to where a person allowed whatever the request becomes, up to a fee in base units.
    /// </summary>
    public static string ToHighestFee(BigInteger fee) => FeePrefix + fee.ToString(CultureInfo.InvariantCulture);

    /// <summary>A nonce for a question.</summary>
    public static string NewNonce() => Hex.Lower(RandomNumberGenerator.GetBytes(NonceSize));

    /// <summary>
    /// What a security key signs for a decision: SHA-256 over a text of a line for each thing it is bound to. No part
    /// of it can hold the end of a
    /// line, so no two decisions have one text.
    /// </summary>
    public static byte[] Challenge(
        EvidenceQuestion question, string decision, string bound, string nonce, long expires) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{Domain}\n{decision}\n{question.Network.ToString().ToLowerInvariant()}\n{question.Id}\n"
                + $"{question.Request}\n{question.Number}\n{bound}\n{nonce}\n{expires}")));

    internal byte[] Challenge(EvidenceQuestion question) => Challenge(question, Decision, Bound, Nonce, Expires);

    /// <summary>
    /// Whether it is bound to what is asked: to these bytes, or to a fee that is not exceeded, and that is proved.
    /// </summary>
    internal bool IsBoundTo(EvidenceQuestion question)
    {
        if (Bound.StartsWith(TransactionPrefix, StringComparison.Ordinal))
        {
            return question.Transaction is { } digest && Bound == ToTransaction(digest);
        }

        return HighestFee(Bound) is { } most && question.Fee is { } fee && fee <= most;
    }

    internal static SignedDecision Read(StrictObject json)
    {
        var read = new SignedDecision
        {
            Decision = json.String("decision"),
            Bound = json.String("bound"),
            Nonce = json.String("nonce"),
            Expires = json.Integer("expires", 0, LatestTime),
            Assertion = Assertion.Read(json),
        };
        json.Done();
        read.Require(json);
        return read;
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("decision", Decision);
        json.WriteString("bound", Bound);
        json.WriteString("nonce", Nonce);
        json.WriteNumber("expires", Expires);
        Assertion.Write(json);
        json.WriteEndObject();
    }

    private void Require(StrictObject json)
    {
        if (Decision is not (Approve or Reject))
        {
            throw json.Bad("decision", "is neither approve nor reject");
        }

        if (!IsDigest(Nonce))
        {
            throw json.Bad("nonce", "is not 32 bytes in lower-case hex");
        }

        var isTransaction = Bound.StartsWith(TransactionPrefix, StringComparison.Ordinal)
            && IsDigest(Bound[TransactionPrefix.Length..]);
        if (!isTransaction && HighestFee(Bound) is null)
        {
            throw json.Bad("bound", "is neither 'transaction DIGEST' nor 'highest-fee N'");
        }
    }

    /// <summary>The number behind the word, in its one spelling; null where there is none.</summary>
    private static BigInteger? HighestFee(string bound) =>
        bound.StartsWith(FeePrefix, StringComparison.Ordinal) && bound.Length <= FeePrefix.Length + LongestFee
        && BigInteger.TryParse(
            bound.AsSpan(FeePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var fee)
        && ToHighestFee(fee) == bound
            ? fee
            : null;

    private static bool IsDigest(string text) => text.Length == 2 * NonceSize && text.All(char.IsAsciiHexDigitLower);
}

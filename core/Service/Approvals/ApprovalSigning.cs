using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KmsCloud.Codecs;
using KmsCloud.Secrets;

namespace KmsCloud.Approvals;

/// <summary>
/// The HMACs between daemon and approver (docs/four-eye.md): the approver knows who asks, and the daemon that nobody but the
/// approver said yes, to this transaction, just now. Owns the secret.
/// </summary>
/// <param name="secret">The shared secret, <c>KMS_APPROVAL_SECRET</c>.</param>
/// <param name="clock">The time.</param>
public sealed class ApprovalSigning(SecretBytes secret, TimeProvider clock) : IDisposable
{
    /// <summary>Header with the SHA-256 of the pending object's canonical bytes.</summary>
    public const string DigestHeader = "x-kms-digest";

    /// <summary>Header with the time of a request, in Unix seconds.</summary>
    public const string TimestampHeader = "x-kms-timestamp";

    /// <summary>Header with a random value that the answer must be bound to.</summary>
    public const string NonceHeader = "x-kms-nonce";

    /// <summary>Header with the number of the signature that is asked for: 1, and more when the same request is signed afresh.</summary>
    public const string NumberHeader = "x-kms-signature-number";

    /// <summary>Header with the hash of the state's head: an anchor outside the state.</summary>
    public const string StateHeader = "x-kms-state-head";

    /// <summary>Header with the names of the anomaly rules that found something, divided by commas; absent for none.</summary>
    public const string AnomaliesHeader = "x-kms-anomalies";

    /// <summary>Header with the request's HMAC.</summary>
    public const string SignatureHeader = "x-kms-signature";

    /// <summary>Header with the instant, in Unix seconds, from which a signed answer is worth nothing.</summary>
    public const string ExpiresHeader = "x-kms-approval-expires";

    /// <summary>Header with the answer's HMAC.</summary>
    public const string ApprovalHeader = "x-kms-approval";

    /// <summary>Header of an answer that allows whatever transaction of the request costs at most so many base units of the fee coin.</summary>
    public const string HighestFeeHeader = "x-kms-approval-highest-fee";

    /// <summary>Most time a signed answer may be good for, and most a request's time may be off.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Unix seconds now.</summary>
    public long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The HMAC of a request.</summary>
    public string Request(string method, string path, string timestamp, string nonce, string digest, int number, ReadOnlySpan<byte> body)
    {
        var version = number == 1 ? "v1" : $"v2\n{number.ToString(CultureInfo.InvariantCulture)}"; // an approver that knows only v1 refuses a second signature
        return Mac([.. Encoding.UTF8.GetBytes($"kms-approval-request-{version}\n{method}\n{path}\n{timestamp}\n{nonce}\n{digest}\n"), .. body]);
    }

    /// <summary>The HMAC of a yes.</summary>
    /// <param name="id">The pending id.</param>
    /// <param name="digest">Digest of the request.</param>
    /// <param name="nonce">The question's nonce.</param>
    /// <param name="expires">Unix seconds.</param>
    /// <param name="bound">What else it is bound to (<see cref="Bound"/>), where the transaction was shown; null where only the request was.</param>
    public string Answer(string id, string digest, string nonce, string expires, string? bound = null) => Mac(Encoding.UTF8.GetBytes(bound is null
        ? $"kms-approval-answer-v1\napproved\n{id}\n{digest}\n{nonce}\n{expires}"
        : $"kms-approval-answer-v2\napproved\n{id}\n{digest}\n{bound}\n{nonce}\n{expires}"));

    /// <summary>What a yes to a transaction that was shown is bound to: its highest fee when it says so, else the very bytes.</summary>
    public static string Bound(string? transactionDigest, string? highestFee) =>
        highestFee is null ? $"transaction {transactionDigest ?? "none"}" : $"highest-fee {highestFee}";

    /// <summary>Whether two HMACs are the same, in constant time.</summary>
    public static bool Same(string left, string right) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    /// <summary>Whether a Unix time in a header is within <see cref="Longest"/> of now, and for an expiry not past.</summary>
    public bool IsTimely(string seconds, bool expiry) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time) && time < 1L << 40
        && time <= Now + (long)Longest.TotalSeconds && time > Now - (expiry ? 0 : (long)Longest.TotalSeconds);

    /// <inheritdoc/>
    public void Dispose() => secret.Dispose();

    private string Mac(ReadOnlySpan<byte> message) => Hex.Lower(HMACSHA256.HashData(secret.Span, message));
}

namespace KmsCloud.Signing;

/// <summary>What a decision stands for.</summary>
/// <param name="Request">
/// SHA-256 over the request's canonical bytes, as the approver is told it; lower-case hex.
/// </param>
/// <param name="Transaction">
/// SHA-256 over the bytes that are signed, or null before they are known; lower-case hex.
/// </param>
internal sealed record TransactionDigests(string Request, string? Transaction);

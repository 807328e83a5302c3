using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Keys;

namespace KmsCloud.Chains;

/// <summary>
/// A transaction that nothing is missing of and that does not change any more: what policy and approver see is what is
/// signed.
/// </summary>
public sealed class CompleteTransaction
{
    private readonly UnsignedTransaction transaction;

    /// <summary>Takes a transaction whose questions are answered.</summary>
    /// <exception cref="InvalidOperationException">Something is missing.</exception>
    public CompleteTransaction(UnsignedTransaction transaction)
    {
        if (transaction.Missing.Count > 0)
        {
            throw new InvalidOperationException("the transaction is not complete");
        }

        this.transaction = transaction;
        Digest = Hex.Lower(SHA256.HashData(transaction.SigningBytes));
    }

    /// <summary>The transaction in human terms.</summary>
    public TransactionSummary Summary => transaction.Summary;

    /// <summary>
    /// SHA-256 over the bytes that are signed (<see cref="UnsignedTransaction.SigningBytes"/>), lower-case hex.
    /// </summary>
    public string Digest { get; }

    /// <summary>The account whose sequence number was given out for it, or null.</summary>
    public string? SequenceAccount => transaction.SequenceAccount;

    /// <summary>That number, or null.</summary>
    public ulong? Sequence => transaction.Sequence;

    /// <summary>Account and number where the request brought the number along; null otherwise.</summary>
    public (string Account, ulong Number)? BroughtSequence => transaction.BroughtSequence;

    /// <summary>Outputs it spends, as in <see cref="SignedTransaction.Spent"/>; null for none.</summary>
    public string? Spent => transaction.Spent;

    /// <summary>Opens the keys it needs, signs and verifies.</summary>
    public SignedTransaction Sign(ISigningKeys keys) => transaction.Sign(keys);
}

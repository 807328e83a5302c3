namespace KmsCloud.Chains;

/// <summary>
/// What a chain's nodes say of a transaction they do not take, and how the chain is asked for one. A word ends where letters and digits end;
/// a star stands for the rest of the word. Each chain has its own, in its folder; docs/broadcasts.md tells where they come from.
/// </summary>
public sealed record BroadcastRules
{
    /// <summary>It can never be taken, whatever happens: a bad signature, a malformed or forbidden form.</summary>
    public IReadOnlyList<string> Permanent { get; init; } = [];

    /// <summary>
    /// Those of them that speak of what is outside the bytes that we signed, where somebody else can add it
    /// (<see cref="SignedTransaction.MayBeCompleted"/>): then they are not the last.
    /// </summary>
    public IReadOnlyList<string> Completable { get; init; } = [];

    /// <summary>Not now: kept, and sent again later.</summary>
    public IReadOnlyList<string> Passing { get; init; } = [];

    /// <summary>Known already, or its place is taken, perhaps by itself: the chain is asked.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];

    /// <summary>Words with which the chain's side says that it does not have a transaction, beside HTTP 404.</summary>
    public IReadOnlyList<string> Absent { get; init; } = ["not found", "tx.not.found", "transaction.not.found", "no such transaction", "txnNotFound", "does not exist"];

    /// <summary>Gateway path below which a transaction has its page, such as <c>/v3/bitcoin/transaction/</c>; null where the submission asks by itself.</summary>
    public string? LookRoute { get; init; }

    /// <summary>Gateway path below which an account's count of confirmed transactions is; null where no number is handed out.</summary>
    public string? CountRoute { get; init; }

    /// <summary>Asks the operator's own node whether the chain has a transaction; null where no such question is known.</summary>
    public SecondLook? Second { get; init; }

    /// <summary>
    /// Hands the signed bytes to it, when the gateway says that they are refused for good: what it takes is on its way, and its own words decide. Null
    /// where only its looking for the transaction counts.
    /// </summary>
    public Func<string, NodeCall>? SecondSend { get; init; }

    /// <summary>Asks it whether a transaction that is in a block failed there; null where the chain's side does not tell us.</summary>
    public SecondFailure? SecondFailure { get; init; }

    /// <summary>
    /// Asks it for what its not having a transaction must be backed by (expired): that it has seen the chain pass the transaction's validity, and reaches
    /// back to its signature. Without <see cref="Second"/> it proves by itself that the transaction is in no block. Null: its absence proves nothing.
    /// </summary>
    public Func<SignedDates, SecondProof?>? SecondPast { get; init; }

    /// <summary>Asks it for an account's count of included transactions, given account and number: past the number (replaced). Null: its absence proves nothing.</summary>
    public Func<string, ulong, SecondProof>? SecondCount { get; init; }
}

/// <summary>A question to a node of the operator's own: how a transaction that is in a block ended there.</summary>
/// <param name="Ask">The call for a transaction id.</param>
/// <param name="Failed">True: executing it failed. False: it did what it says. Null: the answer does not tell.</param>
public sealed record SecondFailure(Func<string, NodeCall> Ask, Func<NodeAnswer, bool?> Failed);

/// <summary>What is known of a signed transaction's life.</summary>
/// <param name="Data">What was signed, as the journal keeps it.</param>
/// <param name="SignedAt">When, by our clock.</param>
/// <param name="ValidUntil">Its own last instant, where a clock tells.</param>
public sealed record SignedDates(string Data, DateTimeOffset SignedAt, DateTimeOffset? ValidUntil)
{
    /// <summary>What a node must reach back to: nothing was sent before, and clocks differ.</summary>
    public DateTimeOffset Start => SignedAt - TimeSpan.FromMinutes(10);
}

/// <summary>A question to the operator's own node, and what its answer leads to.</summary>
/// <param name="Ask">The call; null when nothing more is to be asked.</param>
/// <param name="Then">Reads the answer: the next question, <see cref="Given"/>, or null when it proves nothing.</param>
public sealed record SecondProof(NodeCall? Ask, Func<NodeAnswer, SecondProof?> Then)
{
    /// <summary>It is proved.</summary>
    public static SecondProof Given { get; } = new(null, _ => null);
}

/// <summary>What the words of a refusal mean.</summary>
public enum RefusalKind
{
    /// <summary>Nobody knows: it may be out.</summary>
    Unclear,

    /// <summary>Never.</summary>
    Permanent,

    /// <summary>Not now.</summary>
    Passing,

    /// <summary>Known or taken.</summary>
    Known,
}

/// <summary>Whether the chain has a transaction.</summary>
public enum Presence
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>It has it.</summary>
    Found,

    /// <summary>It says that it does not.</summary>
    Absent,
}

/// <summary>A question to a node of the operator's own, in the node's own language.</summary>
/// <param name="Ask">The call for a transaction id; its path is below the node's URL.</param>
/// <param name="Read">What the answer says of the id.</param>
public sealed record SecondLook(Func<string, NodeCall> Ask, Func<NodeAnswer, string, Presence> Read);

using System.Globalization;
using KmsCloud.Errors;
using KmsCloud.Signing;
using Microsoft.Data.Sqlite;

namespace KmsCloud.Ledger;

/// <summary>A charge against a limit of the policy.</summary>
internal sealed record PolicyUse(long N, string Time, string Id, string Rule, string Chain, string Asset, string Amount);

/// <summary>Writes rows. Nothing is remembered between two lines but what the database holds.</summary>
internal sealed class LedgerRows : IDisposable
{
    private readonly List<SqliteCommand> commands = [];
    private readonly SqliteCommand about;
    private readonly SqliteCommand request;
    private readonly SqliteCommand decision;
    private readonly SqliteCommand firstTime;
    private readonly SqliteCommand latest;
    private readonly SqliteCommand transaction;
    private readonly SqliteCommand state;
    private readonly SqliteCommand payment;
    private readonly SqliteCommand payments;
    private readonly SqliteCommand withdrawal;
    private readonly SqliteCommand unaudited;
    private readonly SqliteCommand approval;
    private readonly SqliteCommand policyUse;
    private readonly SqliteCommand journal;

    internal LedgerRows(SqliteConnection database)
    {
        about = Prepare(database, "INSERT INTO about VALUES", 2);
        request = Prepare(database, "INSERT OR IGNORE INTO requests VALUES", 3);
        decision = Prepare(database, "INSERT INTO decisions VALUES", 11);
        transaction = Prepare(database, "INSERT INTO transactions VALUES", 17);
        payment = Prepare(database, "INSERT OR IGNORE INTO payments VALUES", 8);
        payments = Command(database, "SELECT 1 FROM payments WHERE id = $1 AND signature = $2 LIMIT 1", 2);
        withdrawal = Command(
            database,
            """
            INSERT OR IGNORE INTO withdrawals
            SELECT p.id, p.signature, p.payment, $3, $4, $5, coalesce(t.chain, $6), t.network, t.wallets, t.tx_id,
                   p.recipient, p.amount, p.units, p.decimals, p.asset
            FROM payments p JOIN transactions t ON t.id = p.id AND t.signature = p.signature
            WHERE p.id = $1 AND p.signature = $2
            """,
            6);
        unaudited = Command(
            database,
            "SELECT id FROM journal WHERE event = 'signed' AND id NOT IN (SELECT id FROM requests) ORDER BY n LIMIT 1",
            0);
        approval = Prepare(database, "INSERT INTO approvals VALUES", 9);
        policyUse = Prepare(database, "INSERT OR REPLACE INTO policy_use VALUES", 7);
        journal = Prepare(database, "INSERT INTO journal VALUES", 14);
        firstTime = Command(database, "SELECT first_time FROM requests WHERE id = $1", 1);
        latest = Command(
            database, "SELECT signature, state, broadcast FROM transactions WHERE id = $1 ORDER BY signature DESC LIMIT 1", 1);
        state = Command(
            database,
            """
            UPDATE transactions SET state = $3, broadcast = coalesce(broadcast, $4), tx_id = coalesce($5, tx_id)
            WHERE id = $1 AND signature = $2
            """,
            5);
    }

    /// <inheritdoc/>
    public void Dispose() => commands.ForEach(command => command.Dispose());

    internal void AddAbout(string name, string value) => Run(about, name, value);

    /// <summary>The rows of an audit line.</summary>
    internal void Add(LedgerLine line)
    {
        var time = Time(line.Time);
        var read = new Read(line);
        Run(decision, line.N, time, line.Decision, line.Id, line.Chain, read.Network, line.Wallets, read.TxId, read.Kind, read.Reason, read.Operator);
        if (line.Id is null)
        {
            return;
        }

        Run(request, line.Id, line.N, time);
        switch (line.Decision)
        {
            case "signing":
                AddApproval(line, time, read, "approved");
                AddTransaction(line, time, read);
                break;
            case "not-approved":
                AddApproval(line, time, read, "not approved");
                break;
            case "broadcast":
                AddWithdrawals(line, time, read);
                break;
            case "settled" when read.As == "accepted":
                AddWithdrawals(line, time, read); // an operator knows that it arrived
                break;
            case "settled":
                SetState(line, read, read.As ?? line.Decision, null);
                break;
            case "unknown" or "rejected" or "expired" or "replaced" or "released" or "disagreed":
                SetState(line, read, line.Decision, null);
                break;
        }
    }

    /// <summary>Requires that every id that the journal signed is in the audit log.</summary>
    /// <exception cref="KmsException">One is not: lines of the audit log are missing.</exception>
    internal void RequireJournalInAudit()
    {
        if (unaudited.ExecuteScalar() is string id)
        {
            throw new KmsException(
                Failure.WalletFile, $"'{Printable.Line(id)}' was signed according to the journal and is not in the audit log",
                "see: kms audit verify");
        }
    }

    internal void AddPolicyUse(PolicyUse use) => Run(policyUse, use.N, use.Time, use.Id, use.Rule, use.Chain, use.Asset, use.Amount);

    internal void AddJournal(long n, JournalRecord record) => Run(
        journal, n, Time(record.Time), record.Event, record.Id, record.Chain, record.TransactionId, record.Account,
        record.Sequence?.ToString(CultureInfo.InvariantCulture), record.ValidUntil is { } until ? Time(until) : null, record.Number,
        record.Fee?.ToString(CultureInfo.InvariantCulture), record.Sent, record.Reason,
        record.Doubt is JournalDoubt.None ? null : record.Doubt.ToString().ToLowerInvariant());

    private void AddApproval(LedgerLine line, string time, Read read, string answer)
    {
        if (answer != "approved" || read.Approver is not null)
        {
            Run(approval, line.N, time, line.Id, line.Chain, answer, read.Approver, read.Reason, read.Request, read.Transaction);
        }
    }

    private void AddTransaction(LedgerLine line, string time, Read read)
    {
        var before = Latest(line.Id!);
        if (before is { IsOver: false })
        {
            return; // the same signature, written down once more after a crash between audit log and journal
        }

        var signature = (before?.Signature ?? 0) + 1;
        AddTransaction(line, read, signature, time, null);
        AddPayments(line, read, signature);
    }

    private void AddTransaction(LedgerLine line, Read read, long signature, string? signed, string? broadcast)
    {
        var requested = signature == 1 ? FirstTime(line.Id!) : Time(line.Time);
        Run(
            transaction, line.Id, signature, line.Chain, read.Network, line.Wallets, broadcast is null ? "signed" : "broadcast", requested,
            signed, broadcast, read.TxId, read.Kind, read.Memo, read.Fee.Amount, read.Fee.Units, read.Fee.Asset, read.Request, read.Transaction);
    }

    /// <summary>What went out a second time, or was heard of again, is one withdrawal.</summary>
    private void AddWithdrawals(LedgerLine line, string time, Read read)
    {
        var known = Latest(line.Id!);
        if (known is not { IsOver: false })
        {
            var next = (known?.Signature ?? 0) + 1; // the log does not say when it was signed
            AddTransaction(line, read, next, null, null);
            AddPayments(line, read, next);
            known = new(next, "signed", false);
        }

        SetState(line, read, "broadcast", known.WasBroadcast ? null : time);
        if (known.WasBroadcast)
        {
            return;
        }

        if (line.Decision == "broadcast" && !HasPayments(line.Id!, known.Signature))
        {
            AddPayments(line, read, known.Signature);
        }

        Run(withdrawal, line.Id, known.Signature, line.N, time, time[..10], line.Chain);
    }

    /// <summary>What was shown when it was signed is what it pays, whatever can be read of the request later.</summary>
    private void AddPayments(LedgerLine line, Read read, long signature)
    {
        foreach (var (number, paid) in read.Payments.Index())
        {
            Run(payment, line.Id, signature, number + 1, paid.To, paid.Amount, paid.Units, paid.Decimals, paid.Asset);
        }
    }

    private bool HasPayments(string id, long signature)
    {
        Bind(payments, id, signature);
        return payments.ExecuteScalar() is not null;
    }

    private void SetState(LedgerLine line, Read read, string to, string? broadcast)
    {
        if (Latest(line.Id!) is { } known)
        {
            Run(state, line.Id, known.Signature, to, broadcast, read.TxId);
        }
    }

    private Signed? Latest(string id)
    {
        Bind(latest, id);
        using var row = latest.ExecuteReader();
        return row.Read() ? new(row.GetInt64(0), row.GetString(1), !row.IsDBNull(2)) : null;
    }

    private string FirstTime(string id)
    {
        Bind(firstTime, id);
        return (string)firstTime.ExecuteScalar()!;
    }

    private SqliteCommand Prepare(SqliteConnection database, string insert, int count) =>
        Command(database, $"{insert} ({string.Join(", ", Enumerable.Range(1, count).Select(at => $"${at}"))})", count);

    private SqliteCommand Command(SqliteConnection database, string sql, int count)
    {
        var command = database.CreateCommand();
#pragma warning disable CA2100 // every text is written in this file
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var at = 1; at <= count; at++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = $"${at}" });
        }

        commands.Add(command);
        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        Bind(command, values);
        command.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var at = 0; at < values.Length; at++)
        {
            command.Parameters[at].Value = values[at] ?? DBNull.Value;
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The members of a line that more than one row wants.</summary>
    private sealed class Read(LedgerLine line)
    {
        internal string? Network { get; } = line.Text("network");

        internal string? TxId { get; } = line.Text("txId");

        internal string? Reason { get; } = line.Text("reason");

        internal string? Operator { get; } = line.Text("operator");

        internal string? As { get; } = line.Text("as");

        internal string? Approver { get; } = line.Text("approver");

        internal string? Request { get; } = line.Text("request");

        internal string? Transaction { get; } = line.Text("transaction");

        internal string? Kind { get; } = line.Text("kind");

        internal string? Memo { get; } = line.Text("memo");

        internal (string? Amount, string? Units, string? Asset) Fee { get; } = line.Fee();

        internal IEnumerable<LedgerPayment> Payments { get; } = line.Payments();
    }

    /// <summary>The newest signature of an id.</summary>
    private sealed record Signed(long Signature, string State, bool WasBroadcast)
    {
        /// <summary>Whether the id may have been signed afresh since.</summary>
        internal bool IsOver => State is "released" or "expired" or "replaced" or "disagreed";
    }
}

using System.Globalization;
using KmsCloud.Errors;
using KmsCloud.Signing;
using Microsoft.Data.Sqlite;

namespace KmsCloud.Ledger;

/// <summary>A charge against a limit of the policy.</summary>
internal sealed record PolicyUse(
    long N, string Time, string Id, string Rule, string Chain, string Asset, string Amount);

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
        payment = Prepare(database, "INSERT INTO payments VALUES", 8);
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
        Run(
            decision, line.N, time, line.Decision, line.Id, line.Chain, line.Network, line.Wallets, line.TransactionId,
            line.Kind, line.Reason, line.Operator);
        if (line.Id is null)
        {
            return;
        }

        Run(request, line.Id, line.N, time);
        switch (line.Decision)
        {
            case "signing":
                AddSigned(line, line.Id, time);
                break;
            case "not-approved":
                AddApproval(line, time, "not approved");
                break;
            case "broadcast":
            case "settled" when line.SettledAs == "accepted": // an operator knows that it arrived
                AddWithdrawals(line, line.Id, time);
                break;
            case "settled":
                SetState(line, line.Id, line.SettledAs ?? line.Decision);
                break;
            case "unknown" when Latest(line.Id) is { WasBroadcast: true }:
                break; // heard of again, or asked for again with another content: what arrived has arrived
            case "unknown" or "rejected" or "expired" or "replaced" or "released" or "disagreed":
                SetState(line, line.Id, line.Decision);
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

    internal void AddPolicyUse(PolicyUse use) =>
        Run(policyUse, use.N, use.Time, use.Id, use.Rule, use.Chain, use.Asset, use.Amount);

    internal void AddJournal(long n, JournalRecord record) => Run(
        journal, n, Time(record.Time), record.Event, record.Id, record.Chain, record.TransactionId, record.Account,
        record.Sequence?.ToString(CultureInfo.InvariantCulture), record.ValidUntil is { } until ? Time(until) : null, record.Number,
        record.Fee?.ToString(CultureInfo.InvariantCulture), record.Sent, record.Reason,
        record.Doubt is JournalDoubt.None ? null : record.Doubt.ToString().ToLowerInvariant());

    private void AddSigned(LedgerLine line, string id, string time)
    {
        if (line.Approver is not null)
        {
            AddApproval(line, time, "approved");
        }

        var before = Latest(id);
        if (before is { IsOver: false })
        {
            return; // the same signature, written down once more after a crash between audit log and journal
        }

        AddTransaction(line, id, Next(before), time);
    }

    private void AddApproval(LedgerLine line, string time, string answer) => Run(
        approval, line.N, time, line.Id, line.Chain, answer, line.Approver, line.Reason, line.Request, line.Transaction);

    private void AddTransaction(LedgerLine line, string id, long signature, string? signed)
    {
        Run(
            transaction, id, signature, line.Chain, line.Network, line.Wallets, "signed",
            signature == 1 ? FirstTime(id) : Time(line.Time), signed, null, line.TransactionId, line.Kind, line.Memo,
            line.Fee, line.FeeUnits, line.FeeAsset, line.Request, line.Transaction);
        AddPayments(line, id, signature);
    }

    /// <summary>What went out a second time, or was heard of again, is one withdrawal.</summary>
    private void AddWithdrawals(LedgerLine line, string id, string time)
    {
        var known = Latest(id);
        if (known is not { IsOver: false })
        {
            known = new(Next(known), "signed", false); // the log does not say when it was signed
            AddTransaction(line, id, known.Signature, null);
        }

        SetState(line, id, "broadcast", time);
        if (known.WasBroadcast)
        {
            return;
        }

        if (!HasPayments(id, known.Signature))
        {
            AddPayments(line, id, known.Signature); // a log of before did not show them when it was signed
        }

        Run(withdrawal, id, known.Signature, line.N, time, time[..10], line.Chain);
    }

    /// <summary>What was shown when it was signed is what it pays, whatever can be read of the request later.</summary>
    private void AddPayments(LedgerLine line, string id, long signature)
    {
        foreach (var (number, paid) in line.Payments.Index())
        {
            Run(payment, id, signature, number + 1, paid.To, paid.Amount, paid.Units, paid.Decimals, paid.Asset);
        }
    }

    private bool HasPayments(string id, long signature)
    {
        Bind(payments, id, signature);
        return payments.ExecuteScalar() is not null;
    }

    private void SetState(LedgerLine line, string id, string to, string? broadcast = null)
    {
        if (Latest(id) is { } known)
        {
            Run(state, id, known.Signature, to, broadcast, line.TransactionId);
        }
    }

    private Signed? Latest(string id)
    {
        Bind(latest, id);
        using var row = latest.ExecuteReader();
        return row.Read() ? new(row.GetInt64(0), row.GetString(1), !row.IsDBNull(2)) : null;
    }

    private static long Next(Signed? before) => (before?.Signature ?? 0) + 1;

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

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The newest signature of an id.</summary>
    private sealed record Signed(long Signature, string State, bool WasBroadcast)
    {
        /// <summary>Whether the id may have been signed afresh since.</summary>
        internal bool IsOver => State is "released" or "expired" or "replaced" or "disagreed";
    }
}

namespace KmsCloud.Ledger;

/// <summary>
/// The tables of a ledger (docs/ledger.md). Amounts are text: sums of them are made outside of SQL, exactly.
/// </summary>
internal static class LedgerSchema
{
    /// <summary>Changes with every change of a table.</summary>
    internal const string Version = "1";

    /// <summary>What makes the tables.</summary>
    internal const string Tables = """
        CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE requests (id TEXT PRIMARY KEY, first_n INTEGER NOT NULL, first_time TEXT NOT NULL)
          STRICT, WITHOUT ROWID;
        CREATE TABLE decisions (
          n INTEGER PRIMARY KEY, time TEXT NOT NULL, decision TEXT NOT NULL, id TEXT, chain TEXT, network TEXT,
          wallets TEXT, tx_id TEXT, kind TEXT, reason TEXT, operator TEXT) STRICT;
        CREATE TABLE transactions (
          id TEXT NOT NULL, signature INTEGER NOT NULL, chain TEXT, network TEXT, wallets TEXT, state TEXT NOT NULL,
          requested TEXT NOT NULL, signed TEXT, broadcast TEXT, tx_id TEXT, kind TEXT, memo TEXT,
          fee TEXT, fee_units TEXT, fee_asset TEXT, request TEXT, "transaction" TEXT,
          PRIMARY KEY (id, signature)) STRICT, WITHOUT ROWID;
        CREATE TABLE payments (
          id TEXT NOT NULL, signature INTEGER NOT NULL, payment INTEGER NOT NULL,
          recipient TEXT NOT NULL, amount TEXT NOT NULL, units TEXT, decimals INTEGER, asset TEXT NOT NULL,
          PRIMARY KEY (id, signature, payment)) STRICT, WITHOUT ROWID;
        CREATE TABLE withdrawals (
          id TEXT NOT NULL, signature INTEGER NOT NULL, payment INTEGER NOT NULL, n INTEGER NOT NULL,
          time TEXT NOT NULL, day TEXT NOT NULL, chain TEXT, network TEXT, wallets TEXT, tx_id TEXT,
          recipient TEXT NOT NULL, amount TEXT NOT NULL, units TEXT, decimals INTEGER, asset TEXT NOT NULL,
          PRIMARY KEY (id, signature, payment)) STRICT, WITHOUT ROWID;
        CREATE TABLE approvals (
          n INTEGER PRIMARY KEY, time TEXT NOT NULL, id TEXT, chain TEXT, answer TEXT NOT NULL, approver TEXT,
          reason TEXT, request TEXT, "transaction" TEXT) STRICT;
        CREATE TABLE policy_use (
          n INTEGER NOT NULL, time TEXT NOT NULL, id TEXT NOT NULL, rule TEXT NOT NULL, chain TEXT NOT NULL,
          asset TEXT NOT NULL, amount TEXT NOT NULL, PRIMARY KEY (n, asset)) STRICT, WITHOUT ROWID;
        CREATE TABLE journal (
          n INTEGER PRIMARY KEY, time TEXT NOT NULL, event TEXT NOT NULL, id TEXT NOT NULL, chain TEXT, tx_id TEXT,
          account TEXT, sequence TEXT, valid_until TEXT, signature INTEGER, fee_units TEXT, sent INTEGER, reason TEXT,
          doubt TEXT) STRICT;
        """;

    /// <summary>What makes queries by time fast; made after the rows.</summary>
    internal const string Indexes = """
        CREATE INDEX decisions_id ON decisions (id);
        CREATE INDEX withdrawals_day ON withdrawals (day, chain);
        CREATE INDEX transactions_broadcast ON transactions (broadcast);
        """;

    /// <summary>The tables that can be exported.</summary>
    internal static readonly IReadOnlyList<string> Names =
        ["withdrawals", "transactions", "payments", "decisions", "approvals", "policy_use", "journal", "requests"];
}

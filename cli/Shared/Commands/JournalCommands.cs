using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KmsCloud.Errors;
using KmsCloud.Primitives.Native;
using KmsCloud.Signing;
using KmsCloud.State;

namespace KmsCloud.Cli.Commands;

/// <summary>kms journal list, show, settle and forget.</summary>
internal static class JournalCommands
{
    private const int LongestReason = 500;

    internal static Command Create() =>
        new(
            "journal",
            "See what was signed, say what became of it, and release what can never be "
            + "included")
        {
            List(), Show(), Settle(), Forget(), JournalGapCommands.Gaps(), JournalGapCommands.Mend(), JournalRepairCommand.Create(),
        };

    private static Command List()
    {
        var command = new Command(
            "list",
            "Every signed transaction and what became of it, oldest first")
        {
            StateFolder.Option, OutputFormat.Option,
        };
        command.SetAction(arguments =>
        {
            using var log = FileAppendLog.OpenForReading(StateFolder.Journal(StateFolder.Of(new Session(arguments))));
            var entries = JournalLog.ReadAll(log).Values.OrderBy(entry => entry.SignedAt).ThenBy(
                entry => entry.Id, StringComparer.Ordinal).ToList();
            if (OutputFormat.IsTable(arguments))
            {
                PrintTable(entries);
                return 0;
            }

            Terminal.PrintJson(json =>
            {
                json.WriteStartArray();
                foreach (var entry in entries)
                {
                    Write(json, entry, data: null);
                }

                json.WriteEndArray();
            });
            return 0;
        });
        return command;
    }

    private static void PrintTable(List<JournalEntry> entries)
    {
        var table = new ResultTable("signed at", "chain", "id", "state", "sent", "transaction id", "heard last");
        foreach (var entry in entries)
        {
            table.AddCells(
                Times.Text(entry.SignedAt),
                entry.Chain,
                entry.Id,
                State(entry),
                entry.Sent.ToString(CultureInfo.InvariantCulture),
                entry.TransactionId,
                entry.Reason);
        }

        Terminal.PrintTable(table);
    }

    /// <summary>The state in words: what the gateway alone concludes is said to be unproved.</summary>
    private static string State(JournalEntry entry) =>
        entry is { State: JournalState.Outstanding, Doubt: not JournalDoubt.None }
        ? $"{entry.Doubt.ToString().ToLowerInvariant()}, unproved"
        : entry.State.ToString().ToLowerInvariant();

    private static Command Show()
    {
        var id = PendingId();
        var command = new Command(
            "show", "One signed transaction with the bytes that were signed")
        {
            id, StateFolder.Option,
        };
        command.SetAction(async (arguments, _) =>
        {
            using var log = FileAppendLog.OpenForReading(StateFolder.Journal(StateFolder.Of(new Session(arguments))));
            var journal = Journal.Open(log, TimeProvider.System);
            var entry = await FindAsync(journal, arguments.GetRequiredValue(id));
            var signed = await journal.ReadSignedAsync(entry);
            Terminal.PrintJson(json => Write(json, entry, signed.Data));
            return 0;
        });
        return command;
    }

    private static Command Forget()
    {
        var id = PendingId();
        var command = new Command(
            "forget",
            "Release a transaction that can never be included, so that it may be signed afresh; the daemon must not "
            + "run")
        {
            id, StateFolder.Option,
        };
        command.SetAction(
            (arguments, _) =>
                DecideAsync(new Session(arguments), arguments.GetRequiredValue(id), JournalState.Released));
        return command;
    }

    private static Command Settle()
    {
        var id = PendingId();
        var outcome = new Option<string>("--as")
        {
            Description = "What became of it, as you found out",
            Required = true,
        };
        outcome.AcceptOnlyFromAmong("accepted", "expired", "replaced", "rejected");
        var command = new Command(
            "settle",
            "Say what became of a transaction that may be out, when you know it from elsewhere; the daemon must not "
            + "run")
        {
            id, outcome, StateFolder.Option,
        };
        command.SetAction((arguments, _) => DecideAsync(
            new Session(arguments),
            arguments.GetRequiredValue(id),
            Enum.Parse<JournalState>(arguments.GetRequiredValue(outcome), ignoreCase: true)));
        return command;
    }

    /// <summary>
    /// What an operator decides about an entry: asked for, written into the audit log, then into the journal.
    /// </summary>
    private static async Task<int> DecideAsync(Session session, string id, JournalState state)
    {
        var isRelease = state is JournalState.Released;
        var done = isRelease ? "released" : "settled";
        var folder = StateFolder.Of(session);
        using (var look = FileAppendLog.OpenForReading(StateFolder.Journal(folder)))
        {
            // an unknown id makes no files and asks no password
            await FindAsync(Journal.Open(look, TimeProvider.System), id);
        }

        using var store = session.OpenStore();
        using var held = StateFolder.Open(session);
        using var books = StateBooks.Open(
            held,
            store,
            TimeProvider.System,
            session.Settings.IsOn("KMS_ACCEPT_LEGACY_WALLET"));
        var journal = books.Journal;
        var entry = await FindAsync(journal, id);
        if (isRelease && entry.State is JournalState.Released)
        {
            throw KmsException.Refused($"'{id}' was released before");
        }

        if (!isRelease && entry.State is not JournalState.Outstanding)
        {
            throw KmsException.Refused($"'{id}' is {entry.State.ToString().ToLowerInvariant()} already");
        }

        Terminal.Warn(
            $"'{id}' on {entry.Chain} was signed {Times.Text(entry.SignedAt)} as transaction "
            + $"{entry.TransactionId ?? "unknown"}, sent {entry.Sent} times, and is {State(entry)}; "
            + $"heard last: {entry.Reason ?? "nothing"}");
        if (isRelease || (state is JournalState.Expired && entry.IsDated))
        {
            Terminal.Warn("it may be signed afresh then: if it is or can be in a block, that pays twice");
        }

        if (Ask($"Type the id to {(isRelease ? "release" : "settle")} it: ") != id)
        {
            throw new KmsException(
                Failure.Usage, $"nothing was {done}: the id was not repeated", $"type {id} when asked");
        }

        var reason = Ask(isRelease ? "Why can it never be included? " : "How do you know? ");
        if (reason.Length is 0 or > LongestReason || !Printable.IsLine(reason))
        {
            throw new KmsException(
                Failure.Usage, $"nothing was {done}: a reason of 1 to {LongestReason} characters is needed");
        }

        await books.Audit.AppendAsync(json =>
        {
            json.WriteString("decision", isRelease ? "released" : "settled");
            json.WriteString("as", state.ToString().ToLowerInvariant());
            json.WriteString("id", id);
            json.WriteString("chain", entry.Chain);
            json.WriteString("operator", Environment.UserName);
            json.WriteString("reason", reason);
        });
        await journal.RecordStateAsync(id, state, null, $"{done} by an operator: {reason}");
        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            json.WriteString(done, id);
            json.WriteEndObject();
        });
        return 0;
    }

    internal static string Ask(string question)
    {
        Console.Error.Write(question);
        using var answer = StandardInput.ReadLine(hidden: false);
        if (!StandardInput.IsTerminal)
        {
            Console.Error.WriteLine(); // a terminal has shown the Enter
        }

        if (answer is null)
        {
            throw new KmsException(Failure.Usage, "nothing was changed: input ended");
        }

        return Encoding.UTF8.GetString(answer.Span).Trim();
    }

    private static Argument<string> PendingId() =>
        new("id") { Description = "Id of a pending transaction", HelpName = "ID" };

    private static async Task<JournalEntry> FindAsync(Journal journal, string id) => await journal.FindAsync(id)
        ?? throw new KmsException(
            Failure.Usage,
            $"nothing was signed under the id '{(id.Length > 100 ? id[..100] + "…" : id)}'",
            "see: kms journal list");

    private static void Write(Utf8JsonWriter json, JournalEntry entry, string? data)
    {
        json.WriteStartObject();
        json.WriteString("id", entry.Id);
        json.WriteString("chain", entry.Chain);
        json.WriteString("state", entry.State.ToString().ToLowerInvariant());
        if (entry.Doubt is not JournalDoubt.None)
        {
            json.WriteString("unproved", entry.Doubt.ToString().ToLowerInvariant());
        }

        json.WriteNumber("signature", entry.Number);
        json.WriteNumber("sent", entry.Sent);
        if (entry.HeardAt is { } heard)
        {
            json.WriteString("heardAt", Times.Text(heard));
        }

        if (entry.ValidUntil is { } until)
        {
            json.WriteString("validUntil", Times.Text(until));
        }

        json.WriteString("signedAt", Times.Text(entry.SignedAt));
        json.WriteString("txId", entry.TransactionId);
        if (entry.Sequence is { } sequence)
        {
            json.WriteString("account", entry.SequenceAccount);
            json.WriteNumber("sequence", sequence);
        }

        if (entry.Reason is not null)
        {
            json.WriteString("reason", entry.Reason);
        }

        json.WriteString("content", entry.Content);
        if (data is not null)
        {
            json.WriteString("data", data);
        }

        json.WriteEndObject();
    }
}

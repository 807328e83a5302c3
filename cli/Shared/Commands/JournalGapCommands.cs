using System.CommandLine;
using System.Text.Json;
using KmsCloud.Errors;
using KmsCloud.Signing;
using KmsCloud.State;

namespace KmsCloud.Cli.Commands;

/// <summary>kms journal gaps and mend: nonces that transactions wait for (docs/broadcasts.md).</summary>
internal static class JournalGapCommands
{
    internal static Command Gaps()
    {
        var command = new Command("gaps", "Accounts whose nonces are given out here and that have transactions out: free numbers that they wait for") { StateFolder.Option, OutputFormat.Option };
        command.SetAction(arguments =>
        {
            using var log = FileAppendLog.OpenForReading(StateFolder.Journal(StateFolder.Of(new Session(arguments))));
            var states = Journal.Open(log, TimeProvider.System).SequenceStates();
            if (OutputFormat.IsTable(arguments))
            {
                var table = new ResultTable("account", "out", "numbers", "missing", "next");
                foreach (var state in states)
                {
                    table.AddCells(state.Account, $"{state.Waiting}", new NumberSpan(state.Lowest, state.Highest).ToString(), string.Join(", ", state.Gaps), $"{state.Next}");
                }

                Terminal.PrintTable(table);
                return 0;
            }

            Terminal.PrintJson(json =>
            {
                json.WriteStartArray();
                foreach (var state in states)
                {
                    Write(json, state);
                }

                json.WriteEndArray();
            });
            return 0;
        });
        return command;
    }

    private static void Write(Utf8JsonWriter json, SequenceState state)
    {
        json.WriteStartObject();
        json.WriteString("account", state.Account);
        json.WriteNumber("out", state.Waiting);
        json.WriteNumber("lowest", state.Lowest);
        json.WriteNumber("highest", state.Highest);
        json.WriteStartArray("missing");
        foreach (var gap in state.Gaps)
        {
            json.WriteStartObject();
            json.WriteNumber("first", gap.First);
            json.WriteNumber("last", gap.Last);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("next", state.Next);
        json.WriteEndObject();
    }

    internal static Command Mend()
    {
        var account = new Argument<string>("account") { Description = "Account as kms journal gaps shows it, such as ETH:0x…", HelpName = "ACCOUNT" };
        var next = new Option<ulong?>("--next") { Description = "The account's count on the chain, from a node you trust [default: its first missing number]", HelpName = "N" };
        var command = new Command("mend", "Give the missing numbers of an account to its next transactions; the daemon must not run") { account, next, StateFolder.Option };
        command.SetAction((arguments, _) => MendAsync(new Session(arguments), arguments.GetRequiredValue(account), arguments.GetValue(next)));
        return command;
    }

    private static async Task<int> MendAsync(Session session, string account, ulong? next)
    {
        using var store = session.OpenStore();
        using var held = StateFolder.Open(session);
        using var books = StateBooks.Open(held, store, TimeProvider.System, session.Settings.IsOn("KMS_ACCEPT_LEGACY_WALLET"));
        var state = books.Journal.SequenceStates().FirstOrDefault(state => state.Account == account)
            ?? throw new KmsException(Failure.Usage, $"nothing is out for the account '{Printable.Line(account)}'", "see: kms journal gaps");
        var from = next ?? (state.Gaps is [var gap, ..] ? gap.First : throw new KmsException(Failure.Usage, $"no number of '{account}' is missing", "give the account's count on the chain with --next"));
        if (from >= state.Next)
        {
            throw KmsException.Refused($"the next number of '{account}' is {state.Next} already: only a smaller one can be chosen");
        }

        Terminal.Warn($"'{account}' has {state.Waiting} transactions out, numbers {new NumberSpan(state.Lowest, state.Highest)}; its next one would be {state.Next} and will be the first free number from {from}");
        if (JournalCommands.Ask("Type that number to go on: ") != $"{from}")
        {
            throw new KmsException(Failure.Usage, "nothing was changed: the number was not repeated", $"type {from} when asked");
        }

        await books.Audit.AppendAsync(json =>
        {
            json.WriteString("decision", "renumbered");
            json.WriteString("account", account);
            json.WriteNumber("from", from);
            json.WriteNumber("was", state.Next);
            json.WriteString("operator", Environment.UserName);
        });
        await books.Journal.RenumberAsync(account, from);
        var after = books.Journal.NextSequence(account) ?? from;
        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("account", account);
            json.WriteNumber("next", after);
            json.WriteEndObject();
        });
        return 0;
    }
}

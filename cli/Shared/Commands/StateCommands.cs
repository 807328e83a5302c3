using System.CommandLine;
using KmsCloud.Errors;
using KmsCloud.Signing;

namespace KmsCloud.Cli.Commands;

/// <summary>kms state accept-restore: an operator with the password takes a state that is behind, as after a restore from a backup.</summary>
internal static class StateCommands
{
    internal static Command Create() => new("state", "The folder of journal, audit log and policy log") { AcceptRestore() };

    private static Command AcceptRestore()
    {
        var command = new Command("accept-restore", "Take a restored state as it is, although it is behind; the daemon must not run") { StateFolder.Option };
        command.SetAction((arguments, _) => AcceptAsync(new Session(arguments)));
        return command;
    }

    private static async Task<int> AcceptAsync(Session session)
    {
        using var store = session.OpenStore();
        using var state = StateFolder.Open(session);
        IReadOnlyList<string> missing = [];
        var taken = StateBooks.AcceptRestore(state, store, behind =>
        {
            missing = behind;
            foreach (var line in behind)
            {
                Terminal.Warn(line);
            }

            Terminal.Warn("what the missing lines said was signed may be signed again: compare with the gateway's list and the chains first");
            return JournalCommands.Ask("Type 'accept' to take it as it is: ") == "accept";
        });
        if (!taken)
        {
            return missing.Count == 0 ? Nothing() : throw new KmsException(Failure.Usage, "nothing was changed", "type 'accept' when asked");
        }

        using var books = StateBooks.Open(state, store, TimeProvider.System);
        await books.Audit.AppendAsync(json =>
        {
            json.WriteString("decision", "restore-accepted");
            json.WriteString("operator", Environment.UserName);
            json.WriteString("reason", string.Join("; ", missing));
        });
        Terminal.Say("the state was taken as it is");
        return 0;
    }

    private static int Nothing()
    {
        Terminal.Say("nothing is behind: the state opens as it is");
        return 0;
    }
}

using System.CommandLine;
using KmsCloud.Errors;
using KmsCloud.Signing;

namespace KmsCloud.Cli.Commands;

/// <summary>
/// kms freeze and kms thaw: stop the signing of a running daemon or function at once, without a password, and resume it
/// with one.
/// </summary>
internal static class FreezeCommands
{
    internal static Command Freeze()
    {
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit log", HelpName = "TEXT" };
        var command = new Command("freeze", "Stop all signing of a running daemon or function at once; pending transactions wait") { reason, StateFolder.Option };
        command.SetAction(arguments =>
        {
            var why = arguments.GetValue(reason)
                ?? throw new KmsException(Failure.Usage, "there is no reason", "say why with --reason");
            var freeze = KmsRoot.EditionOf(arguments).OpenFreeze(new Session(arguments));
            freeze.Set(why, Environment.UserName, TimeProvider.System.GetUtcNow());
            Terminal.Say("signing is frozen; resume it with: kms thaw");
            freeze.History?.Add("frozen", Environment.UserName, why.Trim(), TimeProvider.System.GetUtcNow());
            return 0;
        });
        return command;
    }

    internal static Command Thaw()
    {
        var command = new Command("thaw", "Resume signing after kms freeze; asks for the wallet file's password") { StateFolder.Option };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            var freeze = KmsRoot.EditionOf(arguments).OpenFreeze(session);
            var was = End(session, freeze);
            Terminal.Say(was ? "signing goes on" : "nothing was frozen");
            if (was)
            {
                freeze.History?.Add("thawed", Environment.UserName, null, TimeProvider.System.GetUtcNow());
            }

            return 0;
        });
        return command;
    }

    /// <summary>Ends a freeze: leaves the word of somebody with the password, then takes the note away.</summary>
    /// <returns>Whether anything was frozen.</returns>
    private static bool End(Session session, Freeze freeze)
    {
        if (!HasHead(session))
        {
            return freeze.Clear(); // nothing remembers it
        }

        using var store = session.OpenStore();
        var told = Tell(session, store, freeze); // first, so that a running daemon never sees the note gone without it
        var was = freeze.Clear();
        return Tell(session, store, freeze) || told || was; // again: a daemon may have seen another note in between
    }

    /// <summary>Leaves the word for the freeze that the state remembers, if it does.</summary>
    private static bool Tell(Session session, Wallets.WalletStore store, Freeze freeze)
    {
        using var head = KmsRoot.EditionOf(session.Arguments).OpenHead(session, store.PurposeKey(State.StateHead.KeyPurpose));
        if (head.ThawToken() is not { } token)
        {
            return false;
        }

        freeze.WriteThaw(token);
        return true;
    }

    private static bool HasHead(Session session) =>
        StateFolder.Of(session) is var state && (state.StartsWith("https://", StringComparison.Ordinal) || File.Exists(Path.Combine(state, State.StateHead.RecordName)));
}

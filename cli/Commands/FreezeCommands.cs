using System.CommandLine;
#if !OFFLINE
using KmsCloud.Cloud;
#endif
using KmsCloud.Errors;
using KmsCloud.Signing;

namespace KmsCloud.Cli.Commands;

/// <summary>kms freeze and kms thaw: stop and resume the signing of a running daemon or function at once, without a password.</summary>
internal static class FreezeCommands
{
    internal static Command Freeze()
    {
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit log", HelpName = "TEXT" };
        var command = new Command("freeze", "Stop all signing of a running daemon or function at once; pending transactions wait") { reason, StateFolder.Option };
        command.SetAction(arguments =>
        {
            var why = arguments.GetValue(reason) ?? throw new KmsException(Failure.Usage, "there is no reason", "say why with --reason");
            var freeze = Switch(new Session(arguments));
            freeze.Set(why, Environment.UserName, TimeProvider.System.GetUtcNow());
            Terminal.Say("signing is frozen; resume it with: kms thaw");
            freeze.History?.Add("frozen", Environment.UserName, why.Trim(), TimeProvider.System.GetUtcNow());
            return 0;
        });
        return command;
    }

    internal static Command Thaw()
    {
        var command = new Command("thaw", "Resume signing after kms freeze") { StateFolder.Option };
        command.SetAction(arguments =>
        {
            var freeze = Switch(new Session(arguments));
            var was = freeze.Clear();
            Terminal.Say(was ? "signing goes on" : "nothing was frozen");
            if (was)
            {
                freeze.History?.Add("thawed", Environment.UserName, null, TimeProvider.System.GetUtcNow());
            }

            return 0;
        });
        return command;
    }

    private static Freeze Switch(Session session)
    {
        var state = StateFolder.Of(session);
#if !OFFLINE
        if (BlobStore.IsBlobUrl(state))
        {
            var url = BlobStore.Below(BlobStore.CheckUrl(state, "--state"), Signing.Freeze.NoteName);
            return new(new BlobNote(new(AzureSignIn.Create(name => session.Settings[name])), url, TimeProvider.System));
        }
#endif
        return new(state);
    }
}

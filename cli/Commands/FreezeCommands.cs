using System.CommandLine;
#if !OFFLINE
using KmsCloud.Cloud;
#endif
using KmsCloud.Errors;
using KmsCloud.Signing;

namespace KmsCloud.Cli.Commands;

/// <summary>kms freeze and kms thaw: stop the signing of a running daemon or function at once, without a password, and resume it with one.</summary>
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
        var command = new Command("thaw", "Resume signing after kms freeze; asks for the wallet file's password") { StateFolder.Option };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            var freeze = Switch(session);
            var note = freeze.ReadNote() is { } content ? Signing.Freeze.HashOf(content) : Remembered(session);
            if (note is not null && IsSealed(session))
            {
                using var store = session.OpenStore();
                using var key = store.PurposeKey(State.StateHead.KeyPurpose);
                freeze.WriteThaw(State.StateHead.ThawToken(key, note)); // first, so that a running daemon never sees the note gone without it
            }

            var was = freeze.Clear() || note is not null;
            Terminal.Say(was ? "signing goes on" : "nothing was frozen");
            if (was)
            {
                freeze.History?.Add("thawed", Environment.UserName, null, TimeProvider.System.GetUtcNow());
            }

            return 0;
        });
        return command;
    }

    /// <summary>Whether the state may remember the freeze: then somebody with the password has to thaw it.</summary>
    private static bool IsSealed(Session session) =>
        StateFolder.Of(session) is var folder && (folder.StartsWith("https://", StringComparison.Ordinal) || File.Exists(Path.Combine(folder, State.StateHead.RecordName)));

    /// <summary>The freeze that a local state folder remembers although its note was taken away.</summary>
    private static string? Remembered(Session session)
    {
        var folder = StateFolder.Of(session);
        if (!File.Exists(Path.Combine(folder, State.StateHead.RecordName)))
        {
            return null;
        }

        using var store = session.OpenStore();
        return StateFolder.Head(folder, store.PurposeKey(State.StateHead.KeyPurpose));
    }

    private static Freeze Switch(Session session)
    {
        var state = StateFolder.Of(session);
#if !OFFLINE
        if (BlobStore.IsBlobUrl(state))
        {
            var url = BlobStore.Below(BlobStore.CheckUrl(state, "--state"), Signing.Freeze.NoteName);
            var signIn = AzureSignIn.Create(name => session.Settings[name]);
            var thaw = BlobStore.Below(BlobStore.CheckUrl(state, "--state"), Signing.Freeze.ThawName);
            return new(new BlobNote(new(signIn), url, TimeProvider.System), new BlobNote(new(signIn), thaw, TimeProvider.System));
        }
#endif
        return new(state);
    }
}

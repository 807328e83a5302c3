using System.CommandLine;
using KmsCloud.Errors;
using KmsCloud.Signing;

namespace KmsCloud.Cli.Commands;

/// <summary>kms journal repair: lines that cannot be read are shown, and set aside when the operator says so.</summary>
internal static class JournalRepairCommand
{
    private const int MostUnknown = 20;

    internal static Command Create()
    {
        var command = new Command(
            "repair",
            "Show lines of the journal that cannot be read and set them aside, so that it opens again; the daemon "
            + "must not run")
        {
            StateFolder.Option,
        };
        command.SetAction((arguments, _) => RepairAsync(new Session(arguments)));
        return command;
    }

    private static async Task<int> RepairAsync(Session session)
    {
        using var store = session.OpenStore();
        using var state = StateFolder.Open(session);
        var found = JournalRepair.Look(state, store);
        var damage = found.Lines;
        if (damage.Count == 0 && found.Unproved is null)
        {
            Terminal.Say("every line of the journal can be read: there is nothing to repair");
            return 0;
        }

        foreach (var line in damage)
        {
            Terminal.Warn($"line {line.Number} cannot be read: {line.Problem}; it begins with: {line.Start}");
        }

        SayUnproved(found);
        Terminal.Warn(
            "what a line that is set aside said was signed may be signed again: look for each id on the chain first");
        if (JournalCommands.Ask($"Type 'set aside {damage.Count}' to do it: ") != $"set aside {damage.Count}")
        {
            throw new KmsException(Failure.Usage, "nothing was changed", $"type 'set aside {damage.Count}' when asked");
        }

        var kept = JournalRepair.SetAside(state, store, damage);
        using var books = StateBooks.Open(state, store, TimeProvider.System);
        await books.Audit.AppendAsync(json =>
        {
            json.WriteString("decision", "journal-repaired");
            json.WriteNumber("setAside", damage.Count);
            json.WriteNumber("kept", kept);
            json.WriteString("operator", Environment.UserName);
        });
        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("setAside", damage.Count);
            json.WriteNumber("kept", kept);
            json.WriteEndObject();
        });
        return 0;
    }

    private static void SayUnproved(JournalDamage found)
    {
        if (found.Unproved is { } first)
        {
            Terminal.Warn($"the seal of line {first} does not fit: it, or a line before it, is not as it was written, "
                + "and no seal behind it proves anything; "
                + "lines that say that something was signed are kept all the same");
        }

        foreach (var id in found.Unknown.Take(MostUnknown))
        {
            Terminal.Warn(
                $"the audit log says that {id} was signed, and the journal will not know it: it could be signed a "
                + "second time");
        }

        if (found.Unknown.Count > MostUnknown)
        {
            Terminal.Warn($"and so it is with {found.Unknown.Count - MostUnknown} more");
        }
    }
}

using System.CommandLine;
using System.Text.Json;
using KmsCloud.Errors;
using KmsCloud.Signing;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>kms requests list and show.</summary>
internal static class RequestCommands
{
    private const string Changed = "a line of requests/ was changed, or written under another wallet file";

    internal static Command Create() =>
        new("requests", "What was asked for, where a daemon keeps it (--keep-requests)") { List(), Show() };

    private static Command List()
    {
        var command = new Command("list", "Every request that is kept, oldest first")
        {
            StateFolder.Option, OutputFormat.Option,
        };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            var found = Read(session);
            if (found.Count == 0 && !arguments.GetValue(GlobalOptions.Quiet))
            {
                Terminal.Say($"no request is kept in '{StateFolder.Of(session)}': a daemon keeps them with --keep-requests MIB");
            }

            var changed = found.Count(kept => !kept.IsProved);
            if (OutputFormat.IsTable(arguments))
            {
                PrintTable(found);
            }
            else
            {
                PrintList(found);
            }

            return changed == 0 ? 0 : throw new KmsException(Failure.WalletFile, $"{changed} of {found.Count}: {Changed}");
        });
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("id") { Description = "Pending id", HelpName = "PENDING-ID" };
        var command = new Command("show", "The pending object of a request, as the gateway wrote it")
        {
            id, StateFolder.Option,
        };
        command.SetAction(arguments =>
        {
            var asked = arguments.GetRequiredValue(id);
            var found = Read(new Session(arguments)).FindAll(kept => kept.Id == asked);
            if (found.Count == 0)
            {
                throw new KmsException(
                    Failure.Usage,
                    $"no request '{WalletStore.Shown(asked)}' is kept",
                    "see: kms requests list");
            }

            if (found.Exists(kept => !kept.IsProved))
            {
                throw new KmsException(Failure.WalletFile, Changed, "restore the state folder from a backup");
            }

            Terminal.PrintJson(found[^1].Request.WriteTo);
            return 0;
        });
        return command;
    }

    private static List<KeptRequest> Read(Session session)
    {
        using var store = session.OpenStore();
        using var key = store.PurposeKey(RequestLog.KeyPurpose);
        return [.. RequestLog.Read(StateFolder.Of(session), key)];
    }

    private static void PrintTable(List<KeptRequest> found)
    {
        var table = new ResultTable("signed at", "chain", "id", "digest");
        foreach (var kept in found)
        {
            table.AddCells(Times.Text(kept.Time), kept.Chain, kept.Id, kept.Digest);
        }

        Terminal.PrintTable(table);
    }

    private static void PrintList(List<KeptRequest> found) => Terminal.PrintJson(json =>
    {
        json.WriteStartArray();
        foreach (var kept in found)
        {
            Write(json, kept);
        }

        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, KeptRequest kept)
    {
        json.WriteStartObject();
        json.WriteString("time", Times.Text(kept.Time));
        json.WriteString("id", kept.Id);
        json.WriteString("chain", kept.Chain);
        json.WriteString("digest", kept.Digest);
        json.WriteBoolean("proved", kept.IsProved);
        json.WriteEndObject();
    }
}

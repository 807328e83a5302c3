using System.CommandLine;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>
/// Takes the wallets of another file into the store; that file is only read, or in place kept under another name.
/// </summary>
internal static class MigrateCommand
{
    internal static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "A wallet.dat of tatum-kms, or another file of this program",
            HelpName = "FILE",
        };
        var oldPassword = new Option<string?>("--old-password-file", "--oldPasswordFile")
        {
            Description = "File whose first line is the old file's password [default: the same password, else asked "
                + "for]",
            HelpName = "FILE",
        };
        var command = new Command(
            "migrate",
            "Take over every wallet of another wallet file with its signature id; exit 4 when one stayed "
            + "behind")
        {
            file, oldPassword, OutputFormat.Option,
        };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            var skipped = new List<(string Id, string Reason)>();
            var path = arguments.GetRequiredValue(file);
            var place = InPlace(session, path);
            var (old, purpose) = ReadOld(session, path, arguments.GetValue(oldPassword), skipped);
            using var oldWallets = old;
            using var oldPurpose = purpose;
            using var edit = place is null ? session.Edit(create: true) : session.EditInPlace(place);
            var (addresses, same) = Import(old, edit, skipped);
            if (addresses.Count > 0)
            {
                TakeState(purpose, edit);
                edit.Save();
                Compare(edit, addresses);
            }

            Say(
                addresses.Count,
                skipped.Count,
                place is not null && addresses.Count > 0
                    ? $"the old file is kept as '{place.Kept}'"
                    : "the old file is unchanged");
            Print(addresses.Count, skipped, OutputFormat.IsTable(arguments));
            if (skipped.Count == same)
            {
                return 0;
            }

            Terminal.Warn(
                $"{skipped.Count - same} of the old file's entries stayed behind: keep that file until you know why");
            return (int)Failure.WalletFile;
        });
        return command;
    }

    /// <summary>
    /// A new file opens the state that the daemon kept beside the old one; a file that is there may have sealed one of
    /// its own.
    /// </summary>
    private static void TakeState(LegacyPurpose? purpose, WalletEdit edit)
    {
        if (purpose is null)
        {
            return;
        }

        if (edit.IsNew)
        {
            edit.TakePurpose(purpose);
            return;
        }

        if (edit.Has(purpose))
        {
            return; // made of that file before
        }

        Terminal.Warn(
            "a state folder used with the old file does not open with this one, which was there before; to take the "
            + "state along, migrate into a new file");
    }

    /// <summary>The place of the old file when it is to be that of the new one, else null.</summary>
    private static InPlaceWallet? InPlace(Session session, string path)
    {
        if (Path.GetFullPath(path) != Path.GetFullPath(session.WalletPath))
        {
            return null;
        }

        using var bytes = WalletStore.ReadBytes(path);
        if (!LegacyWalletFile.Is(bytes.Span))
        {
            throw new KmsException(
                Failure.Usage,
                "the file is in the new format already",
                "to take its wallets into another file, give that one as --path");
        }

        return new(path, bytes.Span.ToArray());
    }

    private static (WalletContents Contents, LegacyPurpose? Purpose) ReadOld(
        Session session,
        string path,
        string? passwordFile,
        List<(string Id, string Reason)> skipped)
    {
        using var bytes = WalletStore.ReadBytes(path);
        using var password = session.OldPassword(passwordFile);
        try
        {
            return Open(bytes, password, skipped);
        }
        catch (KmsException error) when (
            error.Failure is Failure.WrongPassword && passwordFile is null && Primitives.Native.StandardInput.IsTerminal)
        {
            using var other = Terminal.AskSecret("Enter password of the old wallet file:", "use --old-password-file");
            return Open(bytes, other, skipped);
        }
    }

    /// <summary>The wallets of a file, and what a tatum-kms file's state is sealed under.</summary>
    private static (WalletContents Contents, LegacyPurpose? Purpose) Open(
        SecretBytes bytes, SecretBytes password, List<(string Id, string Reason)> skipped)
    {
        if (LegacyWalletFile.Is(bytes.Span))
        {
            return (LegacyWalletFile.Open(bytes.Span, password.Span, skipped), new(password.Span));
        }

        // the file may be tried again with another password
        var (file, contents) = WalletFile.Open(SecretBytes.Copy(bytes.Span), password.Span);
        file.Dispose();
        return (contents, null);
    }

    /// <summary>
    /// Adds what can be understood; returns the first address of each, derived from the old entry, and how many were
    /// there before.
    /// </summary>
    private static (Dictionary<string, string> Added, int Same) Import(
        WalletContents old, WalletEdit edit, List<(string Id, string Reason)> skipped)
    {
        var addresses = new Dictionary<string, string>(StringComparer.Ordinal);
        var same = 0;
        foreach (var (id, entry) in old.Entries)
        {
            if (edit.Contents.Entries.TryGetValue(id, out var stored))
            {
                var isSame = IsSame(entry, stored);
                same += isSame ? 1 : 0;
                skipped.Add(
                    (id, isSame ? "it is already in the store" : "another wallet has this signature id in the store"));
                continue;
            }

            if (!ChainCatalog.All.TryGetValue(entry.Chain, out var chain))
            {
                skipped.Add(
                    (id, $"the chain {(entry.Chain.Length > 20 ? entry.Chain[..20] : entry.Chain)} is unknown"));
                continue;
            }

            using var wallet = new Wallet(id, entry, chain.Wallets);
            if (WalletCheck.Problem(wallet) is { } problem)
            {
                skipped.Add((id, problem));
                continue;
            }

            addresses[id] = WalletCheck.Address(wallet);
            edit.Contents.Add(id, entry.Copy());
        }

        return (addresses, same);
    }

    private static bool IsSame(WalletEntry left, WalletEntry right) =>
        left.Chain == right.Chain && left.Network == right.Network && AreEqual(left.Mnemonic, right.Mnemonic)
            && AreEqual(left.KeyText, right.KeyText);

    private static bool AreEqual(SecretBytes? left, SecretBytes? right) =>
        left is null ? right is null : right is not null && left.Span.SequenceEqual(right.Span);

    /// <summary>Reads the new file back from disk and compares every address with the old one.</summary>
    private static void Compare(WalletEdit edit, Dictionary<string, string> addresses)
    {
        using var stored = edit.ReadBack();
        foreach (var (id, expected) in addresses)
        {
            var entry = stored.Entries[id];
            using var wallet = new Wallet(id, entry, ChainCatalog.All[entry.Chain].Wallets);
            if (WalletCheck.Address(wallet) != expected)
            {
                throw new KmsException(
                    Failure.Internal,
                    $"wallet '{id}' has another address in the new file",
                    "use the old file and report this");
            }
        }
    }

    private static void Say(int imported, int skipped, string old)
    {
        var wallets = imported == 1
            ? "1 wallet was taken over, its address"
            : $"{imported} wallets were taken over, all their addresses";
        Terminal.Say($"{wallets} compared and equal, {Counted.Of(skipped, "entry", "entries")} skipped; {old}");
    }

    private static void Print(int imported, List<(string Id, string Reason)> skipped, bool asTable)
    {
        if (asTable)
        {
            PrintTable(skipped);
            return;
        }

        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("imported", imported);
            json.WriteNumber("skipped", skipped.Count);
            json.WriteNumber("addressesCompared", imported); // a difference ends the command
            json.WriteStartArray("skippedEntries");
            foreach (var (id, reason) in skipped)
            {
                json.WriteStartObject();
                json.WriteString("signatureId", id);
                json.WriteString("reason", reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void PrintTable(List<(string Id, string Reason)> skipped)
    {
        if (skipped.Count == 0)
        {
            return;
        }

        var table = new ResultTable("skipped", "reason");
        foreach (var (id, reason) in skipped)
        {
            table.AddCells(id, reason);
        }

        Terminal.PrintTable(table);
    }
}

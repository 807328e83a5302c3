using System.CommandLine;
using System.Globalization;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>removewallet, passwd and verify.</summary>
internal static class MaintainCommands
{
    private static readonly Option<string?> CopyOf = new("--copy-of", "--copyOf")
    {
        Description = "Compare with this wallet file too: every wallet of it must be here; kms doctor then knows that its copy was proved",
        HelpName = "FILE",
    };

    internal static Command Remove()
    {
        var id = Arguments.SignatureId();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("removewallet", "Remove a stored wallet; its keys are gone unless you have a copy") { id, yes };
        command.SetAction(arguments =>
        {
            var signatureId = arguments.GetRequiredValue(id);
            using var edit = new Session(arguments).Edit(create: false);
            if (!edit.Contents.Entries.TryGetValue(signatureId, out var entry))
            {
                throw WalletStore.Unknown(signatureId);
            }

            if (!arguments.GetValue(yes) && !Terminal.Confirm($"Remove the {entry.Chain} wallet '{signatureId}' and its keys for good?"))
            {
                throw new KmsException(Failure.Usage, "nothing was removed", "answer y on a terminal, or use --yes");
            }

            edit.Contents.Remove(signatureId);
            edit.SaveWithoutOld();
            Terminal.PrintJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("removed", signatureId);
                json.WriteEndObject();
            });
            return 0;
        });
        return command;
    }

    internal static Command ChangePassword()
    {
        var file = new Option<string?>("--new-password-file", "--newPasswordFile") { Description = "File whose first line is the new password [default: asked for twice]", HelpName = "FILE" };
        var command = new Command("passwd", "Change the password of the wallet file") { file };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            using var edit = session.Edit(create: false);
            using var password = Session.ChosenPassword(arguments.GetValue(file));
            edit.ChangePassword(password);
            edit.SaveWithoutOld();
            Terminal.Say("the password was changed, and the data key with it; neither wallet.dat nor wallet.dat.bak opens with the old one. Restart what runs on the file");
            Terminal.Say("a copy made before still opens with the old password: if somebody may have both, move the funds to new keys (docs/key-ceremony.md)");
            return 0;
        });
        return command;
    }

    internal static Command Verify()
    {
        var command = new Command("verify", "Open the wallet file and derive every xpub and address again; exit 4 when something does not match") { CopyOf, OutputFormat.Option };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            using var store = session.OpenStore();
            if (arguments.GetValue(CopyOf) is { } path)
            {
                using var original = session.OpenOther(path);
                ProvedCopy.Prove(store, original, path);
                Terminal.Say($"'{session.WalletPath}' is a copy of every wallet of '{path}'");
            }

            var warnings = store.Wallets.Select(WalletCheck.Problem).OfType<string>().ToList();
            warnings.AddRange(store.UnknownChains.Select(entry => $"wallet '{entry.Id}' is of {entry.Chain}, a chain this version does not know"));
            Show(store, warnings, OutputFormat.IsTable(arguments));
            return warnings.Count == 0 ? 0 : (int)Failure.WalletFile;
        });
        return command;
    }

    private static void Show(WalletStore store, List<string> warnings, bool asTable)
    {
        var chains = store.Wallets.GroupBy(wallet => wallet.Entry.Chain).OrderBy(chain => chain.Key, StringComparer.Ordinal);
        if (asTable)
        {
            var table = new ResultTable("chain", "wallets");
            foreach (var chain in chains)
            {
                table.AddCells(chain.Key, chain.Count().ToString(CultureInfo.InvariantCulture));
            }

            table.AddCells("all", store.Count.ToString(CultureInfo.InvariantCulture));
            Terminal.PrintTable(table);
            warnings.ForEach(Terminal.Warn);
            Terminal.Say($"{Counted.Of(warnings.Count, "warning")}, generation {store.Generation}");
            return;
        }

        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("wallets", store.Count);
            json.WriteStartObject("chains");
            foreach (var chain in chains)
            {
                json.WriteNumber(chain.Key, chain.Count());
            }

            json.WriteEndObject();
            json.WriteNumber("generation", store.Generation);
            json.WriteStartArray("warnings");
            foreach (var warning in warnings)
            {
                json.WriteStringValue(warning);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}

/// <summary>Whether a wallet is what it says it is.</summary>
internal static class WalletCheck
{
    /// <summary>What does not match, or null.</summary>
    internal static string? Problem(Wallet wallet)
    {
        try
        {
            var scheme = ChainCatalog.Get(wallet.Entry.Chain).Wallets;
            if (wallet is { IsMnemonic: true, Entry.Xpub: { } xpub } && scheme.Xpub(wallet.Entry) is { } derived && derived != xpub)
            {
                return $"wallet '{wallet.SignatureId}' ({wallet.Entry.Chain}): the stored xpub is not that of its mnemonic";
            }

            var address = Address(wallet);
            return wallet.Entry.Address is { } stored && stored != address
                ? $"wallet '{wallet.SignatureId}' ({wallet.Entry.Chain}): the stored address is not that of its key"
                : null;
        }
        catch (KmsException error)
        {
            return $"wallet '{wallet.SignatureId}' ({wallet.Entry.Chain}): {error.Message}";
        }
    }

    /// <summary>The wallet's first address: of its one key, or of index 0.</summary>
    internal static string Address(Wallet wallet) => wallet.Address(wallet.Entry.KeyText is null ? wallet.Key(0) : wallet.Key());
}

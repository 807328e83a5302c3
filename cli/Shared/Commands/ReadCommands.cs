using System.CommandLine;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>The commands that show what the wallet file holds.</summary>
internal static class ReadCommands
{
    private const int MostIndexes = 10_000;
    private static readonly Option<string?> ExportForm = new("--output") { Description = "Form of the result [default: json]", HelpName = "json", CompletionSources = { "json" } };

    internal static Command Wallet()
    {
        var id = Arguments.SignatureId();
        var command = new Command("getmanagedwallet", "Print a stored wallet with its secrets") { id };
        command.SetAction(arguments =>
        {
            using var store = new Session(arguments).OpenStore();
            Terminal.PrintJson(store.Get(arguments.GetRequiredValue(id)).Entry.WriteTo);
            return 0;
        });
        return command;
    }

    internal static Command PrivateKey()
    {
        var (id, index) = (Arguments.SignatureId(), Arguments.Index());
        var command = new Command("getprivatekey", "Print a private key of a stored wallet") { id, index };
        command.SetAction(arguments =>
        {
            using var store = new Session(arguments).OpenStore();
            var wallet = store.Get(arguments.GetRequiredValue(id));
            using var key = wallet.OpenForPrinting(Arguments.Key(wallet, arguments.GetValue(index)));
            using var text = ChainCatalog.Get(wallet.Entry.Chain).Wallets.FormatKey(key, wallet.Entry.Network);
            Terminal.PrintJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("privateKey", text.Span);
                json.WriteEndObject();
            });
            return 0;
        });
        return command;
    }

    internal static Command Address()
    {
        var (id, index) = (Arguments.SignatureId(), Arguments.Index());
        var type = new Option<string?>("--type") { Description = "Another type than the chain's usual: taproot (BTC, LTC; BIP-86)", HelpName = "TYPE" };
        type.CompletionSources.Add([.. ChainCatalog.All.Values.SelectMany(chain => chain.Wallets.AddressTypes).Select(one => one.Name).Distinct()]);
        var command = new Command("getaddress", "Print an address of a stored wallet") { id, index, type };
        command.SetAction(arguments =>
        {
            using var store = new Session(arguments).OpenStore();
            var wallet = store.Get(arguments.GetRequiredValue(id));
            var address = AddressOf(wallet, arguments.GetValue(index), arguments.GetValue(type));
            Terminal.PrintJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("address", address);
                json.WriteEndObject();
            });
            return 0;
        });
        return command;
    }

    private static string AddressOf(Wallet wallet, long? index, string? type)
    {
        if (type is null)
        {
            return wallet.Address(Arguments.Key(wallet, index));
        }

        var chain = wallet.Entry.Chain;
        var types = ChainCatalog.Get(chain).Wallets.AddressTypes;
        var others = types.Count == 0 ? "" : $", or choose {string.Join(" or ", types.Select(one => one.Name))}";
        var found = types.FirstOrDefault(one => one.Name == type)
            ?? throw new KmsException(
                Failure.Usage,
                $"{chain} has no addresses of the type that --type names",
                $"leave --type out for the usual address{others}");
        return found.Address(Arguments.Key(wallet, index, found.Variant), wallet.Network);
    }

    internal static Command Export()
    {
        var file = new Option<string?>("--file") { Description = "Write to a new file of mode 0600 instead of stdout", HelpName = "FILE" };
        var isPublic = new Option<bool>("--public") { Description = "Print ids, xpubs, public keys and addresses instead: what an approver decodes with, and no secret" };
        var indexes = new Option<int>("--indexes")
        {
            Description = "With --public: keys of each mnemonic whose chain has no xpub (ADA, EGLD, SOL; taproot)",
            HelpName = "N",
            DefaultValueFactory = _ => 10,
        };
        var command = new Command("export", "Print every stored wallet with its secrets") { file, ExportForm, isPublic, indexes };
        command.SetAction(arguments =>
        {
            if (arguments.GetValue(ExportForm) is not (null or "json"))
            {
                throw new KmsException(Failure.Usage, "--output names the form, and an export is json", "to write a file, use --file"); // its value may be anything
            }

            using var store = new Session(arguments).OpenStore();
            var path = arguments.GetValue(file);
            if (arguments.GetValue(isPublic))
            {
                ExportPublic(store, path, arguments.GetValue(indexes));
                return 0;
            }

            if (path is null)
            {
                if (!Console.IsOutputRedirected)
                {
                    Terminal.Warn("every secret of the wallet file follows on this screen");
                }

                Terminal.PrintJson(store.WriteTo);
                return 0;
            }

            WriteFile(store, path);
            Terminal.Say($"wrote {Counted.Of(store.Count, "wallet")} to '{path}', secrets included");
            return 0;
        });
        return command;
    }

    /// <summary>The public side of the wallets that can be read; what cannot is named.</summary>
    private static void ExportPublic(WalletStore store, string? path, int indexes)
    {
        if (indexes is not (> 0 and <= MostIndexes))
        {
            throw new KmsException(Failure.Usage, $"--indexes is not a number from 1 to {MostIndexes}", "leave it out for 10");
        }

        var count = 0;
        if (path is null)
        {
            Terminal.PrintJson(Write);
            return;
        }

        NewFile.Write(path, "--file", file => file.Write(CompactJson.Utf8(Write)));
        Terminal.Say($"the public side of {count} wallets was written to '{path}'; who has it sees what they hold on their chains");

        void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteStartArray("wallets");
            foreach (var wallet in store.Wallets.OrderBy(wallet => wallet.SignatureId, StringComparer.Ordinal))
            {
                count += TryWrite(json, wallet, store, indexes) ? 1 : 0;
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static bool TryWrite(Utf8JsonWriter json, Wallet wallet, WalletStore store, int indexes)
    {
        try
        {
            PublicIndex.Write(json, wallet, ChainCatalog.Get(wallet.Chain).Wallets, !store.IsLegacy, indexes);
            return true;
        }
        catch (KmsException)
        {
            Terminal.Warn($"'{WalletStore.Shown(wallet.SignatureId)}' is left out: its key is not one of its chain; see: kms verify");
            return false;
        }
    }

    private static void WriteFile(WalletStore store, string path)
    {
        using var json = store.ToJson();
        NewFile.Write(path, "--file", file => file.Write(json.Span));
    }
}

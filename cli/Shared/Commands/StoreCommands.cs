using System.CommandLine;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>
/// The commands that put one wallet into the wallet file: generated, of a mnemonic, or of a private key.
/// </summary>
internal static class StoreCommands
{
    internal static Command Generate()
    {
        var chain = Arguments.Chain();
        var command = new Command("generatemanagedwallet", "Make a wallet and store it; the wallet file is made when there is none") { chain, GenerateWalletCommand.UseDice, GenerateWalletCommand.DiceOnly };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            var scheme = ChainCatalog.Get(arguments.GetRequiredValue(chain)).Wallets;
            using var edit = session.Edit(create: true);
            return Store(edit, GenerateWalletCommand.Generate(arguments, scheme, session.Network), scheme);
        });
        return command;
    }

    internal static Command Mnemonic()
    {
        var chain = Arguments.Chain();
        var command = new Command("storemanagedwallet", "Store the wallet of a mnemonic, which is asked for without echo") { chain };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            var scheme = ChainCatalog.Get(arguments.GetRequiredValue(chain)).Wallets;
            using var edit = session.Edit(create: true);
            return Store(edit, scheme.FromMnemonic(Ask("Enter mnemonic to store:"), session.Network), scheme);
        });
        return command;
    }

    internal static Command PrivateKey()
    {
        var chain = Arguments.Chain();
        var command = new Command("storemanagedprivatekey", "Store a private key or secret, which is asked for without echo") { chain };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            var scheme = ChainCatalog.Get(arguments.GetRequiredValue(chain)).Wallets;
            // asked before the password, as tatum-kms does
            var entry = scheme.FromKey(Ask("Enter private key to store:"), session.Network);
            using var edit = session.Edit(create: true);
            return Store(edit, entry, scheme, alwaysAddress: true);
        });
        return command;
    }

    private static SecretBytes Ask(string question) =>
        Terminal.AskSecret(question, "pipe the answers in, one a line, where nobody can type");

    private static int Store(WalletEdit edit, WalletEntry entry, IWalletScheme scheme, bool alwaysAddress = false)
    {
        var id = edit.Add(entry);
        var address = entry.Address ?? (alwaysAddress ? AddressOf(entry, scheme) : null);
        edit.Save();
        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("signatureId", id);
            if (address is not null)
            {
                json.WriteString("address", address);
            }

            if (entry.Xpub is not null)
            {
                json.WriteString("xpub", entry.Xpub);
            }

            json.WriteEndObject();
        });
        return 0;
    }

    private static string AddressOf(WalletEntry entry, IWalletScheme scheme)
    {
        using var key = scheme.ParseKey(entry.KeyText!.Span, entry.Network);
        return scheme.Address(key.PublicKey.Bytes, entry.Network);
    }
}

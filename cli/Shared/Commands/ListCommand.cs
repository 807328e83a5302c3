using System.CommandLine;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>kms list: everything about the wallets that is no secret.</summary>
internal static class ListCommand
{
    internal static Command Create()
    {
        var command = new Command("list", "Show the wallets of the file: id, chain, network, kind, address or xpub; never a secret") { OutputFormat.Option };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            using var store = session.OpenStore();
            var rows = store.Wallets.Where(wallet => wallet.Network == Network.Testnet || session.Network is Network.Mainnet)
                .OrderBy(wallet => wallet.Entry.Chain, StringComparer.Ordinal).ThenBy(wallet => wallet.Network).ThenBy(wallet => wallet.SignatureId, StringComparer.Ordinal)
                .Select(Row.Of);
            if (OutputFormat.IsTable(arguments))
            {
                PrintTable([.. rows]);
            }
            else
            {
                PrintJson(rows);
            }

            foreach (var (id, chain) in store.UnknownChains)
            {
                Terminal.Warn($"'{WalletStore.Shown(id)}' is of a chain that this version does not know: {chain}");
            }

            return 0;
        });
        return command;
    }

    private static void PrintTable(List<Row> rows)
    {
        if (rows.Count == 0)
        {
            Terminal.Say("no wallet: make one with: kms generatemanagedwallet CHAIN");
            return;
        }

        var table = new ResultTable("signature id", "chain", "network", "kind", "address or xpub")
        {
            Lines = cells => [$"{cells[0]}  {cells[1]}  {cells[2]}  {cells[3]}", cells[4]],
        };
        foreach (var row in rows)
        {
            table.AddCells(row.Id, row.Chain, row.Network, row.Kind, row.Xpub ?? row.Address ?? row.Note);
        }

        Terminal.PrintTable(table);
    }

    private static void PrintJson(IEnumerable<Row> rows) => Terminal.PrintJson(json =>
    {
        json.WriteStartArray();
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("signatureId", row.Id);
            json.WriteString("chain", row.Chain);
            json.WriteString("network", row.Network);
            json.WriteString("kind", row.Kind);
            Optional("xpub", row.Xpub);
            Optional("address", row.Address);
            Optional("note", row.Note);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void Optional(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }
    });

    /// <param name="Id">The signature id.</param>
    /// <param name="Chain">Chain code.</param>
    /// <param name="Network">mainnet or testnet.</param>
    /// <param name="Kind">mnemonic, private key or secret.</param>
    private sealed record Row(string Id, string Chain, string Network, string Kind)
    {
        /// <summary>The extended public key of a mnemonic whose chain has them.</summary>
        internal string? Xpub { get; private init; }

        /// <summary>The address of a wallet with one key.</summary>
        internal string? Address { get; private init; }

        /// <summary>What to know where there is neither.</summary>
        internal string? Note { get; private init; }

        internal static Row Of(Wallet wallet)
        {
            var row = new Row(
                wallet.SignatureId,
                wallet.Entry.Chain,
                wallet.Network.ToString().ToLowerInvariant(),
                KindOf(wallet.Entry));
            if (wallet.IsMnemonic)
            {
                return row with { Xpub = wallet.Xpub, Note = wallet.Xpub is null ? "its chain has no xpub; see: kms getaddress" : null };
            }

            try
            {
                return row with { Address = wallet.Entry.Address ?? wallet.Address(wallet.Key()) };
            }
            catch (KmsException)
            {
                return row with { Note = "its key is not one of its chain; see: kms verify" };
            }
        }

        private static string KindOf(WalletEntry entry)
        {
            if (entry.IsMnemonic)
            {
                return "mnemonic";
            }

            return entry.PrivateKey is not null ? "private key" : "secret";
        }
    }
}

using System.CommandLine;
using System.Text.Json;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>report and checkconfig: what a person sends along when asking for help, with every secret masked whole.</summary>
internal static class ReportCommands
{
    private static readonly string[] Secrets =
    [
        "TATUM_API_KEY", "TATUM_KMS_PASSWORD", "TATUM_KMS_VGS_ALIAS", "TATUM_KMS_VGS_USERNAME", "TATUM_KMS_VGS_PASSWORD",
        "TATUM_KMS_AZURE_SECRETVERSION", "TATUM_KMS_AZURE_SECRETNAME", "TATUM_KMS_AZURE_VAULTURL",
    ];

    private static readonly string[] AwsSecrets = ["TATUM_KMS_AWS_ACCESS_KEY_ID", "TATUM_KMS_AWS_SECRET_ACCESS_KEY", "TATUM_KMS_AWS_SECRET_NAME", "TATUM_KMS_AWS_SECRET_KEY"];

    internal static Command CheckConfig()
    {
        var command = new Command("checkconfig", "Print the configuration in use, secrets masked");
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            Line("Version", VersionCommand.Version);
            Line("Wallet file path", session.WalletPath);
            Line("Wallet exists", session.HasWallet ? "true" : "false");
            Line("Wallet store type", session.StoreType);
            Line("Environment vars file", session.Settings.EnvFile ?? "N/A");
            foreach (var name in Secrets)
            {
                Setting(session, name, Masked(session.Settings[name]));
            }

            Setting(session, "TATUM_KMS_AWS_REGION", session.Settings["TATUM_KMS_AWS_REGION"] ?? "N/A");
            foreach (var name in AwsSecrets)
            {
                Setting(session, name, Masked(session.Settings[name]));
            }

            KmsRoot.EditionOf(arguments).ShowNetwork(session);
            Setting(session, "TATUM_KMS_DEBUG_MODE", session.Settings["TATUM_KMS_DEBUG_MODE"] ?? "N/A");
            foreach (var name in Chains.ChainSettings.All.SelectMany(setting => Chains.ChainCatalog.All.Keys.Order(StringComparer.Ordinal).Select(setting.Variable)).Where(name => session.Settings[name] is not null))
            {
                Setting(session, name, session.Settings[name]!);
            }

            return 0;
        });
        return command;
    }

    /// <summary>kms report.</summary>
    /// <param name="reports">What an edition reports besides.</param>
    internal static Command Report(IReadOnlyList<Command> reports)
    {
        var ids = new Argument<string>("signatureIds") { Description = "Signature ids, divided by commas", HelpName = "IDS" };
        var command = new Command("report", "Print system and the kinds of some wallets, secrets masked") { ids, OutputFormat.JsonFirst };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            using var store = session.OpenStore();
            var asked = arguments.GetRequiredValue(ids).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToList();
            var found = asked.Select(store.Find).OfType<Wallet>().ToList();
            asked.Where(id => store.Find(id) is null).ToList().ForEach(id => SayWhatIsMeant(id, reports));
            var warnings = asked.Where(id => store.Find(id) is null).Select(id => $"No wallet found for signatureId: {WalletStore.Shown(id)}").ToList();
            if (arguments.GetValue(OutputFormat.JsonFirst) == "table")
            {
                PrintTable(found);
                warnings.ForEach(Terminal.Warn);
            }
            else
            {
                PrintJson(session, found, warnings);
            }

            return 0;
        });
        foreach (var report in reports)
        {
            command.Add(report);
        }

        return command;
    }

    /// <summary>A word that is no signature id may be an inner command, or the id of a transaction.</summary>
    private static void SayWhatIsMeant(string word, IReadOnlyList<Command> reports)
    {
        if (UsageErrors.Nearest(word, reports.Select(report => report.Name)) is { } command)
        {
            Terminal.Say($"did you mean kms report {command}?");
        }
        else if (Chains.PendingId.IsOfTheGateway(word))
        {
            Terminal.Say($"report takes signature ids of wallets; of a transaction: kms journal show {word}");
        }
    }

    private static void PrintTable(List<Wallet> wallets)
    {
        var table = new ResultTable("signature id", "type", "chain", "network", "warning");
        foreach (var wallet in wallets)
        {
            table.AddCells(wallet.SignatureId, Kind(wallet.Entry), wallet.Entry.Chain, wallet.Entry.Network.ToString().ToLowerInvariant(), WalletCheck.Problem(wallet));
        }

        Terminal.PrintTable(table);
    }

    private static void PrintJson(Session session, List<Wallet> wallets, List<string> warnings) => Terminal.PrintJson(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("system");
        json.WriteString("kmsVersion", VersionCommand.Version);
        json.WriteString("runtimeVersion", Environment.Version.ToString());
        json.WriteStartObject("store");
        json.WriteString("type", session.StoreType);
        json.WriteBoolean("exists", true);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("wallets");
        foreach (var wallet in wallets)
        {
            json.WriteStartObject(wallet.SignatureId);
            json.WriteString("type", Kind(wallet.Entry));
            json.WriteString("chain", wallet.Entry.Chain);
            json.WriteBoolean("testnet", wallet.Entry.Network is Keys.Network.Testnet);
            if (WalletCheck.Problem(wallet) is { } problem)
            {
                WriteList(json, [problem]);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteString("apiKey", Masked(session.Settings["TATUM_API_KEY"]));
        if (warnings.Count > 0)
        {
            WriteList(json, warnings);
        }

        json.WriteEndObject();
    });

    private static void WriteList(Utf8JsonWriter json, IEnumerable<string> warnings)
    {
        json.WriteStartArray("warnings");
        foreach (var warning in warnings)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
    }

    private static string Kind(WalletEntry entry) => entry.IsMnemonic ? "MNEMONIC" : entry.PrivateKey is not null ? "PRIVATE_KEY" : "SECRET";

    internal static string Masked(string? value) => value is null ? "N/A" : "******"; // not even the length

    internal static void Setting(Session session, string name, string value)
    {
        var file = session.Settings.Source(name);
        Line(name, file is null ? value : $"{value} ({file})");
    }

    internal static void Line(string name, string value) => Console.Out.WriteLine($"{name,-33}: {Printable.Line(value)}");
}

using System.CommandLine;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Policy;
using KmsCloud.Signing;

namespace KmsCloud.Cli.Commands;

/// <summary>kms policy check and schema (docs/policy.md).</summary>
internal static class PolicyCommands
{
    internal static Command Create() => new("policy", "Check a policy file and explain its decisions") { Check(), Schema() };

    private static Command Check()
    {
        var file = new Argument<string>("file") { Description = "The policy", HelpName = "FILE" };
        var transaction = new Option<string?>("--transaction") { Description = "A pending transaction as the gateway lists it: say what the policy does with it (hours as of now, windows empty)", HelpName = "PENDING.json" };
        var command = new Command("check", "Read a policy strictly; with --transaction explain a decision, exit 6 when it is not allowed") { file, transaction };
        foreach (var option in ChainChoices.Options)
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            var rules = PolicyFile.Load(arguments.GetRequiredValue(file));
            if (arguments.GetValue(transaction) is { } path)
            {
                return Explain(new Session(arguments), rules, path);
            }

            Terminal.PrintJson(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("rules", rules.Count);
                json.WriteStartObject("chains");
                foreach (var chain in rules.SelectMany(rule => rule.Chains).Distinct().Order(StringComparer.Ordinal))
                {
                    WriteList(json, chain, rules.Where(rule => rule.Chains.Contains(chain)).Select(rule => rule.Name));
                }

                json.WriteEndObject();
                json.WriteEndObject();
            });
            return 0;
        });
        return command;
    }

    private static Command Schema()
    {
        var command = new Command("schema", "Print the JSON schema of policy files");
        command.SetAction(_ =>
        {
            using var schema = typeof(PolicyCommands).Assembly.GetManifestResourceStream("policy.schema.json")!;
            using var stdout = Console.OpenStandardOutput();
            schema.CopyTo(stdout);
            return 0;
        });
        return command;
    }

    private static int Explain(Session session, IReadOnlyList<PolicyRule> rules, string path)
    {
        var element = ReadPending(path);
        var pending = PendingJson.Read(element, anyId: true);
        var context = ChainChoices.Context(session);
        using var store = session.OpenStore();
        var unsigned = ChainCatalog.Get(pending.Chain).Decode(pending, KeyMatch.Find(pending, store.Find, session.Network), context);
        var wallets = pending.SignatureIds;
        var verdict = PolicyCheck.Verdict(rules, unsigned.Summary, wallets, (_, _) => default, TimeProvider.System.GetUtcNow(), filled: unsigned.Missing.Count == 0);
        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("verdict", verdict.Allowed ? "allowed" : verdict.MayPass ? "waits" : "refused");
            if (verdict.Rule is { } rule)
            {
                json.WriteString("rule", rule.Name);
            }

            WriteList(json, "reasons", verdict.Reasons);
            json.WriteStartObject("transaction");
            json.WriteString("id", pending.Id);
            json.WriteString("chain", pending.Chain);
            SummaryJson.Write(json, unsigned.Summary);
            json.WriteEndObject();
            json.WriteEndObject();
        });
        return verdict.Allowed ? 0 : (int)Failure.Refused;
    }

    private static JsonElement ReadPending(string path)
    {
        try
        {
            return StrictJson.Parse(File.ReadAllBytes(path), "the pending transaction");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.Usage, $"'{path}' cannot be read", "check --transaction", error);
        }
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}

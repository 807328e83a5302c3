using System.CommandLine;
using KmsCloud.Chains;

namespace KmsCloud.Cli.Commands;

internal static class GenerateWalletCommand
{
    internal static Command Create()
    {
        var chain = Arguments.Chain();
        var command = new Command("generatewallet", "Make a wallet of 24 words or one key and print it; nothing is stored") { chain };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            using var entry = ChainCatalog.Get(arguments.GetRequiredValue(chain)).Wallets.Generate(session.Network);
            Terminal.PrintJson(json =>
            {
                json.WriteStartObject();
                entry.WriteFields(json);
                json.WriteEndObject();
            });
            return 0;
        });
        return command;
    }
}

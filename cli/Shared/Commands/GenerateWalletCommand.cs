using System.CommandLine;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Cli.Commands;

internal static class GenerateWalletCommand
{
    internal static readonly Option<bool> UseDice = new("--dice") { Description = "Mix dice rolls you type (at least 99) with the system's entropy" };

    internal static readonly Option<bool> DiceOnly = new("--dice-only", "--diceOnly") { Description = "Use the dice rolls alone, so that a second machine makes the same wallet" };

    internal static Command Create()
    {
        var chain = Arguments.Chain();
        var command = new Command("generatewallet", "Print a new wallet of 24 words or one key; nothing is stored") { chain, UseDice, DiceOnly };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            using var entry = Generate(arguments, ChainCatalog.Get(arguments.GetRequiredValue(chain)).Wallets, session.Network);
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

    /// <summary>A new wallet from the system's entropy or from dice.</summary>
    internal static WalletEntry Generate(ParseResult arguments, IWalletScheme scheme, Network network)
    {
        var alone = arguments.GetValue(DiceOnly);
        if (!alone && !arguments.GetValue(UseDice))
        {
            return scheme.Generate(network);
        }

        return scheme.HasMnemonic
            ? scheme.FromMnemonic(Dice.AskMnemonic(alone), network)
            : throw new KmsException(Failure.Usage, "dice make mnemonics, and wallets of this chain have none", "leave --dice out");
    }
}

using System.CommandLine;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Wallets;
using Spectre.Console;

namespace KmsCloud.Cli.Commands;

internal static class BatchCommand
{
    private const int KeysPerWrite = 10_000;
    private const int MostKeys = 1_000_000;

    internal static Command Create()
    {
        var chain = Arguments.Chain();
        var count = new Argument<int>("count") { Description = $"How many keys, 1..{MostKeys}", HelpName = "COUNT" };
        var command = new Command("generatemanagedprivatekeybatch", "Make and store many private keys; one line per key is printed once they are durable") { chain, count };
        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            var info = ChainCatalog.Get(arguments.GetRequiredValue(chain));
            var wanted = arguments.GetRequiredValue(count);
            if (wanted is < 1 or > MostKeys)
            {
                throw new KmsException(Failure.Usage, $"COUNT is not in 1..{MostKeys}");
            }

            using var edit = session.Edit(create: true);
            using var signals = new StopSignals();
            return Progress(report => Run(edit, info.Wallets, session.Network, wanted, report, signals), wanted);
        });
        return command;
    }

    private static int Run(WalletEdit edit, IWalletScheme scheme, Network network, int wanted, Action<int> report, StopSignals signals)
    {
        var stored = 0;
        while (stored < wanted)
        {
            var lines = new List<(string Id, string Address)>();
            while (lines.Count < KeysPerWrite && stored + lines.Count < wanted)
            {
                if (signals.Token.IsCancellationRequested)
                {
                    Terminal.Say($"interrupted: {stored} of {wanted} keys were stored and printed; the wallet file is whole");
                    return signals.Interrupted ? Program.Interrupted : 0;
                }

                lines.Add(Add(edit, scheme, network));
                report(stored + lines.Count);
            }

            edit.Save();
            stored += lines.Count;
            Print(lines);
        }

        return 0;
    }

    private static (string Id, string Address) Add(WalletEdit edit, IWalletScheme scheme, Network network)
    {
        var entry = scheme.GenerateKey(network);
        using var key = scheme.ParseKey(entry.KeyText!.Span, network);
        return (edit.Add(entry), scheme.Address(key.PublicKey, network));
    }

    private static void Print(List<(string Id, string Address)> lines)
    {
        using var stdout = new StreamWriter(Console.OpenStandardOutput());
        foreach (var (id, address) in lines)
        {
            stdout.Write($"{{\"signatureId\":\"{id}\",\"address\":\"{address}\"}}\n"); // neither holds a character to escape
        }
    }

    private static int Progress(Func<Action<int>, int> run, int wanted)
    {
        if (!Terminal.IsInteractive)
        {
            return run(_ => { });
        }

        var stderr = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return stderr.Progress().AutoClear(true).Start(progress =>
        {
            var bar = progress.AddTask("keys", maxValue: wanted);
            return run(done => bar.Value = done);
        });
    }
}

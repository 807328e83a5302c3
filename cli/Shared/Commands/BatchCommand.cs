using System.CommandLine;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Wallets;

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
            return Run(edit, info.Wallets, session.Network, wanted, signals);
        });
        return command;
    }

    private static int Run(WalletEdit edit, IWalletScheme scheme, Network network, int wanted, StopSignals signals)
    {
        var stored = 0;
        while (stored < wanted)
        {
            var before = stored;
            var lines = Progress(
                before,
                wanted,
                report => Store(edit,
                scheme,
                network,
                Math.Min(KeysPerWrite, wanted - before),
                report,
                signals.Token));
            Print(lines); // not under the bar, which draws over what is printed meanwhile
            stored += lines.Count;
            if (stored < wanted && signals.Token.IsCancellationRequested)
            {
                Terminal.Say(
                    $"interrupted: {stored} of {wanted} keys were stored and printed; the wallet file is whole");
                return signals.Interrupted ? Shell.Interrupted : 0;
            }
        }

        return 0;
    }

    /// <summary>Makes some keys and writes the file once; when stopped before that, none.</summary>
    private static List<(string Id, string Address)> Store(
        WalletEdit edit, IWalletScheme scheme, Network network, int count, Action<int> report, CancellationToken stop)
    {
        var lines = new List<(string Id, string Address)>();
        while (lines.Count < count)
        {
            if (stop.IsCancellationRequested)
            {
                return [];
            }

            lines.Add(Add(edit, scheme, network));
            report(lines.Count);
        }

        edit.Save();
        return lines;
    }

    private static (string Id, string Address) Add(WalletEdit edit, IWalletScheme scheme, Network network)
    {
        var entry = scheme.GenerateKey(network);
        using var key = scheme.ParseKey(entry.KeyText!.Span, network);
        return (edit.Add(entry), scheme.Address(key.PublicKey.Bytes, network));
    }

    private static void Print(List<(string Id, string Address)> lines)
    {
        using var stdout = new StreamWriter(Console.OpenStandardOutput());
        foreach (var (id, address) in lines)
        {
            // neither holds a character to escape
            stdout.Write($"{{\"signatureId\":\"{id}\",\"address\":\"{address}\"}}\n");
        }
    }

    private static List<(string Id, string Address)> Progress(int before, int wanted, Func<Action<int>, List<(string Id, string Address)>> store) => Terminal.IsInteractive
        ? Terminal.UnderBarAsync("keys", wanted, bar => Task.FromResult(store(done => bar.Value = before + done))).GetAwaiter().GetResult()
        : store(_ => { });
}

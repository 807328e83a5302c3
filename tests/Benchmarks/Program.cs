// Prints a table of ratios, each against the bare native call or the obvious lower bound of the same run. Exits 0 whatever it finds.
using KmsCloud.Tests.Benchmarks;

var table = new Table();
var wanted = args.Length > 1 ? args[1..] : ["signer", "reader", "hash", "store", "cycle", "reading", "process", "inputs"];
foreach (var part in wanted)
{
    Console.Error.WriteLine($"measuring: {part}");
    switch (part)
    {
        case "signer": SignerBenchmark.Run(table); break;
        case "reader": ReaderBenchmark.Run(table); break;
        case "hash": HashBenchmark.Run(table); break;
        case "store": StoreBenchmark.Run(table); break;
        case "cycle": await CycleBenchmark.RunAsync(table); break;
        case "reading": await CycleBenchmark.RunWithReaderAsync(table); break;
        case "process": ProcessBenchmark.Run(table, args[0]); break;
        case "inputs": BitcoinInputs.Print(Console.Out); break;
        default: Console.Error.WriteLine($"no part is called '{part}'"); break;
    }
}

table.Print(Console.Out);

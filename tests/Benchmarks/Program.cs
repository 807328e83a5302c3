// Prints a table of ratios, each against the bare native call or the obvious lower bound of the same run. Exits 0 whatever it finds.
using KmsCloud.Tests.Benchmarks;

var table = new Table();
var wanted = args.Length > 1 ? args[1..] : ["signer", "hash", "store", "cycle", "process", "inputs"];
foreach (var part in wanted)
{
    Console.Error.WriteLine($"measuring: {part}");
    switch (part)
    {
        case "signer": SignerBenchmark.Run(table); break;
        case "hash": HashBenchmark.Run(table); break;
        case "store": StoreBenchmark.Run(table); break;
        case "cycle": await CycleBenchmark.RunAsync(table); break;
        case "process": ProcessBenchmark.Run(table, args[0]); break;
        case "inputs": BitcoinInputs.Print(Console.Out); break;
        case var loop when loop.StartsWith("loop:", StringComparison.Ordinal):
            var bench = new SignerBenchmark { Chain = loop[5..] };
            bench.SetUp();
            foreach (var m in new[] { bench.Native, (Action)bench.Sign, bench.Native, bench.Sign, bench.Native, bench.Sign, bench.Native, bench.Sign })
            {
                var best = double.MaxValue;
                for (var k = 0; k < 10; k++)
                {
                    var c = System.Diagnostics.Stopwatch.StartNew();
                    for (var i = 0; i < 1000; i++) { m(); }
                    best = Math.Min(best, c.Elapsed.TotalMilliseconds);
                }
                var a0 = GC.GetAllocatedBytesForCurrentThread(); for (var i = 0; i < 100; i++) { m(); } Console.Write($"{best:0.0} [{(GC.GetAllocatedBytesForCurrentThread() - a0) / 100}] ");
            }
            Console.WriteLine(loop);
            break;
        default: Console.Error.WriteLine($"no part is called '{part}'"); break;
    }
}

table.Print(Console.Out);

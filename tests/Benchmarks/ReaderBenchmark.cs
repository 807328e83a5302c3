using BenchmarkDotNet.Attributes;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>One comparison by the second reader, one core, against a bare native signature with its verification: how many signatures a reading costs.</summary>
public class ReaderBenchmark
{
    private const string Taproot = "BTC P2TR";

    private static readonly (string Name, string Chain, string Case)[] Rows =
    [
        ("ETH legacy", "ETH", "native-transfer-private-key"),
        ("ETH type 2", "ETH", "fee-market-type-2"),
        ("BTC P2WPKH", "BTC", "p2wpkh-one-input-change"),
        (Taproot, "BTC", ""),
        ("LTC P2PKH", "LTC", "p2pkh-one-input-change"),
        ("DOGE P2PKH", "DOGE", "p2pkh-one-input-change"),
        ("BCH", "BCH", "one-input-two-outputs"),
    ];

    private readonly SecondReader reader = new();
    private SigningRun run = null!;
    private Action native = null!;

    /// <summary>The transaction that is read.</summary>
    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    public static IEnumerable<string> Names => Rows.Select(row => row.Name);

    internal static void Run(Table table)
    {
        using var part = Part.Small<ReaderBenchmark>();
        var bound = Rows.Min(row => part.Time(nameof(Native), row.Name));
        foreach (var (name, _, _) in Rows)
        {
            table.Multiple($"second reader, {name}, {part.Allocated(nameof(Compare), name) / 1000:0.0} kB allocated", part.Time(nameof(Compare), name), bound);
        }
    }

    [GlobalSetup]
    public void SetUp()
    {
        var (name, chain, vector) = Rows.Single(row => row.Name == Name);
        run = SigningRun.Sign(name == Taproot ? TaprootPayment() : Vectors.Case(chain, "signing", vector));
        native = SignerBenchmark.Secp256k1();
        if (!reader.Reads(run.Transaction.Summary) || reader.Compare(run.Pending, run.Transaction.Summary, run.Signed, isDraft: false).Count > 0)
        {
            throw new InvalidOperationException($"{Name} is not read as it was shown");
        }
    }

    [GlobalCleanup]
    public void CleanUp() => run.Dispose();

    [Benchmark(Baseline = true)]
    public void Native() => native();

    [Benchmark]
    public object Compare() => reader.Compare(run.Pending, run.Transaction.Summary, run.Signed, isDraft: false);

    private static System.Text.Json.JsonElement TaprootPayment()
    {
        var coin = OwnedCoin.New(InputKind.Taproot, new SeededRandom(1));
        return new PaymentCase("BTC").Spend(coin, new string('1', 64), 0, 100_000).Pay(coin.Script, 50_000).Pay(coin.Script, 49_000).Vector();
    }
}

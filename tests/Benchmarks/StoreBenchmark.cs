using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Primitives;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>The wallet file at size, with a password that costs next to nothing, so that what is left is ours.</summary>
public class StoreBenchmark : IDisposable
{
    private static readonly PasswordCost Free = new(1, 8192);
    private static readonly Dictionary<int, byte[]> Made = []; // wallet files by number of keys: every method and pass begins with the same one
    private readonly TempFolder folder = new();
    private readonly SecretBytes password = SecretBytes.FromString("benchmark password");
    private readonly SecretBytes contentKey = SecretBytes.Random(AesGcmBox.KeySize);
    private string path = "";
    private string bare = "";
    private IDisposable? opened;

    /// <summary>Keys in the store.</summary>
    [Params(100, 1_000, 25_000, 100_000)]
    public int Keys { get; set; }

    internal static void Run(Table table)
    {
        using var part = Part.Large<StoreBenchmark>();
        foreach (var keys in new[] { 100, 1_000, 25_000, 100_000 })
        {
            table.Multiple(
                $"open a store of {keys:N0} keys, beyond the password, against reading and decrypting the bytes", part.Time(nameof(Open), keys), part.Time(nameof(ReadAndDecrypt), keys), keys == 25_000 ? 3 : null);
        }

        table.Figure("open a store of 25,000 keys, beyond the password", part.Time(nameof(Open), 25_000).TotalSeconds, "s", atMost: 0.3);
        table.Figure("add one key at 25,000, beyond the password", part.Time(nameof(Add), 25_000).TotalSeconds, "s", atMost: 0.1);
        using var folder = new TempFolder();
        Batch(table, folder);
    }

    [GlobalSetup]
    public void SetUp()
    {
        if (Made.TryGetValue(Keys, out var made))
        {
            path = folder.File("wallet.dat");
            File.WriteAllBytes(path, made);
        }
        else
        {
            path = Make(folder, password, Keys);
            Made[Keys] = File.ReadAllBytes(path);
        }

        bare = folder.File("bare");
        using var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
        using var json = store.ToJson();
        File.WriteAllBytes(bare, AesGcmBox.Seal(contentKey.Span, json.Span, []));
    }

    [IterationCleanup]
    public void Close()
    {
        opened?.Dispose();
        opened = null;
    }

    /// <summary>The same contents under AES-256-GCM, read into locked memory, where every secret must be, and decrypted there: the fastest way we know.</summary>
    [Benchmark(Baseline = true)]
    public void ReadAndDecrypt() => opened = AesGcmBox.OpenInPlace(contentKey.Span, WalletStore.ReadBytes(bare), 0);

    /// <summary>Opened and listed by chain, as a daemon needs it.</summary>
    [Benchmark]
    public int Open()
    {
        var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
        opened = store;
        return store.Ids("ETH", Network.Testnet).Count;
    }

    [Benchmark]
    public void Add()
    {
        using var edit = WalletEdit.OpenOrCreate(path, password, Free);
        edit.Add(ChainCatalog.Get("ETH").Wallets.GenerateKey(Network.Testnet));
        edit.Save();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        contentKey.Dispose();
        password.Dispose();
        folder.Dispose();
    }

    /// <summary>A store of this many ETH keys.</summary>
    internal static string Make(TempFolder folder, SecretBytes password, int keys, Network network = Network.Testnet, string chain = "ETH")
    {
        var path = folder.File($"wallet-{chain}-{keys}-{network}.dat");
        using var edit = WalletEdit.OpenOrCreate(path, password, Free);
        var scheme = ChainCatalog.Get(chain).Wallets;
        for (var i = 0; i < keys; i++)
        {
            edit.Add(scheme.GenerateKey(network));
        }

        edit.Save();
        return path;
    }

    private static void Batch(Table table, TempFolder folder)
    {
        var clock = Stopwatch.StartNew();
        var run = Tests.Support.Run.Kms(["generatemanagedprivatekeybatch", "ETH", "10000", "--testnet", "--path", folder.File("batch.dat")], environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = "benchmark password" }, folder: folder.Root);
        table.Figure("kms generatemanagedprivatekeybatch ETH 10000, in all", run.ExitCode == 0 ? clock.Elapsed.TotalSeconds : double.NaN, "s", atMost: 10);
    }
}

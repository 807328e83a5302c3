using System.Diagnostics;
using System.Security.Cryptography;
using KmsCloud.Chains;
using KmsCloud.Primitives;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>The wallet file at size, with a password that costs next to nothing, so that what is left is ours.</summary>
internal static class StoreBenchmark
{
    private static readonly PasswordCost Free = new(1, 8192);

    public static void Run(Table table)
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("benchmark password");
        foreach (var keys in new[] { 100, 1_000, 25_000, 100_000 })
        {
            var path = Make(folder, password, keys);
            var open = Clock.OfOne(() => WalletStore.Open(path, password).Dispose());
            var bound = Clock.OfOne(() => ReadAndDecrypt(path));
            table.Multiple($"open a store of {keys:N0} keys, beyond the password, against reading and decrypting the bytes", open, bound, keys == 25_000 ? 3 : null);
            if (keys == 25_000)
            {
                table.Figure("open a store of 25,000 keys, beyond the password", open.TotalSeconds, "s", atMost: 0.3);
                table.Figure("add one key at 25,000, beyond the password", Clock.OfOne(() => Add(path, password)).TotalSeconds, "s", atMost: 0.1);
            }
        }

        Batch(table, folder);
    }

    /// <summary>A store of this many ETH keys.</summary>
    public static string Make(TempFolder folder, SecretBytes password, int keys, Network network = Network.Testnet)
    {
        var path = folder.File($"wallet-{keys}-{network}.dat");
        using var edit = WalletEdit.OpenOrCreate(path, password, Free);
        var scheme = ChainCatalog.Get("ETH").Wallets;
        for (var i = 0; i < keys; i++)
        {
            edit.Add(scheme.GenerateKey(network));
        }

        edit.Save();
        return path;
    }

    private static void Add(string path, SecretBytes password)
    {
        using var edit = WalletEdit.OpenOrCreate(path, password, Free);
        edit.Add(ChainCatalog.Get("ETH").Wallets.GenerateKey(Network.Testnet));
        edit.Save();
    }

    private static void ReadAndDecrypt(string path)
    {
        var bytes = File.ReadAllBytes(path);
        using var aes = new AesGcm(new byte[32], AesGcmBox.TagSize);
        var plaintext = new byte[bytes.Length - 28];
        try
        {
            aes.Decrypt(bytes.AsSpan(0, 12), bytes.AsSpan(12, plaintext.Length), bytes.AsSpan(bytes.Length - 16), plaintext);
        }
        catch (AuthenticationTagMismatchException)
        {
            // the work of decrypting is the same under a wrong key
        }
    }

    private static void Batch(Table table, TempFolder folder)
    {
        var clock = Stopwatch.StartNew();
        var run = Tests.Support.Run.Kms(["generatemanagedprivatekeybatch", "ETH", "10000", "--testnet", "--path", folder.File("batch.dat")], environment: new Dictionary<string, string?> { ["TATUM_KMS_PASSWORD"] = "benchmark password" }, folder: folder.Root);
        table.Figure("kms generatemanagedprivatekeybatch ETH 10000, in all", run.ExitCode == 0 ? clock.Elapsed.TotalSeconds : double.NaN, "s", atMost: 10);
    }
}

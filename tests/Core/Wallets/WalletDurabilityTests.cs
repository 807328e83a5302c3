using System.Diagnostics;
using System.Security.Cryptography;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Store;

/// <summary>Nothing stored is ever lost: kills, full disks, other processes.</summary>
public static class WalletDurabilityTests
{
    private const int Kills = 520;
    private static readonly PasswordCost Cheap = new(1, 8192);

    [Fact]
    public static void A_kill_at_any_moment_loses_no_wallet_that_was_stored()
    {
        Parallel.For(0, 2, new ParallelOptions { MaxDegreeOfParallelism = 2 }, _ => KillWriters(Kills / 2));
    }

    [Fact]
    public static void A_full_disk_leaves_the_old_file()
    {
        using var folder = new TempFolder();
        var mount = Run.Program("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.Root]);
        Assert.SkipWhen(mount.ExitCode != 0, "NOT CHECKED: only root can mount the small disk of this test");
        try
        {
            using var password = SecretBytes.FromString("password of the test");
            var path = folder.File("wallet.dat");
            var stored = 0;
            var error = Assert.Throws<KmsException>(() =>
            {
                while (stored < 100_000)
                {
                    using var edit = WalletEdit.OpenOrCreate(path, password, Cheap);
                    for (var i = 0; i < 20; i++)
                    {
                        edit.Add(WalletFileTests.Entry());
                    }

                    edit.Save();
                    stored += 20;
                }
            });
            Assert.Equal(Failure.WalletFile, error.Failure);
            Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
            Assert.True(stored > 0);
            using var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
            Assert.Equal(stored, store.Count);
            Assert.DoesNotContain(Directory.GetFiles(folder.Root), name => name.EndsWith(".new", StringComparison.Ordinal));
        }
        finally
        {
            Run.Program("umount", [folder.Root]);
        }
    }

    [Fact]
    public static void Two_processes_that_add_at_once_both_succeed()
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("password of the test");
        var path = folder.File("wallet.dat");
        Parallel.For(0, 40, _ =>
        {
            using var edit = WalletEdit.OpenOrCreate(path, password, Cheap);
            edit.Add(WalletFileTests.Entry());
            edit.Save();
        });
        using var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
        Assert.Equal(40, store.Count);
        Assert.Equal(40, store.Generation);
    }

    [Fact]
    public static void Files_and_folders_are_for_their_owner_alone()
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("password of the test");
        var path = folder.File("new/wallet.dat");
        for (var i = 0; i < 2; i++)
        {
            using var edit = WalletEdit.OpenOrCreate(path, password, Cheap);
            edit.Add(WalletFileTests.Entry());
            edit.Save();
        }

        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(owner, File.GetUnixFileMode(path));
        Assert.Equal(owner, File.GetUnixFileMode(path + ".bak"));
        Assert.Equal(owner | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.File("new")));
    }

    [Fact]
    public static void A_replaced_file_is_read_again_and_a_damaged_one_is_not_taken()
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("password of the test");
        var path = folder.File("wallet.dat");
        Add(path, password);
        using var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
        Assert.False(store.ReloadIfReplaced());
        Add(path, password);
        File.SetLastWriteTimeUtc(path, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.True(store.ReloadIfReplaced());
        Assert.Equal(2, store.Count);
        File.WriteAllText(path, "not a wallet file");
        Assert.Throws<KmsException>(() => store.ReloadIfReplaced());
        Assert.Equal(2, store.Count);
    }

    private static void Add(string path, SecretBytes password)
    {
        using var edit = WalletEdit.OpenOrCreate(path, password, Cheap);
        edit.Add(WalletFileTests.Entry());
        edit.Save();
    }

    private static void KillWriters(int kills)
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("password of the test");
        var path = folder.File("wallet.dat");
        var known = new HashSet<string>();
        for (var round = 0; round < kills; round++)
        {
            if (round % 40 == 39)
            {
                foreach (var file in Directory.GetFiles(folder.Root))
                {
                    File.Delete(file); // small files are written more often in the time a writer lives
                }

                known.Clear();
            }

            known.UnionWith(RunAndKill(path));
            if (!File.Exists(path))
            {
                Assert.Empty(known);
                continue;
            }

            using var store = WalletStore.Open(path, password, ChainCatalog.WalletsOf);
            Assert.Subset(store.Wallets.Select(wallet => wallet.SignatureId).ToHashSet(), known);
            Assert.InRange(store.Count, known.Count, known.Count + round + 1); // the one being written may be in or not
            known = [.. store.Wallets.Select(wallet => wallet.SignatureId)];
        }
    }

    private static List<string> RunAndKill(string path)
    {
        using var writer = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "wallet-writer"), [path, "password of the test"])
        {
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", writer.StandardOutput.ReadLine());
        Thread.Sleep(TimeSpan.FromMicroseconds(RandomNumberGenerator.GetInt32(40_000)));
        writer.Kill(); // SIGKILL
        var output = writer.StandardOutput.ReadToEnd();
        writer.WaitForExit();
        return [.. output.Split('\n')[..^1]]; // a last line without newline was cut by the kill
    }
}

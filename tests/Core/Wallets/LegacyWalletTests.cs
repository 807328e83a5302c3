using System.Text;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Store;

/// <summary>The wallet.dat of tatum-kms, read only.</summary>
public static class LegacyWalletTests
{
    private const string Contents = """
        {"8b1f6c1a-0000-4000-8000-000000000001":{"mnemonic":"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about","xpub":"xpub6","chain":"BTC","testnet":false},
         "8b1f6c1a-0000-4000-8000-000000000002":{"chain":"ETH","testnet":true,"privateKey":"0x0101010101010101010101010101010101010101010101010101010101010101"},
         "8b1f6c1a-0000-4000-8000-000000000003":{"address":"rU6K7V3Po4snVhBBaU29sesqs2qTQJWDw1","secret":"sEdTM1uX8pu2do5XvTnutH6HsouMaM2","chain":"XRP","testnet":true}}
        """;

    [Fact]
    public static void Reads_a_file_made_by_openssl()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("plain"), Contents);
        var run = Run.Program("openssl", ["enc", "-aes-256-cbc", "-md", "md5", "-salt", "-a", "-A", "-in", folder.File("plain"), "-out", folder.File("wallet.dat"), "-pass", "pass:Pässwort"]);
        Assert.True(run.ExitCode == 0, run.Error);
        using var contents = LegacyWalletFile.Open(File.ReadAllBytes(folder.File("wallet.dat")), Encoding.UTF8.GetBytes("Pässwort"));
        Assert.Equal(3, contents.Entries.Count);
        Assert.True(contents.Entries["8b1f6c1a-0000-4000-8000-000000000001"].IsMnemonic);
        Assert.Equal("sEdTM1uX8pu2do5XvTnutH6HsouMaM2", contents.Entries["8b1f6c1a-0000-4000-8000-000000000003"].Secret!.Reveal());
    }

    [Fact]
    public static void A_hundred_thousand_wrong_passwords_never_open_it_and_never_change_it()
    {
        var file = LegacyWallet.Encrypt(Contents, "right");
        var before = file.ToArray();
        Parallel.For(0, 100_000, i =>
        {
            var error = Assert.Throws<KmsException>(() => LegacyWalletFile.Open(file, Encoding.ASCII.GetBytes($"wrong {i}")));
            Assert.Equal(Failure.WrongPassword, error.Failure);
        });
        Assert.Equal(before, file);
        LegacyWalletFile.Open(file, "right"u8).Dispose();
    }

    [Theory]
    [InlineData("U2FsdGVkX1")]
    [InlineData("U2FsdGVkX1+AAAAAAAAAAA==")] // salt and nothing else
    [InlineData("U2FsdGVkX1!!!!")]
    public static void Says_when_it_is_not_whole(string text) => Assert.Equal(
        Failure.WalletFile, Assert.Throws<KmsException>(() => LegacyWalletFile.Open(Encoding.ASCII.GetBytes(text), "x"u8)).Failure);

    [Fact] // issue 15, low
    public static void A_file_with_one_id_twice_says_so_and_the_last_is_taken_as_tatum_kms_does()
    {
        var file = LegacyWallet.Encrypt(
            """{"a":{"chain":"ETH","testnet":true,"privateKey":"0x01"},"b":{"chain":"ETH","testnet":true,"privateKey":"0x02"},"a":{"chain":"ETH","testnet":true,"privateKey":"0x03"}}""",
            "right");
        var error = Assert.Throws<KmsException>(() => LegacyWalletFile.Open(file, "right"u8));
        Assert.Equal(Failure.WalletFile, error.Failure);
        Assert.Contains("'a' twice", error.Message, StringComparison.Ordinal);
        Assert.Contains("kms migrate", error.Hint!, StringComparison.Ordinal);
        var skipped = new List<(string Id, string Reason)>();
        using var contents = LegacyWalletFile.Open(file, "right"u8, skipped);
        Assert.Equal(["b", "a"], contents.Entries.Keys);
        Assert.Equal("0x03", contents.Entries["a"].PrivateKey!.Reveal());
        Assert.Equal("a", Assert.Single(skipped).Id);
    }

    [Theory] // issue 15, low
    [InlineData("right\n", true)]
    [InlineData("right\r\n", true)]
    [InlineData("wrong", false)]
    public static void A_password_that_ends_with_a_line_break_is_named(string password, bool isNamed)
    {
        var error = Assert.Throws<KmsException>(() => LegacyWalletFile.Open(LegacyWallet.Encrypt(Contents, "right"), Encoding.ASCII.GetBytes(password)));
        Assert.Equal(isNamed, error.Hint?.Contains("ends with a line break", StringComparison.Ordinal) is true);
    }

    [Fact]
    public static void Lists_entries_that_are_no_wallets_instead_of_failing()
    {
        var skipped = new List<(string Id, string Reason)>();
        using var contents = LegacyWalletFile.Open(
            LegacyWallet.Encrypt("""{"a":{"chain":"ETH","testnet":true,"privateKey":"0x01"},"b":{"chain":"ETH","testnet":true},"c":[1,{"x":2}],"d":{"chain":1,"testnet":true,"privateKey":"x"},"e":{"chain":"BTC","testnet":false,"mnemonic":"m"}}""", "right"),
            "right"u8,
            skipped);
        Assert.Equal(["a", "e"], contents.Entries.Keys);
        Assert.Equal(["b", "c", "d"], skipped.Select(entry => entry.Id));
        Assert.All(skipped, entry => Assert.NotEmpty(entry.Reason));
    }
}

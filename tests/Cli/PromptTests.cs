using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Cli;

/// <summary>Prompts on a real terminal: asked in tatum-kms's words, answered without echo.</summary>
public static class PromptTests
{
    private const string Ask = "Enter password to access wallet store:";
    private const string Password = "canary-password-on-a-terminal";
    private const string Mnemonic = "legal winner thank year wave sausage worth useful legal winner thank yellow";

    [Fact]
    public static void A_new_password_is_asked_for_twice_and_never_shown()
    {
        using var folder = new TempFolder();
        var (screen, code) = Pty.Kms(folder.Root, ["generatemanagedwallet", "ETH", "--testnet"], (Ask, Password), ("again", Password));
        Assert.Equal(0, code);
        Assert.Contains("signatureId", screen, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, screen, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File(".tatumrc/wallet.dat")));
    }

    [Fact]
    public static void Two_passwords_that_differ_write_nothing()
    {
        using var folder = new TempFolder();
        var (screen, code) = Pty.Kms(folder.Root, ["generatemanagedwallet", "ETH"], (Ask, Password), ("again", "something else"));
        Assert.Equal(2, code);
        Assert.Contains("error: the two passwords are empty or differ\nhint: nothing was written", screen, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File(".tatumrc/wallet.dat")));
    }

    [Fact]
    public static void Mnemonics_are_asked_for_after_the_password_and_keys_before_it()
    {
        using var folder = new TempFolder();
        var (screen, code) = Pty.Kms(folder.Root, ["storemanagedwallet", "ETH"], (Ask, Password), ("again", Password), ("Enter mnemonic to store:", Mnemonic));
        Assert.Equal(0, code);
        Assert.DoesNotContain("sausage", screen, StringComparison.Ordinal);
        (screen, code) = Pty.Kms(folder.Root, ["storemanagedprivatekey", "ETH"], ("Enter private key to store:", "0x" + new string('7', 64)), (Ask, Password));
        Assert.Equal(0, code);
        Assert.DoesNotContain("7777", screen, StringComparison.Ordinal);
        (screen, code) = Pty.Kms(folder.Root, ["export"], (Ask, Password));
        Assert.Equal(0, code);
        Assert.Contains("warning: every secret", screen, StringComparison.Ordinal);
        Assert.Contains("sausage", screen, StringComparison.Ordinal);
    }

    [Fact]
    public static void Migrate_asks_for_the_old_password_once_and_for_the_new_one_twice()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.File("old.dat"), Store.LegacyWalletTests.Encrypt("""{"a":{"chain":"ETH","testnet":true,"privateKey":"0x0101010101010101010101010101010101010101010101010101010101010101"}}""", "the old one"));
        var (screen, code) = Pty.Kms(folder.Root, ["migrate", folder.File("old.dat"), "--path", folder.File("new.dat")], ("of the old wallet file:", "the old one"), (Ask, Password), ("again", Password));
        Assert.Equal(0, code);
        Assert.Contains("\"addressesCompared\": 1", screen, StringComparison.Ordinal);
        Assert.Equal(3, screen.Split("password").Length - 1);
    }

    [Fact]
    public static void Ctrl_c_at_a_prompt_ends_with_130_and_writes_nothing()
    {
        using var folder = new TempFolder();
        var (_, code) = Pty.Kms(folder.Root, ["generatemanagedwallet", "ETH"], (Ask, "^C"));
        Assert.Equal(130, code);
        Assert.False(File.Exists(folder.File(".tatumrc/wallet.dat")));
    }

    [Fact]
    public static void A_wrong_password_is_said_in_one_line()
    {
        using var folder = new TempFolder();
        Pty.Kms(folder.Root, ["generatemanagedwallet", "ETH"], (Ask, Password), ("again", Password));
        var (screen, code) = Pty.Kms(folder.Root, ["export"], (Ask, "wrong"));
        Assert.Equal(3, code);
        Assert.Contains("error: Wrong password.", screen, StringComparison.Ordinal);
    }
}

using System.CommandLine;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Wallets;

namespace KmsCloud.Cli;

/// <summary>What a command works with, read from its command line and the environment.</summary>
internal sealed class Session
{
    private const int ShortPassword = 12;
    private const string Local = "LOCAL";
    private readonly Lazy<IWalletStorage> storage;
    private readonly IEdition edition;

    internal Session(ParseResult arguments)
    {
        Arguments = arguments;
        Settings = Settings.Read(arguments.GetValue(GlobalOptions.EnvFile));
        if (LockedMemory.AllowsSwap)
        {
            Terminal.Warn(LockedMemory.Warning);
        }

        Network = arguments.GetValue(GlobalOptions.Testnet) ? Network.Testnet : Network.Mainnet;
        WalletPath = arguments.GetValue(GlobalOptions.WalletPath) ?? Path.Combine(Settings.HomeFolder, "wallet.dat");
        edition = KmsRoot.EditionOf(arguments);
        storage = new(() => edition.WalletStorage(this));
        StoreType = edition.Vault(arguments) ?? Local;
    }

    /// <summary>The command line.</summary>
    internal ParseResult Arguments { get; }

    /// <summary>Environment and env files.</summary>
    internal Settings Settings { get; }

    /// <summary>The chosen network.</summary>
    internal Network Network { get; }

    /// <summary>The wallet file.</summary>
    internal string WalletPath { get; }

    /// <summary>Where the password comes from, in tatum-kms's words.</summary>
    internal string StoreType { get; }

    /// <summary>Whether there is a wallet file.</summary>
    internal bool HasWallet => storage.Value.Exists();

    /// <summary>Opens the wallet file for reading.</summary>
    internal WalletStore OpenStore()
    {
        RequireFile();
        using var password = Password();
        WarnOfModes();
        var store = Open(password);
        if (store.IsLegacy)
        {
            Terminal.Warn(
                "this is a tatum-kms wallet file, which has no protection against changes; move to the new format "
                + "with: kms migrate");
        }

        return store;
    }

    /// <summary>
    /// Opens another wallet file for reading, under the configured password or one that is asked for.
    /// </summary>
    internal WalletStore OpenOther(string path)
    {
        using var password = edition.VaultPassword(this, create: false) ?? ConfiguredPassword()
            ?? AskPassword($"Enter password of '{path}':");
        return WalletStore.Open(path, password, ChainCatalog.WalletsOf);
    }

    /// <summary>
    /// Opens the wallet file for a change; with <paramref name="create"/> a new one is made when there is none.
    /// </summary>
    internal WalletEdit Edit(bool create)
    {
        if (!create)
        {
            RequireFile();
        }

        if (HasWallet)
        {
            WarnOfModes();
            return Edit(Password());
        }

        if (!Arguments.GetValue(GlobalOptions.Quiet))
        {
            Terminal.Say($"there is no wallet file at '{WalletPath}': making a new one");
        }

        var edit = Edit(NewPassword());
        Terminal.Warn(
            "whoever loses this file or its password loses the keys in it for good: keep a copy of each, apart from "
            + "each other");
        return edit;
    }

    /// <summary>A new file in the place of a tatum-kms one.</summary>
    internal WalletEdit EditInPlace(InPlaceWallet place)
    {
        using var password = NewPassword();
        return WalletEdit.OpenOrCreate(place, password);
    }

    private WalletEdit Edit(SecretBytes password)
    {
        using (password)
        {
            try
            {
                return WalletEdit.OpenOrCreate(storage.Value, password);
            }
            catch (KmsException error) when (IsUnexplained(error))
            {
                throw WrongPassword(error);
            }
        }
    }

    /// <summary>The password of an existing file: a vault, environment, --password-file, or a prompt.</summary>
    internal SecretBytes Password() =>
        edition.VaultPassword(this, create: false) ?? ConfiguredPassword()
            ?? AskPassword("Enter password to access wallet store:");

    /// <summary>The password of a new file, asked for twice when a person types it.</summary>
    internal SecretBytes NewPassword()
    {
        var password = edition.VaultPassword(this, create: true) ?? ConfiguredPassword()
            ?? AskNewPassword("Enter a new password for the wallet file:");
        if (password.Length < ShortPassword)
        {
            Terminal.Warn($"the password has fewer than {ShortPassword} characters");
        }

        return password;
    }

    /// <summary>The password that <c>passwd</c> sets: from a file, or asked for twice.</summary>
    internal static SecretBytes ChosenPassword(string? file) =>
        file is null ? AskNewPassword("Enter the new password:") : ReadPasswordFile(file);

    /// <summary>The password of a file to migrate from: its own file, or the configured one, or a prompt.</summary>
    internal SecretBytes OldPassword(string? file) =>
        file is not null
            ? ReadPasswordFile(file)
            : ConfiguredPassword() ?? AskPassword("Enter password of the old wallet file:");

    private static SecretBytes AskPassword(string question) =>
        Terminal.AskSecret(question, "set TATUM_KMS_PASSWORD or use --password-file where nobody can type");

    private static SecretBytes AskNewPassword(string question)
    {
        var first = AskPassword(question);
        using var second = AskPassword("Enter the new password again:");
        if (first.Length > 0 && first.Span.SequenceEqual(second.Span))
        {
            return first;
        }

        first.Dispose();
        throw new KmsException(
            Failure.Usage, "the two passwords are empty or differ", "nothing was written; start again");
    }

    private SecretBytes? ConfiguredPassword()
    {
        if (Settings["TATUM_KMS_PASSWORD"] is { } fromEnvironment)
        {
            return SecretBytes.FromString(fromEnvironment);
        }

        return Arguments.GetValue(GlobalOptions.PasswordFile) is { } path ? ReadPasswordFile(path) : null;
    }

    private static SecretBytes ReadPasswordFile(string path)
    {
        try
        {
            if ((File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
            {
                Terminal.Warn("the password file can be read by others than its owner; chmod 600 it");
            }

            using var content = SecretBytes.Take(File.ReadAllBytes(path));
            var text = content.Span;
            // a byte order mark is the editor's, not the password's
            text = text.StartsWith("\uFEFF"u8) ? text[3..] : text;
            var end = text.IndexOfAny((byte)'\n', (byte)'\r');
            text = end < 0 ? text : text[..end];
            if (text.IsEmpty)
            {
                throw new KmsException(Failure.Usage, "the first line of the password file is empty");
            }

            return SecretBytes.Copy(text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // so it is not shown
            throw new KmsException(
                Failure.Usage,
                "the password file cannot be read",
                "check that a file's name was given, not the password",
                error);
        }
    }

    private WalletStore Open(SecretBytes password)
    {
        try
        {
            return WalletStore.Open(storage.Value, password, ChainCatalog.WalletsOf);
        }
        catch (KmsException error) when (IsUnexplained(error))
        {
            throw WrongPassword(error);
        }
    }

    private static bool IsUnexplained(KmsException error) => error is { Failure: Failure.WrongPassword, Hint: null };

    /// <summary>Where the password came from, and the file's copy where there is one: nothing that is not so.</summary>
    private KmsException WrongPassword(KmsException error)
    {
        var copy = WalletPath + ".bak";
        var origin = PasswordOrigin() is { } place ? $"it was read from {place}" : null;
        var other = File.Exists(copy) ? $"if it is right, the file is damaged: the state before is in '{copy}'" : null;
        string[] hints = [.. new[] { origin, other }.OfType<string>()];
        return new(Failure.WrongPassword, error.Message, hints.Length == 0 ? null : string.Join("; ", hints), error);
    }

    /// <summary>Where the password is from, or null when a person typed it.</summary>
    private string? PasswordOrigin()
    {
        if (StoreType != Local)
        {
            return "the vault";
        }

        const string Variable = "TATUM_KMS_PASSWORD";
        if (Settings[Variable] is not null)
        {
            return $"{Variable} of {(Settings.Source(Variable) is { } file ? $"'{file}'" : "the environment")}";
        }

        // its value may be the password
        return Arguments.GetValue(GlobalOptions.PasswordFile) is null ? null : "--password-file";
    }

    private void RequireFile()
    {
        if (!HasWallet)
        {
            throw new KmsException(
                Failure.WalletFile,
                $"No such wallet file. Nothing is at '{WalletPath}'",
                "check --path, or make one with: kms generatemanagedwallet CHAIN");
        }
    }

    private void WarnOfModes()
    {
        if (File.Exists(WalletPath)
            && (File.GetUnixFileMode(WalletPath) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
        {
            Terminal.Warn($"'{WalletPath}' can be used by others than its owner; chmod 600 it");
        }
    }
}

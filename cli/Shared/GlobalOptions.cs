using System.CommandLine;

namespace KmsCloud.Cli;

/// <summary>The options every command has, in the camelCase of tatum-kms 8 and in kebab-case.</summary>
internal static class GlobalOptions
{
    internal static readonly Option<bool> Testnet = new("--testnet") { Description = "Work on the chain's test network; mainnet otherwise", Recursive = true };

    internal static readonly Option<string?> WalletPath = new("--path")
    {
        Description = "The wallet file [default: ~/.tatumrc/wallet.dat]",
        HelpName = "FILE",
        Recursive = true,
    };

    internal static readonly Option<string?> EnvFile = new("--env-file", "--envFile")
    {
        Description = "File of NAME=value lines [default: ~/.tatumrc/.env]",
        HelpName = "FILE",
        Recursive = true,
    };

    internal static readonly Option<string?> PasswordFile = new("--password-file", "--passwordFile")
    {
        Description = "File whose first line is the wallet file's password",
        HelpName = "FILE",
        Recursive = true,
    };

    internal static readonly Option<bool> AllowSwap = new("--allow-swap", "--allowSwap") { Description = "Go on where memory cannot be locked: secrets may be written to swap", Recursive = true };

    internal static readonly Option<bool> Quiet = new("--quiet") { Description = "Errors only on stderr", Recursive = true };

    internal static readonly Option<bool> Verbose = new("--verbose") { Description = "Debug lines on stderr; never secrets or signed data", Recursive = true };

    internal static readonly Option<string> LogFormat = Choice(
        "--log-format", "--logFormat", "Form of the log lines on stderr", "text", "json");

    /// <summary>How a command comes to the wallet file's password, and keeps it.</summary>
    internal static IEnumerable<Option> OfPassword(IEdition edition) =>
        [PasswordFile, .. edition.VaultOptions, AllowSwap];

    internal static IEnumerable<Option> All(IEdition edition) =>
        [Testnet, WalletPath, EnvFile, .. OfPassword(edition), Quiet, Verbose, LogFormat];

    /// <summary>An option with a few allowed words, the first being the default.</summary>
    internal static Option<string> Choice(string name, string alias, string description, params string[] words)
    {
        var option = new Option<string>(name, alias) { Description = description, DefaultValueFactory = _ => words[0], Recursive = true };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}

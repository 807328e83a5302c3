using System.CommandLine;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Wallets;

namespace KmsCloud.Cli;

/// <summary>What one build of kms can reach: this machine's files alone, or a network as well.</summary>
internal interface IEdition
{
    /// <summary>The word for it in <c>kms version</c>.</summary>
    string Flavour { get; }

    /// <summary>The examples in the help of kms itself.</summary>
    string Examples { get; }

    /// <summary>The options that name a vault to take the password from.</summary>
    IReadOnlyList<Option> VaultOptions { get; }

    /// <summary>The commands that only this edition has.</summary>
    IReadOnlyList<Command> CreateCommands();

    /// <summary>The reports under <c>kms report</c> that only this edition makes.</summary>
    IReadOnlyList<Command> CreateReports();

    /// <summary>
    /// The vault that a command line chose, in tatum-kms's word; null where the password comes from a person or a file.
    /// </summary>
    string? Vault(ParseResult arguments);

    /// <summary>The password from the chosen vault, or null where none is chosen.</summary>
    /// <param name="session">The command line and the settings.</param>
    /// <param name="create">Whether one is made where the vault has none.</param>
    SecretBytes? VaultPassword(Session session, bool create);

    /// <summary>Where the wallet file lies.</summary>
    IWalletStorage WalletStorage(Session session);

    /// <summary>The head of the state, for reading.</summary>
    StateHead OpenHead(Session session, SecretBytes key);

    /// <summary>The switch that stops the signing.</summary>
    Freeze OpenFreeze(Session session);

    /// <summary>The lines of <c>kms checkconfig</c> that only matter with a network.</summary>
    void ShowNetwork(Session session);
}

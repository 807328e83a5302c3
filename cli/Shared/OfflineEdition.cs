using System.CommandLine;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Wallets;

namespace KmsCloud.Cli;

/// <summary>This machine's files and nothing else: for key ceremonies, and what every other edition falls back to.</summary>
internal sealed class OfflineEdition : IEdition
{
    public string Flavour => "offline";

    public string Examples => """
              kms version --output json                   is this the program of the protocol?
              kms generatemanagedwallet BTC --dice-only   a wallet of dice rolls
              kms verify                                  is the file whole?
            """;

    public IReadOnlyList<Option> VaultOptions => [];

    public IReadOnlyList<Command> CreateCommands() => [];

    public IReadOnlyList<Command> CreateReports() => [];

    public string? Vault(ParseResult arguments) => null;

    public SecretBytes? VaultPassword(Session session, bool create) => null;

    public IWalletStorage WalletStorage(Session session) => new LocalWallet(session.WalletPath);

    public StateHead OpenHead(Session session, SecretBytes key)
    {
        var path = Path.Combine(StateFolder.Of(session), StateHead.RecordName);
        return StateHead.Open(FileRecordPlaces.OpenForReading(path, StateHead.Size), key, StateFolder.ExpectedId(session));
    }

    public Freeze OpenFreeze(Session session) => new(StateFolder.Of(session));

    public void ShowNetwork(Session session)
    {
        // there is none
    }
}

using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>Whether the wallet file holds anything that a daemon would sign for.</summary>
internal static class DaemonWallets
{
    /// <summary>
    /// A file without wallets is waited on; one whose wallets are all of something else is a mistake.
    /// </summary>
    /// <param name="store">The open wallet file.</param>
    /// <param name="network">The network of the command line.</param>
    /// <param name="chains">The chains that are polled.</param>
    /// <exception cref="KmsException">
    /// There are wallets, and none of them is of this network and these chains.
    /// </exception>
    internal static void Require(WalletStore store, Network network, IReadOnlyCollection<string> chains)
    {
        if (store.Count == 0 || Has(store, network, chains))
        {
            return;
        }

        var other = network is Network.Mainnet ? Network.Testnet : Network.Mainnet;
        var flag = network is Network.Mainnet ? "add --testnet" : "leave --testnet out";
        var hint = Has(store, other, chains) ? $"{Count(store.Count)} of {Name(other)}: {flag}"
            : "check --chain, which names the chains that are polled";
        throw new KmsException(
            Failure.Usage, $"the wallet file has nothing to sign for on {Name(network)}", $"{hint}; to wait for wallets that are added later, use --wait-for-wallets");
    }

    private static bool Has(WalletStore store, Network network, IEnumerable<string> chains) =>
        chains.Any(chain => store.Ids(chain, network).Count > 0);

    private static string Count(int wallets) => wallets == 1 ? "its one wallet is" : "its wallets are";

    private static string Name(Network network) => network.ToString().ToLowerInvariant();
}

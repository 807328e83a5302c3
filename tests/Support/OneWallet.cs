using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Tests.Support;

/// <summary>A chain with one wallet, of a key or (where there are spaces) of a mnemonic, to decode transactions with. Lives as long as the tests.</summary>
internal sealed class OneWallet
{
    private readonly Network network;

    public OneWallet(string code, string secret, Network network = Network.Testnet)
    {
        this.network = network;
        Chain = ChainCatalog.Get(code);
        var text = SecretBytes.FromString(secret);
        Wallet = new("id", secret.Contains(' ', StringComparison.Ordinal) ? Chain.Wallets.FromMnemonic(text, network) : Chain.Wallets.FromKey(text, network), Chain.Wallets);
    }

    public IChain Chain { get; }

    public Wallet Wallet { get; }

    public string Address => Wallet.Address(Wallet.KeyAt(0));

    public PendingTransaction Pending(string serialized) => new() { Id = "1", Chain = Chain.Info.Code, SerializedTransaction = serialized };

    public UnsignedTransaction Decode(string serialized, ChainOptions? options = null, uint? index = null) => Chain.Decode(
        Pending(serialized),
        new([Wallet], [], index),
        new SigningContext(network) { Chains = new Dictionary<string, ChainOptions> { [Chain.Info.Code] = options ?? ChainOptions.Default } });
}

using System.Text;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Tests.Support;

/// <summary>A chain and a wallet of one key: pending JSON in, decoded or signed transaction out.</summary>
internal sealed class SingleKeySigner : IDisposable
{
    private readonly WalletEntry entry;
    private readonly Wallet wallet;
    private readonly SigningContext context;

    public SingleKeySigner(string code, string key, Network network = Network.Testnet, ChainOptions? options = null)
    {
        Chain = ChainCatalog.Get(code);
        entry = Chain.Wallets.FromKey(SecretBytes.Take(Encoding.UTF8.GetBytes(key)), network);
        wallet = new("wallet", entry, Chain.Wallets);
        context = new(network) { Chains = new Dictionary<string, ChainOptions> { [code] = options ?? new() { AllowLowFee = true } } }; // tests write small prices
    }

    public IChain Chain { get; }

    /// <summary>The private side.</summary>
    public ISigningKeys Keys => wallet;

    /// <summary>The address as getaddress prints it.</summary>
    public string Address => wallet.Address(wallet.Key());

    public ReadOnlySpan<byte> PublicKey => wallet.Key().Bytes;

    public UnsignedTransaction Decode(string json) => Chain.Decode(Pending(json), new([wallet], [], null), context);

    /// <summary>Decodes, fills from the answers and signs.</summary>
    public SignedTransaction Sign(string json, Func<NodeCall, string>? answer = null, ulong? next = null) => Complete(Decode(json), answer, next).Sign(wallet);

    public static UnsignedTransaction Complete(UnsignedTransaction transaction, Func<NodeCall, string>? answer, ulong? next = null)
    {
        for (var rounds = 0; transaction.Missing.Count > 0; rounds++)
        {
            Assert.True(rounds < 10, "filling does not end");
            Assert.True(answer is not null, $"asks for {transaction.Missing[0].What}");
            transaction = transaction.Complete(new([.. transaction.Missing.Select(call => JsonDocument.Parse(answer(call)).RootElement)], next));
        }

        return transaction;
    }

    public SubmissionOutcome Submit(string json, SignedTransaction signed, Func<NodeCall, NodeAnswer> answer)
    {
        var submission = Chain.Submit(Pending(json), signed, context);
        while (submission.Next is { } call)
        {
            submission = submission.After(answer(call));
        }

        return submission.Outcome!;
    }

    public void Dispose()
    {
        wallet.Dispose();
        entry.Dispose();
    }

    private PendingTransaction Pending(string json) =>
        new() { Id = "pending", Chain = Chain.Info.Code, SerializedTransaction = json, Hashes = ["wallet"] };
}

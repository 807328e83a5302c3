using System.Text;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Signing;

namespace KmsCloud.Tests.Support;

/// <summary>One signing vector run through the pure part of the line: match, decode, fill from the recording, sign, submit.</summary>
internal sealed class SigningRun : IDisposable
{
    private readonly Dictionary<string, Wallet> wallets = [];

    private SigningRun(JsonElement vector, SigningContext? context)
    {
        Network = vector.Flag("testnet", true) ? Network.Testnet : Network.Mainnet;
        Context = context ?? new SigningContext(Network);
        Pending = PendingJson.Read(vector.GetProperty("pending"), anyId: true);
        Chain = ChainCatalog.Get(Pending.Chain);
        foreach (var entry in vector.GetProperty("walletStore").EnumerateObject())
        {
            wallets[entry.Name] = new(entry.Name, ReadEntry(entry.Value), Scheme(entry.Value.GetProperty("chain").GetString()!));
        }

        Replay = new(vector);
    }

    public Network Network { get; }

    public SigningContext Context { get; }

    public PendingTransaction Pending { get; }

    public IChain Chain { get; }

    public GatewayReplay Replay { get; }

    public PendingKeys Keys { get; private set; } = null!;

    /// <summary>The private side of the wallets.</summary>
    public ISigningKeys PrivateKeys => new PrivateKeys(Keys);

    /// <summary>The answers each round of filling was given.</summary>
    public List<IReadOnlyList<JsonElement>> RecordedRounds { get; } = [];

    public UnsignedTransaction Transaction { get; private set; } = null!;

    public SignedTransaction Signed { get; private set; } = null!;

    /// <summary>Decodes, fills and signs; throws what the product would throw.</summary>
    public static SigningRun Sign(JsonElement vector, SigningContext? context = null)
    {
        var run = new SigningRun(vector, context);
        try
        {
            run.Keys = KeyMatch.Find(run.Pending, run.wallets.GetValueOrDefault, run.Network);
            run.Transaction = run.Chain.Decode(run.Pending, run.Keys, run.Context);
            for (var rounds = 0; run.Transaction.Missing.Count > 0; rounds++)
            {
                Assert.True(rounds < 10, "filling does not end");
                var bodies = run.Transaction.Missing.Select(call => run.Ask(call)).ToList();
                run.RecordedRounds.Add(bodies);
                run.Transaction = run.Transaction.Complete(new(bodies));
            }

            run.Signed = run.Transaction.Sign(run.PrivateKeys);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>The calls that hand the transaction over, answered by <paramref name="answer"/>.</summary>
    public SubmissionOutcome Submit(Func<NodeCall, NodeAnswer> answer)
    {
        var submission = Chain.Submit(Pending, Signed, Context);
        for (var calls = 0; submission.Next is { } next; calls++)
        {
            Assert.True(calls < 100, "submitting does not end");
            submission = submission.After(answer(next));
        }

        return submission.Outcome!;
    }

    public void Dispose()
    {
        foreach (var wallet in wallets.Values)
        {
            wallet.Dispose();
            wallet.Entry.Dispose();
        }
    }

    public static WalletEntry ReadEntry(JsonElement json) => new()
    {
        Chain = json.GetProperty("chain").GetString()!,
        Network = json.GetProperty("testnet").GetBoolean() ? Network.Testnet : Network.Mainnet,
        Mnemonic = Secret(json, "mnemonic"),
        Xpub = json.Text("xpub"),
        PrivateKey = Secret(json, "privateKey"),
        Secret = Secret(json, "secret"),
        Address = json.Text("address"),
    };

    private static IWalletScheme Scheme(string chain) =>
        ChainCatalog.All.TryGetValue(chain, out var known) ? known.Wallets : ChainCatalog.All.Values.First().Wallets;

    private static SecretBytes? Secret(JsonElement json, string name) =>
        json.Text(name) is { } text ? SecretBytes.Take(Encoding.UTF8.GetBytes(text)) : null;

    private JsonElement Ask(NodeCall call)
    {
        var answer = call.IsOptional ? Replay.AnswerIfRecorded(call) : Replay.Answer(call);
        if (call.IsOptional && answer?.Json is null)
        {
            return JsonDocument.Parse("null").RootElement;
        }

        return answer!.IsSuccess && answer.Json is { } json
            ? json
            : throw new KmsException(Failure.Gateway, $"{call.What} could not be had: HTTP {answer.Status}");
    }
}

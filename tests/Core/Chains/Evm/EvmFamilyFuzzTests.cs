using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>
/// Recorded pending transactions and answers, changed at random: whatever comes, the chain signs or throws a KmsException.
/// Half a second a chain; KMS_FUZZ_SECONDS gives each more.
/// </summary>
public static class EvmFamilyFuzzTests
{
    public static TheoryData<string> Codes => ["ETH", "BSC", "MATIC", "KLAY", "ONE", "KCS", "XDC", "CELO", "VET", "TRON"];

    [Theory, MemberData(nameof(Codes))]
    public static void Only_kms_exceptions_come_out(string code)
    {
        var seconds = Environment.GetEnvironmentVariable("KMS_FUZZ_SECONDS") is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : 0.5;
        var seed = seconds > 1 ? (ulong)Stopwatch.GetTimestamp() : 1;
        var random = new SeededRandom(seed);
        var mutator = new JsonMutator(random);
        using var corpus = new Corpus(code);
        var (tries, decoded, signed) = (0, 0, 0);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < seconds; tries++)
        {
            var (pending, keys, context, answers) = random.Pick(corpus.Cases);
            var json = random.Below(10) == 0 ? pending.SerializedTransaction : mutator.Mutate(pending.SerializedTransaction);
            try
            {
                var transaction = ChainCatalog.Get(code).Decode(pending with { SerializedTransaction = json }, keys, context);
                decoded++;
                for (var rounds = 0; transaction.Missing.Count > 0 && rounds < 10; rounds++)
                {
                    transaction = transaction.Complete(new([.. transaction.Missing.Select(_ => Answer(random, mutator, answers))], random.Coin() ? random.Next() : null));
                }

                Assert.NotEmpty(transaction.Summary.Kind);
                _ = transaction.Summary.Transfers.Select(transfer => transfer.Amount.ToString()).ToList();
                if (transaction.Missing.Count == 0)
                {
                    Assert.NotEmpty(transaction.Sign(new PrivateKeys(keys)).Data);
                    signed++;
                }
            }
            catch (KmsException refusal)
            {
                Assert.NotEqual(Failure.Internal, refusal.Failure);
                Assert.True(refusal.Message.Length < 400);
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{code}, seed {seed}, try {tries}: {json}\n{error}");
            }
        }

        Assert.True(tries > 50 && decoded > 0 && signed > 0, $"{tries} tries, {decoded} decoded, {signed} signed: the fuzzing reaches nothing");
    }

    /// <summary>A recorded answer, a changed one, or nonsense.</summary>
    private static JsonElement Answer(SeededRandom random, JsonMutator mutator, IReadOnlyList<string> answers)
    {
        var text = answers.Count > 0 && random.Coin() ? random.Pick(answers) : mutator.Value();
        text = random.Below(4) == 0 ? mutator.Mutate(text) : random.Below(4) == 0 ? $$"""{"result":{{mutator.Value()}}}""" : text;
        return NodeAnswer(text) ?? JsonDocument.Parse("{}").RootElement;
    }

    private static JsonElement? NodeAnswer(string text) => new NodeAnswer(200, text).Json; // the gateway client reads answers so

    /// <summary>The recorded transactions of a chain whose keys exist.</summary>
    private sealed class Corpus : IDisposable
    {
        private readonly List<Wallet> wallets = [];

        public Corpus(string code)
        {
            var vectors = Vectors.Read(code);
            foreach (var vector in vectors.GetProperty("signing").EnumerateArray().Concat(vectors.GetProperty("errors").EnumerateArray()))
            {
                try
                {
                    var network = vector.Flag("testnet", true) ? Network.Testnet : Network.Mainnet;
                    var pending = PendingJson.Read(vector.GetProperty("pending"));
                    var keys = KeyMatch.Find(pending, id => Find(vector, id), network);
                    keys.Single();
                    var answers = vector.TryGetProperty("gateway", out var gateway)
                        ? gateway.EnumerateArray().Where(call => call.TryGetProperty("response", out _)).Select(call => call.GetProperty("response").GetRawText()).ToList()
                        : [];
                    Cases.Add((pending, keys, new SigningContext(network), answers));
                }
                catch (KmsException)
                {
                    // the case is about its wallet
                }
            }
        }

        public List<(PendingTransaction Pending, PendingKeys Keys, SigningContext Context, IReadOnlyList<string> Answers)> Cases { get; } = [];

        public void Dispose()
        {
            foreach (var wallet in wallets)
            {
                wallet.Dispose();
                wallet.Entry.Dispose();
            }
        }

        private Wallet? Find(JsonElement vector, string id)
        {
            if (!vector.GetProperty("walletStore").TryGetProperty(id, out var json))
            {
                return null;
            }

            var entry = SigningRun.ReadEntry(json);
            wallets.Add(new(id, entry, ChainCatalog.Get(entry.Chain).Wallets));
            return wallets[^1];
        }
    }
}

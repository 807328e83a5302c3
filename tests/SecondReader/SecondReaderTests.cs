using System.Globalization;
using KmsCloud.Chains;
using KmsCloud.Readers;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Readers;

/// <summary>The second reader agrees with every recorded transaction of its chains, and with nothing that differs from it in a bit or in what was shown.</summary>
public static class SecondReaderTests
{
    private static readonly SecondReader Reader = new();

    public static TheoryData<string> Chains() => [.. Reader.Chains];

    [Theory, MemberData(nameof(Chains))]
    public static void Agrees_with_every_vector_of_a_kind_it_reads(string chain)
    {
        var unread = 0;
        foreach (var (name, run) in Signed(chain))
        {
            if (!Reader.Reads(run.Transaction.Summary))
            {
                unread++;
                continue;
            }

            var differences = Reader.Compare(run.Pending, run.Transaction.Summary, run.Signed, isDraft: false);
            Assert.True(differences.Count == 0, $"{name}: {string.Join("; ", differences)}");
        }

        Assert.Equal(chain switch { "CELO" => 3, "KLAY" => 2, _ => 0 }, unread); // type 0x7b, and Klaytn's own
    }

    /// <summary>Flipped bits, cut ends, bytes behind: with <c>KMS_READER_MUTANTS=all</c> each one, otherwise some of each vector.</summary>
    [Theory, MemberData(nameof(Chains))]
    public static void Refuses_every_changed_transaction(string chain)
    {
        var random = new SeededRandom(20261127);
        var all = Environment.GetEnvironmentVariable("KMS_READER_MUTANTS") == "all";
        var refused = 0;
        foreach (var (name, run) in Signed(chain).Where(one => Reader.Reads(one.Run.Transaction.Summary)))
        {
            Assert.Empty(Reader.Compare(run.Pending, run.Transaction.Summary, run.Signed, isDraft: false)); // or it refuses everything
            var hex = run.Signed.Data;
            var prefix = hex.StartsWith("0x", StringComparison.Ordinal) ? "0x" : "";
            var bytes = Convert.FromHexString(hex[prefix.Length..]);
            var mutants = Mutants(bytes).ToList();
            var chosen = all ? mutants : [.. mutants.Take(1), .. Enumerable.Range(0, Math.Min(mutants.Count, 50)).Select(_ => random.Pick(mutants)), mutants[^1]];
            foreach (var (what, mutant) in chosen)
            {
                var changed = run.Signed with { Data = prefix + Convert.ToHexStringLower(mutant) };
                Assert.True(Reader.Compare(run.Pending, run.Transaction.Summary, changed, isDraft: false).Count > 0, $"{name}: {what} is not noticed");
                var ofNoId = Reader.Compare(run.Pending, run.Transaction.Summary, changed with { TransactionId = IdOf(chain, mutant) }, isDraft: false);
                Assert.True(ofNoId.Count > 0, $"{name}: {what} is not noticed under its own id");
                refused++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{chain}: {refused} refused"));
        Assert.True(refused > 100);
    }

    [Theory, MemberData(nameof(Chains))]
    public static void Refuses_every_changed_summary(string chain)
    {
        var refused = 0;
        foreach (var (name, run) in Signed(chain).Where(one => Reader.Reads(one.Run.Transaction.Summary)))
        {
            Assert.Empty(Reader.Compare(run.Pending, run.Transaction.Summary, run.Signed, isDraft: false));
            foreach (var (what, summary) in Lies(run.Transaction.Summary))
            {
                Assert.True(Reader.Compare(run.Pending, summary, run.Signed, isDraft: false).Count > 0, $"{name}: {what} is not noticed");
                refused++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{chain}: {refused} refused"));
        Assert.True(refused > 10);
    }

    [Fact]
    public static void Refuses_the_signed_transaction_of_another_request()
    {
        foreach (var chain in Reader.Chains)
        {
            List<SigningRun> runs = [.. Signed(chain).Select(one => one.Run).Where(run => Reader.Reads(run.Transaction.Summary)).DistinctBy(run => run.Signed.Data).Take(6)];
            foreach (var (one, other) in runs.SelectMany(_ => runs, (one, other) => (one, other)).Where(pair => pair.one != pair.other))
            {
                Assert.NotEmpty(Reader.Compare(one.Pending, one.Transaction.Summary, other.Signed, isDraft: false));
            }
        }
    }

    [Fact]
    public static void Says_nothing_of_the_signed_bytes()
    {
        var run = Signed("ETH").First().Run;
        var difference = Reader.Compare(run.Pending, run.Transaction.Summary, run.Signed with { Data = run.Signed.Data + "00" }, isDraft: false);
        Assert.All(difference, one => Assert.DoesNotContain(run.Signed.Data[50..90], one.ToString(), StringComparison.Ordinal));
    }

    private static IEnumerable<(string Name, SigningRun Run)> Signed(string chain)
    {
        foreach (var vector in Vectors.Read(chain).GetProperty("signing").EnumerateArray())
        {
            using var run = SigningRun.Sign(vector);
            yield return (vector.GetProperty("name").GetString()!, run);
        }

        if (chain is "BTC" or "LTC") // nobody recorded one
        {
            var coin = OwnedCoin.New(InputKind.Taproot, new SeededRandom(86));
            using var run = SigningRun.Sign(new PaymentCase(chain).Spend(coin, new string('1', 64), 0, 100_000).Pay(coin.Script, 50_000).Pay(coin.Script, 49_000).Vector());
            yield return ("taproot", run);
        }
    }

    private static IEnumerable<(string What, byte[] Bytes)> Mutants(byte[] bytes)
    {
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return ($"bit {bit}", flipped);
        }

        for (var length = 0; length < bytes.Length; length++)
        {
            yield return ($"cut to {length}", bytes[..length]);
        }

        yield return ("a byte behind", [.. bytes, 0]);
    }

    private static IEnumerable<(string What, TransactionSummary Summary)> Lies(TransactionSummary summary)
    {
        yield return ("a fee of one more", summary with { Fee = Plus(summary.Fee!.Value) });
        for (var at = 0; at < summary.Transfers.Count; at++)
        {
            var transfer = summary.Transfers[at];
            if (transfer.Amount.Asset != ChainCatalog.Get(summary.Chain).Info.Coin && !IsReadToken(summary))
            {
                continue;
            }

            yield return ($"payment {at} of one more", summary with { Transfers = [.. summary.Transfers.Select((other, place) => place == at ? other with { Amount = Plus(other.Amount) } : other)] });
            if (!transfer.To.StartsWith('(') && (summary.Contract is null || IsReadToken(summary)))
            {
                yield return ($"another recipient of payment {at}", summary with { Transfers = [.. summary.Transfers.Select((other, place) => place == at ? other with { To = Other(other.To) } : other)] });
            }
        }

        if (summary.Sequence is { } sequence)
        {
            yield return ("another nonce", summary with { Sequence = sequence + "0" });
            yield return ("another sender", summary with { From = [Other(summary.From[0])] });
            foreach (var detail in new[] { "chain id", "gas limit", "type" })
            {
                var details = summary.Details.ToDictionary();
                details[detail] = detail == "type" ? OtherType(details[detail]) : details[detail] + "0";
                yield return ($"another {detail}", summary with { Details = details });
            }
        }

        if (summary.Contract is { } contract)
        {
            yield return ("another contract", summary with { Contract = Other(contract) });
        }
    }

    private static bool IsReadToken(TransactionSummary summary) => summary.Transfers.Count == 1
        && summary.Method is "transfer(address,uint256)" or "approve(address,uint256)" or "mint(address,uint256)" or "transferFrom(address,address,uint256)";

    private static string OtherType(string type) => type[0] == 'l' ? "type 2 with fee market (EIP-1559)" : "legacy (EIP-155)";

    private static Amount Plus(Amount amount) => amount with { Units = amount.Units + 1 };

    private static string Other(string address) => address[..^9] + (address[^9] is '2' ? '3' : '2') + address[^8..]; // a letter of the payload, whatever the alphabet

    private static string IdOf(string chain, byte[] bytes)
    {
        try
        {
            return chain is "BTC" or "LTC" or "DOGE" or "BCH"
                ? NBitcoin.Transaction.Load(bytes, NBitcoin.Network.Main).GetHash().ToString()
                : "0x" + Convert.ToHexStringLower(KmsCloud.Primitives.Keccak256.Hash(bytes));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return "none";
        }
    }
}

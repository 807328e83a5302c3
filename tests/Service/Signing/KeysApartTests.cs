using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Decoding works from public keys: what policy or approver refuse has opened no private key.</summary>
public sealed class KeysApartTests : IDisposable
{
    private const string Words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    private readonly CycleWorld world = new();

    public static TheoryData<string, string> Signed => SigningCases.All;

    public void Dispose() => world.Dispose();

    [Theory, MemberData(nameof(Signed))]
    public static void Somebody_without_any_secret_decodes_the_same(string chain, string name)
    {
        var vector = Vectors.Case(chain, "signing", name);
        using var run = SigningRun.Sign(vector);
        var keys = new PendingKeys([.. run.Keys.Hashes.Select(Public)], [.. run.Keys.Signatures.Select(request => (Public(request.Wallet), request.Index))], run.Keys.Index);
        var transaction = run.Chain.Decode(run.Pending, keys, run.Context);
        foreach (var bodies in run.RecordedRounds)
        {
            transaction = transaction.Complete(new(bodies));
        }

        Assert.Equal(SummaryJson.Line(run.Transaction.Summary), SummaryJson.Line(transaction.Summary));
        var signed = transaction.Sign(run.PrivateKeys);
        if (name != "nonce-chosen-by-signer") // at random, by each decoder
        {
            Assert.Equal(run.Signed, signed);
        }
    }

    [Theory]
    [InlineData("ETH", "native-transfer-private-key")]
    [InlineData("BTC", null)]
    [InlineData("XRP", null)]
    [InlineData("TRON", null)]
    public async Task What_the_policy_or_the_approver_refuses_opens_no_private_key(string chain, string? name)
    {
        var vector = world.Add(chain, name ?? FirstOfTestnet(chain));
        world.Options = new(new(Network.Testnet)) { AnyIds = true, Chains = [chain] };
        world.Policy = """{"version":1,"rules":[]}""";
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Refused));
        Assert.Equal(0, world.KeysOpened);

        world.Policy = null;
        world.Approve = () => new(403);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.NotApproved));
        Assert.Equal(0, world.KeysOpened);

        world.Approve = () => new(200);
        Assert.Equal(1, (await world.RunAsync()).Count(Verdict.Accepted));
        Assert.NotEqual(0, world.KeysOpened); // the counter counts
        Assert.NotEmpty(vector.Text("name")!);
    }

    [Theory]
    [InlineData("BTC")]
    [InlineData("LTC")]
    [InlineData("DOGE")]
    [InlineData("BCH")]
    [InlineData("ETH")]
    [InlineData("TRON")]
    [InlineData("VET")]
    public static void Public_keys_of_a_mnemonic_come_from_its_extended_public_key(string chain)
    {
        using var wallet = Mnemonic(chain, Words, null, isAuthentic: true);
        using var other = Mnemonic(chain, Words, null, isAuthentic: false);
        foreach (var index in (uint[])[0, 1, 7, 1_000_000, int.MaxValue])
        {
            Assert.Equal(Convert.ToHexString(other.Key(index).Bytes), Convert.ToHexString(wallet.Key(index).Bytes));
        }

        Assert.Equal(0, wallet.Opened);
        Assert.Equal(5, other.Opened);
        Assert.Equal(Convert.ToHexString(wallet.Key(7).Bytes), Convert.ToHexString(wallet.Open(wallet.Key(7)).PublicKey.Bytes));
        Assert.Equal(1, wallet.Opened);
    }

    [Fact]
    public static void Somebody_elses_extended_public_key_in_a_file_without_a_seal_makes_nothing_of_his_ours()
    {
        using var his = Mnemonic("BTC", "legal winner thank year wave sausage worth useful legal winner thank yellow", null, isAuthentic: true);
        using var ours = Mnemonic("BTC", Words, null, isAuthentic: true);
        using var wallet = Mnemonic("BTC", Words, his.Xpub, isAuthentic: false);
        Assert.Equal(Convert.ToHexString(ours.Key(3).Bytes), Convert.ToHexString(wallet.Key(3).Bytes));
    }

    [Fact]
    public static void A_key_that_is_not_its_public_keys_never_signs()
    {
        using var his = Mnemonic("BTC", "legal winner thank year wave sausage worth useful legal winner thank yellow", null, isAuthentic: true);
        using var wallet = Mnemonic("BTC", Words, his.Xpub, isAuthentic: true);
        var error = Assert.Throws<KmsException>(() => wallet.Open(wallet.Key(3)));
        Assert.Equal(Failure.WalletFile, error.Failure);
        Assert.Contains("kms verify", error.Hint, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => his.Open(new PublicKey(his.Key(0).Bytes.ToArray())));
    }

    [Fact]
    public static void Only_the_text_forms_of_keys_read_a_private_key()
    {
        var readers = Directory.EnumerateFiles(Peer.SourceRoot, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/tests/", StringComparison.Ordinal))
            .Where(path => File.ReadAllText(path) is var text && (text.Contains(".Export.", StringComparison.Ordinal) || text.Contains(".ExportSeed", StringComparison.Ordinal)))
            .Select(Path.GetFileName)
            .Order(StringComparer.Ordinal);
        Assert.Equal(["AlgorandKey.cs", "CardanoWallets.cs", "HexKeyText.cs", "MultiversXKey.cs", "SolanaKey.cs", "StrKey.cs", "WifKeyText.cs", "XrpSeed.cs"], readers);
    }

    private static string FirstOfTestnet(string chain) => Vectors.Read(chain).GetProperty("signing").EnumerateArray()
        .First(vector => vector.Flag("testnet", true) && vector.GetProperty("walletStore").EnumerateObject().All(entry => entry.Value.Text("mnemonic") is null || entry.Value.Text("xpub") is not null))
        .Text("name")!;

    private static Wallet Mnemonic(string chain, string words, string? xpub, bool isAuthentic)
    {
        var scheme = ChainCatalog.Get(chain).Wallets;
        var entry = scheme.FromMnemonic(SecretBytes.FromString(words), Network.Testnet);
        var shown = new WalletEntry { Chain = chain, Network = Network.Testnet, Mnemonic = entry.Mnemonic, Xpub = xpub ?? entry.Xpub };
        return new("wallet", shown, scheme, isAuthentic);
    }

    private static IWalletKeys Public(IWalletKeys wallet) => new PublicWallet(wallet);

    /// <summary>What an approver could have of a wallet: its public keys, told once.</summary>
    private sealed class PublicWallet(IWalletKeys told) : IWalletKeys
    {
        public string SignatureId => told.SignatureId;

        public string Chain => told.Chain;

        public Network Network => told.Network;

        public string? Xpub => told.Xpub;

        public bool IsMnemonic => told.IsMnemonic;

        public PublicKey Key(uint index, int variant = 0) => new(told.Key(index, variant).Bytes.ToArray(), new(SignatureId, index, variant));

        public PublicKey Key() => new(told.Key().Bytes.ToArray(), new(SignatureId, null));
    }
}

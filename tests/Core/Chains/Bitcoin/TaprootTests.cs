using System.Text.Json;
using System.Text.Json.Nodes;
using KmsCloud.Chains;
using KmsCloud.Chains.Bitcoin;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Readers;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Bitcoin;

/// <summary>Taproot: addresses of BIP-86, digests of BIP-341, and who owns what. Kinds of input together are in the random payments and at the node.</summary>
public static class TaprootTests
{
    private const string Mnemonic = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    private const string Unsigned =
        "02000000097de20cbff686da83a54981d2b9bab3586f4ca7e48f57f5b55963115f3b334e9c010000000000000000d7b7cab57b1393ace2d064f4d4a2cb8af6def61273e127517d44759b6dafdd990000000000fffffffff8e1f583384333689228c5d28eac13366be082dc57441760d957275419a418420000000000fffffffff0689180aa63b30cb162a73c6d2a38b7eeda2a83ece74310fda0843ad604853b0100000000feffffffaa5202bdf6d8ccd2ee0f0202afbbb7461d9264a25e5bfd3c5a52ee1239e0ba6c0000000000feffffff956149bdc66faa968eb2be2d2faa29718acbfe3941215893a2a3446d32acd050000000000000000000e664b9773b88c09c32cb70a2a3e4da0ced63b7ba3b22f848531bbb1d5d5f4c94010000000000000000e9aa6b8e6c9de67619e6a3924ae25696bb7b694bb677a632a74ef7eadfd4eabf0000000000ffffffffa778eb6a263dc090464cd125c466b5a99667720b1c110468831d058aa1b82af10100000000ffffffff0200ca9a3b000000001976a91406afd46bcdfd22ef94ac122aa11f241244a37ecc88ac807840cb0000000020ac9a87f5594be208f8532db38cff670c450ed2fea8fcdefcc9a663f78bab962b0065cd1d";

    private static readonly byte[] Stranger = [0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac];

    private static readonly (string Script, long Satoshis)[] Spent =
    [
        ("512053a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343", 420000000),
        ("5120147c9c57132f6e7ecddba9800bb0c4449251c92a1e60371ee77557b6620f3ea3", 462000000),
        ("76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", 294000000),
        ("5120e4d810fd50586274face62b8a807eb9719cef49c04177cc6b76a9a4251d5450e", 504000000),
        ("512091b64d5324723a985170e4dc5a0f84c041804f2cd12660fa5dec09fc21783605", 630000000),
        ("00147dd65592d0ab2fe0d0257d571abf032cd9db93dc", 378000000),
        ("512075169f4001aa68f15bbed28b218df1d0a62cbbcf1188c6665110c293c907b831", 672000000),
        ("5120712447206d7a5238acc7ff53fbe94a3b64539ad291c7cdbc490b7577e4b17df5", 546000000),
        ("512077e30a5522dd9f894c3f8b8bd4c4b2cf82ca7da8a3ea6a239655c39c050ab220", 588000000),
    ];

    /// <summary>BIP-341, wallet-test-vectors.json: the two digests of hash types that sign all.</summary>
    [Theory]
    [InlineData(4, SignatureHashes.Default, "4f900a0bae3f1446fd48490c2958b5a023228f01661cda3496a11da502a7f7ef")]
    [InlineData(3, SignatureHashes.All, "bf013ea93474aa67815b1b6cc441d23b64fa310911d991e713cd34c7f5d46669")]
    public static void Hashes_as_bip_341_says(int input, byte hashType, string digest)
    {
        var parsed = ParsedTransaction.Read(Unsigned);
        var transaction = new Transaction(
            parsed.Version,
            [.. parsed.Inputs.Select(read => new TransactionInput(new(read.TransactionId, read.Index), read.Sequence))],
            [.. parsed.Outputs.Select(output => new TransactionOutput(output.Satoshis, output.Script))],
            parsed.LockTime);
        List<Spend> spends = [.. Spent.Select(spent => new KeptSpend(new(spent.Satoshis, Convert.FromHexString(spent.Script)), []))];
        Assert.Equal(digest, Convert.ToHexStringLower(new SignatureHashes(transaction, spends).Taproot(input, hashType)));
    }

    [Theory]
    [InlineData("BTC", Network.Mainnet, 0, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr")] // BIP-86
    [InlineData("BTC", Network.Mainnet, 1, "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh")]
    public static void Gives_the_addresses_of_bip_86(string chain, Network network, uint index, string address) =>
        Assert.Equal(address, Address(new OneWallet(chain, Mnemonic, network), index, network));

    [Theory]
    [InlineData("BTC", Network.Testnet, "m/86'/1'/0'/0", "tb")]
    [InlineData("LTC", Network.Mainnet, "m/86'/2'/0'/0", "ltc")]
    [InlineData("LTC", Network.Testnet, "m/86'/1'/0'/0", "tltc")]
    public static void Other_networks_have_a_branch_and_a_prefix_of_their_own(string chain, Network network, string path, string prefix)
    {
        var parent = new NBitcoin.Mnemonic(Mnemonic).DeriveExtKey().Derive(new NBitcoin.KeyPath(path));
        var key = parent.Derive(7).GetPublicKey().GetTaprootFullPubKey().OutputKey.ToBytes();
        var encoder = NBitcoin.DataEncoders.Encoders.Bech32(prefix);
        Assert.Equal(encoder.Encode(1, key), Address(new OneWallet(chain, Mnemonic, network), 7, network));
    }

    [Fact]
    public static void Gives_a_litecoin_address_as_another_wallet_does() => Assert.Equal(
        "ltc1p2wsldez5mud2yam29q22wgfh9439spgduvct83k3pm50fcxa5dpshpe9c3",
        Address(new OneWallet("LTC", "6b973d88838f27366ed61c9ad6367663045cb456e28335c109e30717ae0c6baa", Network.Mainnet), null, Network.Mainnet));

    [Theory, InlineData("DOGE"), InlineData("BCH"), InlineData("ETH")]
    public static void Other_chains_have_none(string chain) => Assert.Empty(ChainCatalog.Get(chain).Wallets.AddressTypes);

    [Fact]
    public static void Makes_none_for_a_key_that_is_used_uncompressed()
    {
        var wallet = new OneWallet("BTC", "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", Network.Mainnet);
        Assert.Contains("uncompressed", Assert.Throws<KmsException>(() => Address(wallet, null, Network.Mainnet)).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("BTC"), InlineData("LTC")]
    public static void Spends_what_lies_at_a_wallets_taproot_addresses(string chain)
    {
        var wallet = new OneWallet(chain, Mnemonic);
        var (mine, next) = (Output(wallet, 3), Output(wallet, 0));
        var (pending, transaction) = Decode(wallet, [(mine, 600_000), (mine, 400_000)], [(Stranger, 500_000), (next, 490_000)], 3);
        var summary = transaction.Summary;

        Assert.Equal([Address(wallet, 3, Network.Testnet)], summary.From);
        Assert.Equal([(false, null), (true, 0u)], summary.Transfers.Select(transfer => (transfer.IsChange, transfer.ChangeIndex)));
        Assert.Equal(Address(wallet, 0, Network.Testnet), summary.Transfers[1].To);
        Assert.Equal(10_000, summary.Fee!.Value.Units);
        Assert.True(summary.FeeVerified);
        Assert.Empty(transaction.Proofs);
        Assert.Empty(summary.Warnings);

        var signed = transaction.Sign(wallet.Wallet);
        Assert.Empty(new SecondReader().Compare(pending, summary, signed, isDraft: false));
        Assert.All(ParsedTransaction.Read(signed.Data).Inputs, input => Assert.Equal(64, Assert.Single(input.Witness).Length)); // SIGHASH_DEFAULT
        var size = NBitcoin.Transaction.Parse(signed.Data, NBitcoin.Network.Main).GetVirtualSize();
        Assert.Equal($"{size} virtual bytes at most", summary.Details["size"]);
    }

    [Theory, InlineData("BTC"), InlineData("LTC")]
    public static void The_transaction_that_one_taproot_input_spends_proves_the_amounts_of_all(string chain)
    {
        var wallet = new OneWallet(chain, Mnemonic);
        var (_, transaction, source) = Mixed(wallet, 600_000);
        Assert.False(transaction.Summary.FeeVerified); // that the output is ours is so far only said
        var asked = Assert.Single(transaction.Proofs).Path;
        Assert.EndsWith("/transaction/" + source.Id([Unlocking.Nothing]), asked, StringComparison.Ordinal);
        var proved = transaction.Prove(new([Answer(source)]));
        Assert.True(proved.Summary.FeeVerified);
        Assert.Empty(proved.Proofs);
        Assert.True(Mixed(wallet, 600_000, brings: true).Transaction.Summary.FeeVerified);
        var legacy = Script.ToKeyHash(wallet.Wallet.Key(3).Hash);
        var (_, two) = Decode(wallet, [(legacy, 600_000), (legacy, 400_000)], [(Stranger, 990_000)], 3);
        Assert.False(two.Summary.FeeVerified);
    }

    [Fact]
    public static void What_was_signed_for_a_lie_about_another_input_is_not_valid_with_the_taproot_signature()
    {
        var wallet = new OneWallet("BTC", Mnemonic);
        var (pending, transaction, _) = Mixed(wallet, 600_000, brings: true);
        var signed = transaction.Sign(wallet.Wallet);
        Assert.Empty(new SecondReader().Compare(pending, transaction.Summary, signed, isDraft: false));

        // the legacy input truly holds more: its own signature is valid all the same, so all rests on the other one
        var json = pending.SerializedTransaction.Replace("600000", "900000", StringComparison.Ordinal);
        var truth = pending with { SerializedTransaction = json };
        var differences = new SecondReader().Compare(truth, transaction.Summary, signed, isDraft: false);
        Assert.Contains(differences, difference => difference.What == "the unlocking of input 1");
        Assert.DoesNotContain(differences, difference => difference.What == "the unlocking of input 0");
    }

    [Fact]
    public static void Of_taproot_inputs_alone_no_signature_is_valid_when_one_input_is_other_than_said()
    {
        var wallet = new OneWallet("BTC", Mnemonic);
        var mine = Output(wallet, 3);
        var (pending, transaction) = Decode(wallet, [(mine, 600_000), (mine, 400_000)], [(Stranger, 990_000)], 3);
        Assert.True(transaction.Summary.FeeVerified);
        var signed = transaction.Sign(wallet.Wallet);
        JsonObject[] truths = [Json((mine, 900_000)), Json((Script.ToWitness(wallet.Wallet.Key(3).Hash), 600_000))];
        foreach (var truth in truths)
        {
            var json = JsonNode.Parse(pending.SerializedTransaction)!;
            json["inputs"]![0]!["output"] = truth;
            var honest = pending with { SerializedTransaction = json.ToJsonString() };
            var differences = new SecondReader().Compare(honest, transaction.Summary, signed, isDraft: false);
            Assert.Contains(differences, difference => difference.What == "the unlocking of input 0");
            Assert.Contains(differences, difference => difference.What == "the unlocking of input 1");
        }
    }

    [Theory]
    [InlineData(0)] // a script of somebody else
    [InlineData(1)] // another amount
    [InlineData(2)] // no such output
    public static void A_taproot_input_whose_transaction_says_otherwise_is_refused(int lie)
    {
        var wallet = new OneWallet("BTC", Mnemonic);
        var mine = Output(wallet, 3);
        TransactionOutput[] truth = lie switch
        {
            0 => [new(5, Stranger), new(400_000, Script.ToWitness(new byte[20]))],
            1 => [new(5, Stranger), new(400_001, mine)],
            _ => [new(400_000, mine)],
        };
        var (_, transaction, source) = Mixed(wallet, 600_000, truth: truth);
        var reason = Refused(() => transaction.Prove(new([Answer(source)])));
        Assert.Contains("input 1 does not hold what it is said to hold", reason, StringComparison.Ordinal);
        reason = Refused(() => Mixed(wallet, 600_000, true, truth));
        Assert.Contains("input 1 does not hold", reason, StringComparison.Ordinal);
    }

    [Fact]
    public static void Owns_what_the_path_of_taproot_gives_and_nothing_else()
    {
        var wallet = new OneWallet("BTC", Mnemonic);
        var usual = Script.ToTaproot(wallet.Wallet.Key(3).Taproot); // of the key at m/44', at which no taproot address is given out
        Assert.Contains("none of the keys", Refused(() => Decode(wallet, [(usual, 1_000_000)], [(Stranger, 990_000)], 3)), StringComparison.Ordinal);
        Assert.Contains("none of the keys", Refused(() => Decode(wallet, [(Output(wallet, 4), 1_000_000)], [(Stranger, 990_000)], 3)), StringComparison.Ordinal);

        var (_, transaction) = Decode(wallet, [(Output(wallet, 3), 1_000_000)], [(usual, 500_000), (Output(wallet, 5), 490_000)], 3);
        Assert.All(transaction.Summary.Transfers, transfer => Assert.False(transfer.IsChange));
    }

    [Fact]
    public static void Change_from_other_inputs_is_recognised_where_the_request_says_that_it_is_change()
    {
        var wallet = new OneWallet("BTC", Mnemonic);
        var witness = Script.ToWitness(wallet.Wallet.Key(3).Hash);
        var mine = Output(wallet, 3);
        Assert.False(Decode(wallet, [(witness, 1_000_000)], [(mine, 990_000)], 3).Transaction.Summary.Transfers[0].IsChange);

        var claim = new JsonObject { ["changeIndex"] = 0, ["changeScript"] = Convert.ToHexStringLower(mine) };
        var summary = Decode(wallet, [(witness, 1_000_000)], [(mine, 990_000)], 3, claim).Transaction.Summary;
        Assert.True(summary.Transfers[0].IsChange);
        Assert.Empty(summary.Warnings);
    }

    [Fact]
    public static void A_payment_to_a_taproot_address_opens_no_mnemonic_before_it_is_allowed()
    {
        using var entry = ChainCatalog.Get("BTC").Wallets.FromMnemonic(SecretBytes.FromString(Mnemonic), Network.Testnet);
        using var wallet = new KmsCloud.Keys.Wallet("id", entry, ChainCatalog.Get("BTC").Wallets, isAuthentic: true);
        var witness = Script.ToWitness(wallet.Key(3).Hash);
        var pending = Pending([(witness, 1_000_000)], [([0x51, 32, .. new byte[32]], 500_000), (witness, 490_000)], null);
        var transaction = ChainCatalog.Get("BTC").Decode(pending, new([], [(wallet, 3)], null), new(Network.Testnet));
        Assert.True(transaction.Summary.Transfers[1].IsChange);
        Assert.Equal(0, wallet.Opened);
    }

    [Fact]
    public static void The_fee_ceiling_counts_virtual_bytes_of_key_path_witnesses()
    {
        var wallet = new OneWallet("BTC", Mnemonic);
        Assert.Contains("above the ceiling", Refused(() => Decode(wallet, [(Output(wallet, 3), 3_000_000)], [(Stranger, 900_000)], 3)), StringComparison.Ordinal);
    }

    [Fact]
    public static void Withdrawals_name_taproot_inputs_by_the_same_index()
    {
        var wallet = new OneWallet("BTC", Mnemonic);
        var pending = Pending([(Output(wallet, 3), 1_000_000)], [(Stranger, 990_000)], null);
        Assert.Empty(Withdraw(3, Address(wallet, 3, Network.Testnet)).Summary.Warnings);
        Assert.Contains("does not belong", Refused(() => Withdraw(3, Address(wallet, 4, Network.Testnet))), StringComparison.Ordinal);
        Assert.Contains("does not belong", Refused(() => Withdraw(4, null)), StringComparison.Ordinal);

        UnsignedTransaction Withdraw(int index, string? address)
        {
            var element = new JsonObject
            {
                ["vIn"] = new string('1', 64),
                ["vInIndex"] = 0,
                ["amount"] = 0.01m,
                ["address"] = new JsonObject { ["derivationKey"] = index, ["address"] = address },
            };
            var withdrawal = pending with { WithdrawalId = new string('a', 24), WithdrawalResponses = JsonSerializer.SerializeToElement(new JsonArray(element)) };
            return wallet.Chain.Decode(withdrawal, new([wallet.Wallet], [], null), new(Network.Testnet));
        }
    }

    private static string Address(OneWallet wallet, uint? index, Network network)
    {
        var type = Assert.Single(wallet.Chain.Wallets.AddressTypes);
        Assert.Equal("taproot", type.Name);
        return type.Address(index is { } at ? wallet.Wallet.Key(at, type.Variant) : wallet.Wallet.Key(), network);
    }

    private static byte[] Output(OneWallet wallet, uint index) => Script.ToTaproot(wallet.Wallet.Key(index, BitcoinChain.TaprootVariant).Taproot);

    private static (PendingTransaction Pending, UnsignedTransaction Transaction) Decode(
        OneWallet wallet, (byte[] Script, long Satoshis)[] inputs, (byte[] Script, long Satoshis)[] outputs, uint index, JsonObject? claim = null)
    {
        var pending = Pending(inputs, outputs, claim) with { Chain = wallet.Chain.Info.Code };
        return (pending, wallet.Chain.Decode(pending, new([], [(wallet.Wallet, index)], null), new(Network.Testnet)));
    }

    private static PendingTransaction Pending((byte[] Script, long Satoshis)[] inputs, (byte[] Script, long Satoshis)[] outputs, JsonObject? claim)
    {
        var json = claim ?? [];
        json["version"] = 2;
        json["nLockTime"] = 0;
        json["inputs"] = new JsonArray([.. inputs.Select((input, at) => new JsonObject
        {
            ["prevTxId"] = new string('1', 64),
            ["outputIndex"] = at,
            ["sequenceNumber"] = 0xffffffff,
            ["script"] = "",
            ["output"] = Json(input),
        })]);
        json["outputs"] = new JsonArray([.. outputs.Select(Json)]);
        return new() { Id = "1", Chain = "BTC", SerializedTransaction = json.ToJsonString() };
    }

    /// <summary>A legacy input of an unknown transaction beside a taproot input of one that is at hand.</summary>
    private static (PendingTransaction Pending, UnsignedTransaction Transaction, Transaction Source) Mixed(
        OneWallet wallet, long said, bool brings = false, TransactionOutput[]? truth = null)
    {
        var mine = Output(wallet, 3);
        TransactionOutput[] outputs = truth ?? [new(5, Stranger), new(400_000, mine)];
        var source = new Transaction(2, [new(new(new string('7', 64), 0), 0)], outputs, 0);
        (byte[], long)[] inputs = [(Script.ToKeyHash(wallet.Wallet.Key(3).Hash), said), (mine, 400_000)];
        var pending = Pending(inputs, [(Stranger, 990_000)], null) with { Chain = wallet.Chain.Info.Code };
        var json = JsonNode.Parse(pending.SerializedTransaction)!;
        json["inputs"]![1]!["prevTxId"] = source.Id([Unlocking.Nothing]);
        if (brings)
        {
            json["inputs"]![1]!["prevTx"] = Hex(source);
        }

        pending = pending with { SerializedTransaction = json.ToJsonString() };
        var keys = new PendingKeys([], [(wallet.Wallet, 3)], null);
        return (pending, wallet.Chain.Decode(pending, keys, new(Network.Testnet)), source);
    }

    private static string Hex(Transaction source) => Convert.ToHexStringLower(source.Serialize([Unlocking.Nothing]));

    private static JsonElement Answer(Transaction source) =>
        JsonSerializer.SerializeToElement(new JsonObject { ["hex"] = Hex(source) });

    private static JsonObject Json((byte[] Script, long Satoshis) output) => new() { ["satoshis"] = output.Satoshis, ["script"] = Convert.ToHexStringLower(output.Script) };

    private static string Refused(Func<object> act) => Assert.Throws<KmsException>(act).Message;
}

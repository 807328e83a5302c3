namespace KmsCloud.Chains.Bitcoin;

/// <summary>The coins of the family (SLIP-44 coin types).</summary>
internal static class BitcoinFamily
{
    private const uint Xpub = 0x0488b21e;
    private const uint Tpub = 0x043587cf;
    private const long WholeCoin = 100_000_000;

    private static readonly BitcoinText BitcoinTestnet = new(0x6f, 0xc4, 0xef, "tb");

    /// <summary>Bitcoin.</summary>
    public static BitcoinChain Btc { get; } = new(new()
    {
        Code = "BTC",
        FeeCeiling = WholeCoin / 20,
        BroadcastRoute = "/v3/bitcoin/broadcast",
        Mainnet = new(0x00, 0x05, 0x80, "bc"),
        Testnet = BitcoinTestnet,
        MainnetKeys = new("m/44'/0'/0'/0", Xpub),
        TestnetKeys = new("m/44'/1'/0'/0", Tpub),
        TaprootKeys = new("m/86'/0'/0'/0", "m/86'/1'/0'/0"),
        Segwit = true,
        SegwitAddresses = true,
        Replaceable = true,
        MoneyLimit = 21_000_000 * WholeCoin,
        ForgottenChange = 546,
        Dust = 546,
        FeeRateCeiling = WholeCoin / 10, // Bitcoin Core's -maxtxfee rate: 0.10 coin/kvB
        Read = PaymentJson.Read,
        FeeSize = payment => payment.VirtualSize,
    });

    /// <summary>Bitcoin Cash.</summary>
    public static BitcoinChain Bch { get; } = new(new()
    {
        Code = "BCH",
        FeeCeiling = WholeCoin / 20,
        BroadcastRoute = "/v3/bcash/broadcast",
        Mainnet = new(0x00, 0x05, 0x80, "bitcoincash"),
        Testnet = BitcoinTestnet with { Prefix = "bchtest" },
        MainnetKeys = new("m/44'/145'/0'/0", Xpub),
        TestnetKeys = new("m/44'/145'/0'/0", Tpub), // the original's: not coin type 1
        Cash = true,
        MoneyLimit = 21_000_000 * WholeCoin,
        Dust = 546,
        FeeRateCeiling = 2_500_000, // the original's builder: 2500 sat a byte
        Read = CashPayment.Read,
        FeeSize = payment => payment.VirtualSize,
    });

    /// <summary>Litecoin. Its P2PKH and private key versions on testnet are Bitcoin's.</summary>
    public static BitcoinChain Ltc { get; } = new(new()
    {
        Code = "LTC",
        FeeCeiling = WholeCoin / 2,
        BroadcastRoute = "/v3/litecoin/broadcast",
        Mainnet = new(0x30, 0x32, 0xb0, "ltc") { OldScriptHash = 0x05 },
        Testnet = new(0x6f, 0x3a, 0xef, "tltc") { OldScriptHash = 0xc4 },
        MainnetKeys = new("m/44'/2'/0'/0", 0x019da462),
        TestnetKeys = new("m/44'/1'/0'/0", 0x0436f6e1),
        TaprootKeys = new("m/86'/2'/0'/0", "m/86'/1'/0'/0"),
        Segwit = true,
        Replaceable = true,
        MoneyLimit = 84_000_000 * WholeCoin,
        ForgottenChange = 546,
        Dust = 5460,
        FeeRateCeiling = WholeCoin / 10,
        Read = PaymentJson.Read,
        FeeSize = payment => payment.VirtualSize,
    });

    /// <summary>Dogecoin. It has no segwit, and no supply limit but that of one amount.</summary>
    public static BitcoinChain Doge { get; } = new(new()
    {
        Code = "DOGE",
        FeeCeiling = 200 * WholeCoin,
        BroadcastRoute = "/v3/dogecoin/broadcast",
        Mainnet = new(0x1e, 0x16, 0x9e, null),
        Testnet = new(0x71, 0xc4, 0xf1, null),
        MainnetKeys = new("m/44'/3'/0'/0", Xpub),
        TestnetKeys = new("m/44'/1'/0'/0", Tpub),
        MoneyLimit = 10_000_000_000 * WholeCoin,
        Dust = WholeCoin / 100, // Dogecoin Core's soft limit
        FeeRateCeiling = 15 * WholeCoin, // 15 times the original's 1 DOGE/kB
        Read = PaymentJson.Read,
        FeeSize = OriginalDogeSize,
    });

    /// <summary>The size estimate of the original's Dogecoin library, so that its upper fee limit is ours.</summary>
    private static long OriginalDogeSize(Payment payment) =>
        26 + payment.Spends.Sum(spend => 36L + spend.ScriptSize) + payment.Transaction.Outputs.Sum(output => 9L + output.Script.Length)
        + (payment.ClaimsChange ? 62 : 0);
}

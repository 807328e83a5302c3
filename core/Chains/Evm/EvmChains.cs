using KmsCloud.Chains.Contracts;

namespace KmsCloud.Chains.Evm;

/// <summary>
/// The chains of Ethereum's family, a row each. Chain ids as in chainlist.org, coin types as in SLIP-44.
/// </summary>
internal static class EvmChains
{
    /// <summary>Ethereum; test networks Sepolia, Holesky and Hoodi.</summary>
    public static IChain Eth { get; } = new EvmChain(
        new(new("ETH", "ETH", 18, "/v3/ethereum/broadcast") { OffchainWithdrawals = true }, 60, "/v3/ethereum/web3/{apiKey}",
            [1], [11155111, 17000, 560048], UsualGwei: 20)
        {
            FeeCeilingThousandths = 500,
            NonceRoute = "/v3/ethereum/transaction/count",
            FeeRoute = "/v3/blockchain/fee/ETH",
            EstimatesWhole = true,
            HasDataFloor = true, // Prague
            HasGasCap = true, // Osaka
        });

    /// <summary>BNB Smart Chain; gas has a fixed price here.</summary>
    public static IChain Bsc { get; } = new EvmChain(
        new(new("BSC", "BNB", 18, "/v3/bsc/broadcast"), 60, "/v3/bsc/web3/{apiKey}", [56], [97], UsualGwei: 10)
        {
            FeeCeilingThousandths = 500,
            NonceRoute = "/v3/bsc/transaction/count",
            OwnSettings = [ChainSettings.DefaultFeeRate],
            FixedGwei = 10,
            EstimatesWhole = true,
            HasDataFloor = true, // BEP-496
            HasGasCap = true, // BEP-652
        });

    /// <summary>Polygon; test networks Amoy and Mumbai.</summary>
    public static IChain Matic { get; } = new EvmChain(
        new(new("MATIC", "POL", 18, "/v3/polygon/broadcast"), 966, "/v3/polygon/web3/{apiKey}", [137], [80002, 80001], UsualGwei: 50));

    /// <summary>Klaytn, now Kaia; test network Kairos.</summary>
    public static IChain Klay { get; } = new EvmChain(
        new(new("KLAY", "KAIA", 18, "/v3/klaytn/broadcast"), 8217, "/v3/blockchain/node/KLAY/{apiKey}", [8217], [1001], UsualGwei: 25)
        {
            KeyText = new KlaytnKeyText(),
            Dialect = Klaytn.Read,
            RpcPrefix = "klay_",
            ChainIdMethod = "chainID",
            NonceBlock = "pending",
            NonceChecksummed = false,
            ChecksDataGas = false,
        });

    /// <summary>Harmony; an id per shard.</summary>
    public static IChain One { get; } = new EvmChain(
        new(new("ONE", "ONE", 18, "/v3/one/broadcast") { OffchainWithdrawals = true }, 1023, "/v3/one/web3/{apiKey}",
            [1666600000, 1666600001, 1666600002, 1666600003], [1666700000, 1666700001, 1666700002, 1666700003], UsualGwei: 100)
        {
            Address = AddressForm.Harmony,
        });

    /// <summary>KuCoin Community Chain; gas has a fixed price here.</summary>
    public static IChain Kcs { get; } = new EvmChain(
        new(new("KCS", "KCS", 18, "/v3/kcs/broadcast"), 60, "/v3/kcs/web3/{apiKey}", [321], [322], UsualGwei: 5) { FixedGwei = 1, FeeCeilingThousandths = 5_000, OwnSettings = [ChainSettings.DefaultFeeRate] });

    /// <summary>XDC Network; test network Apothem.</summary>
    public static IChain Xdc { get; } = new EvmChain(
        new(new("XDC", "XDC", 18, "/v3/xdc/broadcast"), 550, "/v3/xdc/web3/{apiKey}", [50], [51], UsualGwei: 13)
        {
            Address = AddressForm.Xdc,
            NonceRoute = "/v3/xdc/transaction/count",
            EstimatesWhole = true,
        });

    /// <summary>Celo; test networks Celo Sepolia, and the retired Alfajores and Baklava.</summary>
    public static IChain Celo { get; } = new EvmChain(
        new(new("CELO", "CELO", 18, "/v3/celo/broadcast"), 52752, "/v3/blockchain/node/CELO/{apiKey}", [42220], [11142220, 44787, 62320], UsualGwei: 25)
        {
            FeeCeilingThousandths = 20_000,
            OwnSettings = [ChainSettings.FeeCurrencyCeilings, ChainSettings.LegacyFormat],
            Dialect = Evm.Celo.Read,
            NonceChecksummed = false,
            EstimatesWithPrice = true,
            EstimateMargin = 100_000, // what the fee currency's contract may need
            ZeroGasIsMissing = true,
            HasDataFloor = true, // Isthmus
            Tokens = Evm.Celo.Tokens,
            FeeCurrencyCeilings = Evm.Celo.FeeCurrencyCeilings,
        });
}

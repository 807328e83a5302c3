namespace KmsCloud.Chains.Evm;

/// <summary>The chains of Ethereum's family, a row each. Chain ids as in chainlist.org, coin types as in SLIP-44.</summary>
internal static class EvmChains
{
    /// <summary>Ethereum; test networks Sepolia, Holesky and Hoodi.</summary>
    public static IChain Eth { get; } = new EvmChain(
        new(new("ETH", "ETH", 18, "/v3/ethereum/broadcast") { OffchainWithdrawals = true }, 60, "/v3/ethereum/web3/{apiKey}",
            [1], [11155111, 17000, 560048], UsualGwei: 20)
        {
            NonceRoute = "/v3/ethereum/transaction/count",
            FeeRoute = "/v3/blockchain/fee/ETH",
            EstimatesWhole = true,
        });
}

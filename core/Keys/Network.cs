
namespace KmsCloud.Keys;

/// <summary>Which of a chain's networks a wallet or a transaction belongs to.</summary>
public enum Network
{
    /// <summary>Real money.</summary>
    Mainnet,

    /// <summary>The chain's public test network, whichever of them the gateway serves.</summary>
    Testnet,
}

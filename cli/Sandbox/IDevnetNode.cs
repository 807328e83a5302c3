namespace KmsCloud.Cli.Sandbox;

/// <summary>A real node on this machine that takes the place of recordings for some transactions.</summary>
internal interface IDevnetNode : IDisposable
{
    /// <summary>What it is, for people.</summary>
    string Name { get; }

    /// <summary>Transactions for it, of wallets that it was made to give coins to.</summary>
    IReadOnlyList<SandboxScenario> Scenarios { get; }

    /// <summary>Its answer to a call made while signing, or null when the call is not for it.</summary>
    (int Status, string Body)? Answer(string method, string path, string body);

    /// <summary>Hands a signed transaction of one of its scenarios to the node; as the gateway would.</summary>
    (int Status, string Body) Broadcast(SandboxScenario scenario, string txData);

    /// <summary>What the node says of a transaction it took: mined and where.</summary>
    /// <exception cref="Errors.KmsException">It is not mined, or failed.</exception>
    string Outcome(SandboxScenario scenario, Reading reading);
}

namespace KmsCloud.Signing;

/// <summary>A transaction is held back for the moment, which is no failure: it stays pending and nothing is reported.</summary>
internal sealed class NotNowException(string reason) : Exception(reason);

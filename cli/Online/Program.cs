namespace KmsCloud.Cli;

/// <summary>The <c>kms</c> command with a network.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments) => Shell.RunAsync(arguments, CreateRoot);

    internal static KmsRoot CreateRoot() => KmsRoot.Create(new OnlineEdition());
}

using KmsCloud.Cli.Commands;

namespace KmsCloud.Cli.Sandbox;

/// <summary>What <c>kms sandbox</c> becomes; it takes that command's options.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments) => Shell.RunAsync(["sandbox", .. arguments], CreateRoot);

    private static KmsRoot CreateRoot() =>
        new(
            new OfflineEdition(),
            [SandboxCommand.Create((parsed, cancel) => SandboxShow.RunAsync(new Session(parsed), cancel))]);
}

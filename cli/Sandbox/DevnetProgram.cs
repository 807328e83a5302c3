namespace KmsCloud.Cli.Sandbox;

/// <summary>The programs that <c>--devnet</c> can broadcast to, and where they are on this machine.</summary>
/// <param name="Name">The program.</param>
/// <param name="Path">Where it is, or null.</param>
/// <param name="Start">Starts it.</param>
internal sealed record DevnetProgram(string Name, string? Path, Func<string, IDevnetNode> Start)
{
    private const string NpmAnvil = "tests/peers/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil";

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<DevnetProgram> All =>
    [
        new("anvil", OnPath("anvil") ?? InSources(NpmAnvil), AnvilDevnet.Start),
        new("litecoind", OnPath("litecoind"), LitecoinDevnet.Start),
    ];

    private static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Beside the program's own sources, when it runs where it was built.</summary>
    private static string? InSources(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, path)))
            {
                return System.IO.Path.Combine(folder.FullName, path);
            }
        }

        return null;
    }
}

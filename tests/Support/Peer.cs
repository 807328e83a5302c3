using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support;

/// <summary>
/// An independent implementation from npm as a long-lived node process: one JSON line in, one JSON line out. The script
/// <c>tests/peers/NAME.mjs</c> calls <c>serve({ method(args) { … } })</c> of peer.mjs; an exception there fails the test here.
/// </summary>
internal sealed class Peer
{
    private static readonly ConcurrentDictionary<string, Lazy<Peer>> Running = new();
    private readonly Process process;
    private readonly Lock gate = new();

    private Peer(string script)
    {
        process = Process.Start(new ProcessStartInfo("node", [script])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.Kill();
    }

    /// <summary>The checkout these tests were built from. Not from the compiler's file paths: a deterministic build maps those away.</summary>
    public static string SourceRoot { get; } = typeof(Peer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "SourceRoot").Value!;

    /// <summary>The programs in Python that tests start.</summary>
    public static string Scripts { get; } = Path.Combine(SourceRoot, "tests", "Support");

    /// <summary>tests/peers in the source tree, where tests/run installs the packages.</summary>
    public static string Folder { get; } = Path.Combine(SourceRoot, "tests", "peers");

    /// <summary>The program at a path below node_modules, or a skipped test when npm was out of reach.</summary>
    public static string Program(string path)
    {
        var full = Path.Combine(Folder, "node_modules", path);
        Assert.SkipUnless(File.Exists(full), $"NOT CHECKED AGAINST A PEER: {path} is not installed; run tests/run where npm is in reach");
        return full;
    }

    /// <summary>Calls a method of a peer script.</summary>
    public static JsonNode? Call(string script, string method, JsonNode? arguments)
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules")),
            $"NOT CHECKED AGAINST A PEER: {script} needs tests/peers/node_modules; run tests/run where npm is in reach");
        return Running.GetOrAdd(script, name => new(() => new(Path.Combine(Folder, name + ".mjs")))).Value.Ask(method, arguments);
    }

    private JsonNode? Ask(string method, JsonNode? arguments)
    {
        lock (gate)
        {
            process.StandardInput.WriteLine(new JsonObject { ["method"] = method, ["args"] = arguments?.DeepClone() }.ToJsonString());
            process.StandardInput.Flush();
            var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the peer process ended");
            var answer = JsonNode.Parse(line)!;
            return answer["error"] is { } error ? throw new PeerException(error.ToString()) : answer["result"];
        }
    }
}

/// <summary>The peer refused what it was given.</summary>
internal sealed class PeerException(string message) : Exception(message);

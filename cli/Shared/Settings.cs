using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Cli;

/// <summary>
/// Environment variables and env files, read once: the process environment wins, then <c>--env-file</c>, then
/// <c>./.env</c>, then, where no file is named, <c>~/.tatumrc/.env</c>. Files that others could have written are
/// refused.
/// </summary>
internal sealed class Settings
{
    private const string OfFolder = ".env";
    private readonly Dictionary<string, (string Value, string File)> files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> differing = new(StringComparer.Ordinal);

    private Settings(string? envFile) => EnvFile = envFile;

    /// <summary>The folder of tatum-kms in the user's home.</summary>
    internal static string HomeFolder =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".tatumrc");

    /// <summary>The env file in use beside ./.env, or null.</summary>
    internal string? EnvFile { get; }

    /// <summary>The names that files give values to, with the file each is from.</summary>
    internal IEnumerable<(string Name, string File)> FromFiles =>
        files.Keys.Order(StringComparer.Ordinal).Select(name => (name, File: Source(name))).Where(item => item.File is not null)!;

    /// <summary>Reads the env files, and says in one warning which values differ between two of them.</summary>
    /// <param name="envFile">The one named on the command line, or null.</param>
    /// <exception cref="KmsException">
    /// The named file is not there, a file is not readable, or others could have written it.
    /// </exception>
    internal static Settings Read(string? envFile)
    {
        var chosen = envFile ?? Path.Combine(HomeFolder, ".env");
        if (envFile is not null && !File.Exists(envFile))
        {
            throw new KmsException(Failure.Usage, $"the env file '{envFile}' does not exist", "check --env-file");
        }

        var settings = new Settings(File.Exists(chosen) ? chosen : null);
        string[] order = envFile is null ? [OfFolder, chosen] : [chosen, OfFolder];
        foreach (var path in order.DistinctBy(Path.GetFullPath))
        {
            settings.Add(path);
        }

        if (settings.differing.Count > 0)
        {
            Terminal.Warn($"'{Shown(order[0])}' and '{Shown(order[1])}' differ in {string.Join(", ", settings.differing)}; the first one's values are used");
        }

        return settings;
    }

    /// <summary>A variable, or null when it is nowhere set or empty.</summary>
    internal string? this[string name]
    {
        get
        {
            var ofProcess = Environment.GetEnvironmentVariable(name);
            if (!string.IsNullOrEmpty(ofProcess))
            {
                return ofProcess;
            }

            return files.TryGetValue(name, out var found) ? found.Value : null;
        }
    }

    /// <summary>Whether a switch is on.</summary>
    /// <exception cref="KmsException">It is neither true nor false.</exception>
    internal bool IsOn(string name) => this[name]?.ToLowerInvariant() switch
    {
        "true" => true,
        null or "false" => false,
        _ => throw new KmsException(Failure.Usage, $"{name} is neither true nor false", "set it to true, or leave it out"),
    };

    /// <summary>
    /// The file a variable's value is from, or null when it is the process environment's or nowhere set.
    /// </summary>
    internal string? Source(string name)
    {
        var isOfProcess = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name));
        return !isOfProcess && files.TryGetValue(name, out var found) ? found.File : null;
    }

    private static string Shown(string path) => path == OfFolder ? "./.env" : path;

    private void Add(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            using var reader = new StreamReader(OwnFile.Open(path));
            foreach (var group in EnvFileReader.Read(Lines(reader)).GroupBy(item => item.Name, StringComparer.Ordinal))
            {
                AddValue(group.Key, group.First().Value, Shown(path));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(
                Failure.Usage, $"the env file '{path}' cannot be read", "check its permissions", error);
        }
    }

    private void AddValue(string name, string value, string file)
    {
        if (files.TryAdd(name, (value, file)) || files[name].Value == value)
        {
            return;
        }

        differing.Add(name);
    }

    private static IEnumerable<string> Lines(StreamReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}

/// <summary>
/// The lines of an env file as the npm package dotenv reads them: <c>NAME=value</c>, quotes, <c>export</c>, comments.
/// </summary>
internal static class EnvFileReader
{
    internal static IEnumerable<(string Name, string Value)> Read(IEnumerable<string> lines)
    {
        foreach (var raw in lines)
        {
            var line = raw.Trim();
            line = line.StartsWith("export ", StringComparison.Ordinal) ? line[7..].TrimStart() : line;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[0] != '#' && Value(line[(equals + 1)..].Trim()) is { Length: > 0 } value)
            {
                yield return (line[..equals].TrimEnd(), value);
            }
        }
    }

    private static string Value(string text)
    {
        if (text.Length > 0 && text[0] is '"' or '\'' or '`' && text.IndexOf(text[0], 1) is var end and > 0)
        {
            var inner = text[1..end];
            return text[0] == '"' ? inner.Replace("\\n", "\n", StringComparison.Ordinal) : inner;
        }

        var comment = text.IndexOf('#', StringComparison.Ordinal);
        return (comment >= 0 ? text[..comment] : text).TrimEnd();
    }
}

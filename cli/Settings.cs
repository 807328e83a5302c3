using KmsCloud.Errors;

namespace KmsCloud.Cli;

/// <summary>
/// Environment variables and env files, read once (kms.md section 2): the process environment wins, then <c>./.env</c>, then
/// <c>--env-file</c> or <c>~/.tatumrc/.env</c>.
/// </summary>
internal sealed class Settings
{
    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);

    private Settings(string? envFile) => EnvFile = envFile;

    /// <summary>The folder of tatum-kms in the user's home.</summary>
    internal static string HomeFolder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".tatumrc");

    /// <summary>The env file in use beside ./.env, or null.</summary>
    internal string? EnvFile { get; }

    /// <summary>Reads the env files.</summary>
    /// <param name="envFile">The one named on the command line, or null.</param>
    /// <exception cref="KmsException">The named file is not there or not readable.</exception>
    internal static Settings Read(string? envFile)
    {
        var chosen = envFile ?? Path.Combine(HomeFolder, ".env");
        if (envFile is not null && !File.Exists(envFile))
        {
            throw new KmsException(Failure.Usage, $"the env file '{envFile}' does not exist", "check --env-file");
        }

        var settings = new Settings(File.Exists(chosen) ? chosen : null);
        settings.Add(".env");
        settings.Add(chosen);
        return settings;
    }

    /// <summary>A variable, or null when it is nowhere set or empty.</summary>
    internal string? this[string name] => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : files.GetValueOrDefault(name);

    private void Add(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            foreach (var (name, value) in EnvFileReader.Read(File.ReadLines(path)))
            {
                files.TryAdd(name, value);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.Usage, $"the env file '{path}' cannot be read", "check its permissions", error);
        }
    }
}

/// <summary>The lines of an env file as the npm package dotenv reads them: <c>NAME=value</c>, quotes, <c>export</c>, comments.</summary>
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

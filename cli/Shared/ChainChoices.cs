using System.CommandLine;
using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Cli;

/// <summary>
/// The settings of single chains on the command line, <c>--fee-ceiling BTC=100000</c>; one given there wins over its
/// environment variable.
/// </summary>
internal static class ChainChoices
{
    internal static readonly IReadOnlyList<Option<string[]>> Options = [.. ChainSettings.All.Select(Create)];

    /// <summary>What the operator chose for signing.</summary>
    /// <exception cref="KmsException">A value makes no sense.</exception>
    internal static SigningContext Context(Session session)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (setting, option) in ChainSettings.All.Zip(Options))
        {
            foreach (var text in session.Arguments.GetValue(option) ?? [])
            {
                var chain = text.Split('=')[0];
                if (chain.Length == text.Length)
                {
                    throw new KmsException(
                        Failure.Usage,
                        $"{option.Name} does not say for which chain",
                        $"write it like {option.Name} {setting.Chains[0]}=…");
                }

                given[setting.Variable(ChainCatalog.Get(chain).Info.Code)] = text[(chain.Length + 1)..];
            }
        }

        return new(session.Network) { Chains = ChainSettings.Read(name => given.GetValueOrDefault(name) ?? session.Settings[name]) };
    }

    private static Option<string[]> Create(ChainSetting setting)
    {
        var words = setting.Option[2..].Split('-');
        var camelCase = "--" + words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return new(setting.Option, camelCase)
        {
            Description = $"{setting.Description} [{setting.Variable("CHAIN")}; {string.Join(' ', setting.Chains)}]",
            HelpName = "CHAIN=VALUE",
            Arity = ArgumentArity.OneOrMore,
        };
    }
}

using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Gateway;

/// <summary>An API key. Prints itself masked.</summary>
/// <param name="Value">The key.</param>
public sealed record ApiKey(string Value)
{
    /// <summary>Checks a key as it was configured.</summary>
    /// <exception cref="KmsException">It holds something that no header takes.</exception>
    public static ApiKey Read(string text) => text.Length > 0 && text.All(character => character is > ' ' and < '\u007f')
        ? new(text)
        : throw new KmsException(Failure.Usage, "the Tatum API key holds a blank, a line end or a character that no header takes", "give the key alone");

    /// <summary>Says only whether there is a key.</summary>
    public override string ToString() => Value.Length == 0 ? "(none)" : "***";
}

/// <summary>Where the gateway and the nodes beside it are.</summary>
/// <param name="ApiKey">The Tatum API key.</param>
public sealed record GatewayOptions(ApiKey ApiKey)
{
    /// <summary>The public Tatum API.</summary>
    public static readonly Uri PublicApi = new("https://api.tatum.io");

    /// <summary>Base URL of the gateway.</summary>
    public Uri Api { get; init; } = PublicApi;

    /// <summary>Base URLs of the nodes beside the gateway; a missing one uses the public node of the network.</summary>
    public IReadOnlyDictionary<NodeHost, Uri> Nodes { get; init; } = new Dictionary<NodeHost, Uri>();

    /// <summary>Longest wait for one answer.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First pause before a call is repeated; it doubles each time.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a call is repeated at the most.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The base URL of a host on a network; of the gateway for null.</summary>
    public Uri BaseOf(NodeHost? host, Network network)
    {
        if (host is null)
        {
            return Api;
        }

        return Nodes.TryGetValue(host, out var chosen) ? chosen : host.Public(network);
    }

    /// <summary>The nodes that variables name.</summary>
    /// <param name="setting">Reads a variable; null when it is not set.</param>
    /// <exception cref="KmsException">One is no URL that may be asked.</exception>
    public static IReadOnlyDictionary<NodeHost, Uri> ReadNodes(Func<string, string?> setting)
    {
        var nodes = new Dictionary<NodeHost, Uri>();
        foreach (var host in ChainCatalog.All.Values.Select(chain => chain.Info.Node).OfType<NodeHost>())
        {
            if (setting(host.Setting) is { } url)
            {
                nodes[host] = CheckUrl(url, host.Setting);
            }
        }

        return nodes;
    }

    /// <summary>
    /// Checks a URL keys or decisions depend on: https, or http where the network is the machine's own or a private
    /// one.
    /// </summary>
    /// <exception cref="KmsException">It is neither.</exception>
    public static Uri CheckUrl(string text, string what)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || url.Fragment.Length > 0
            || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            throw new KmsException(
                Failure.Usage,
                $"{what} is not an http or https URL without user and fragment",
                "write it like https://host/path");
        }

        return url.Scheme == Uri.UriSchemeHttps || url.Host == "localhost" || (PrivateAddress.TryLiteral(url, out var address) && PrivateAddress.Contains(address))
            ? url
            : throw new KmsException(Failure.Usage, $"{what} goes over plain http to a public address", "use https");
    }

    /// <summary>
    /// Checks a proxy's address: <c>http://host:port</c>, which sees of an https connection only its target.
    /// </summary>
    /// <exception cref="KmsException">It is none.</exception>
    public static Uri CheckProxy(string text, string what) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && url.PathAndQuery == "/" && url.Fragment.Length == 0
            ? url
            : throw new KmsException(Failure.Usage, $"{what} is not a proxy's address", "write it like http://proxy:3128");
}

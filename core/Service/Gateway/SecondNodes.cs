using System.Net.Http.Headers;
using System.Text;
using KmsCloud.Chains;

namespace KmsCloud.Gateway;

/// <summary>
/// Nodes of the operator's own, one a chain (<c>TATUM_KMS_CHAIN_SECOND_NODE_URL</c>): they are asked what the gateway
/// alone may not decide, in the node's own language, without the API key.
/// </summary>
public sealed class SecondNodes : IDisposable
{
    private const int LargestAnswer = 8 * 1024 * 1024; // a full block of TRON
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly IReadOnlyDictionary<string, Uri> urls;
    private readonly HttpClient http;

    /// <summary>Nodes by chain code.</summary>
    /// <param name="urls">Base URLs.</param>
    /// <param name="handler">What carries the requests; null for the network.</param>
    public SecondNodes(IReadOnlyDictionary<string, Uri> urls, HttpMessageHandler? handler = null)
    {
        this.urls = urls;
        http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Patience, Proxy = new GatewayProxy(plain: false) }) { Timeout = Patience };
    }

    /// <summary>The setting of a chain.</summary>
    public static string Variable(string chain) => $"TATUM_KMS_{chain}_SECOND_NODE_URL";

    /// <summary>The nodes that are set, or null for none.</summary>
    /// <exception cref="Errors.KmsException">A URL is neither https nor http to a private address.</exception>
    public static SecondNodes? Read(Func<string, string?> setting)
    {
        var urls = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var chain in ChainCatalog.All.Keys)
        {
            if (setting(Variable(chain)) is { Length: > 0 } url)
            {
                urls[chain] = CheckUrl(url, Variable(chain));
            }
        }

        return urls.Count > 0 ? new(urls) : null;
    }

    /// <summary>Whether the chain has one.</summary>
    public bool Has(string chain) => urls.ContainsKey(chain);

    /// <summary>Asks the chain's node; null when there is none or it did not answer.</summary>
    public async Task<NodeAnswer?> AskAsync(string chain, NodeCall call, CancellationToken cancel)
    {
        if (!urls.TryGetValue(chain, out var url))
        {
            return null;
        }

        try
        {
            using var request = new HttpRequestMessage(new HttpMethod(call.Method), url.AbsoluteUri.TrimEnd('/') + call.Path);
            if (call.Body is not null)
            {
                request.Content = new StringContent(
                    call.Body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            }

            if (url.UserInfo.Length > 0)
            {
                request.Headers.Authorization = new(
                    "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return new(
                (int)response.StatusCode,
                Encoding.UTF8.GetString(await BoundedBody.ReadAsync(response.Content, LargestAnswer, null, cancel)));
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or Errors.KmsException)
        {
            return null;
        }
    }

    private static Uri CheckUrl(string url, string what)
    {
        // a node such as bitcoind is asked with a user and a password in the URL
        var plain = Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.UserInfo.Length > 0 ? url.Replace(parsed.UserInfo + "@", "", StringComparison.Ordinal) : url;
        GatewayOptions.CheckUrl(plain, what);
        return new(url);
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}

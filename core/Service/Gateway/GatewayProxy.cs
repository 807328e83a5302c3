using System.Net;

namespace KmsCloud.Gateway;

/// <summary>
/// The proxy of the environment (<c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>ALL_PROXY</c>, <c>NO_PROXY</c>) for the
/// gateway and the nodes beside it; what runs on this machine is asked directly.
/// </summary>
/// <param name="plain">
/// Whether a proxy may stand before plain http too: never where its own answer would count as a node's.
/// </param>
public sealed class GatewayProxy(bool plain = true) : IWebProxy
{
    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => HttpClient.DefaultProxy.Credentials;
        set => HttpClient.DefaultProxy.Credentials = value;
    }

    /// <summary>
    /// The proxy on the way to an address, without the user it may name; null when it is asked directly.
    /// </summary>
    public static string? Shown(Uri destination)
    {
        var proxy = new GatewayProxy();
        return proxy.IsBypassed(destination)
            ? null
            : proxy.GetProxy(destination)?.GetLeftPart(UriPartial.Authority).Split('@')[^1];
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) =>
        IsBypassed(destination) ? null : HttpClient.DefaultProxy.GetProxy(destination);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) =>
        host.IsLoopback || (!plain && host.Scheme == Uri.UriSchemeHttp) || HttpClient.DefaultProxy.IsBypassed(host);
}

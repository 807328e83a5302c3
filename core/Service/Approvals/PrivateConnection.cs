using System.Net;
using System.Net.Sockets;
using KmsCloud.Errors;
using KmsCloud.Gateway;

namespace KmsCloud.Approvals;

/// <summary>
/// Connections for plain http: a name is looked up anew each time, every address it has must be private, and one of
/// exactly these is connected to, so that a name that turns public is not followed.
/// </summary>
internal static class PrivateConnection
{
    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="KmsException">The name has a public address.</exception>
    internal static async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancel);
        if (context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps)
        {
            CheckPrivate(context.DnsEndPoint.Host, addresses);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Checks what a name is at.</summary>
    /// <exception cref="KmsException">One of the addresses is public.</exception>
    internal static void CheckPrivate(string host, IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.FirstOrDefault(address => !PrivateAddress.Contains(address)) is { } open)
        {
            throw new KmsException(
                Failure.Gateway, $"'{host}' is at {open}, a public address, and plain http goes only to loopback and private ones", "use https for the approver");
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>
/// The cloud's names on loopback: which port answers for <c>x.vault.azure.net</c>. In this process as an HTTP handler, for other
/// processes as an HTTPS_PROXY, so that the product runs with the addresses and certificates checks of production.
/// </summary>
internal sealed class CloudNames : IDisposable
{
    private readonly ConcurrentDictionary<string, int> ports = new(StringComparer.OrdinalIgnoreCase);
    private readonly TcpListener proxy = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();

    public CloudNames()
    {
        proxy.Start();
        _ = AcceptAsync();
    }

    public Uri Proxy => new($"http://127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}");

    /// <summary>Set to cut the network.</summary>
    public bool IsDown { get; set; }

    public void Set(string host, int port) => ports[host] = port;

    /// <summary>An HTTP handler that finds the doubles, and trusts only their certificate.</summary>
    public SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancel) => new NetworkStream(await ConnectAsync(context.DnsEndPoint.Host, cancel), ownsSocket: true),
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { TestCertificate.Instance },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };

    public void Dispose()
    {
        stop.Cancel();
        proxy.Stop();
        stop.Dispose();
    }

    private async Task<Socket> ConnectAsync(string host, CancellationToken cancel)
    {
        if (IsDown || !ports.TryGetValue(host, out var port))
        {
            throw new SocketException((int)SocketError.HostUnreachable);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
        return socket;
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await proxy.AcceptTcpClientAsync(stop.Token));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var near = client.GetStream();
                var head = await ReadHeadAsync(near);
                using var socket = await ConnectAsync(head.Split(' ')[1].Split(':')[0], stop.Token);
                await using var far = new NetworkStream(socket);
                await near.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
                await Task.WhenAny(near.CopyToAsync(far, stop.Token), far.CopyToAsync(near, stop.Token));
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or IndexOutOfRangeException)
        {
            // the caller sees a cut connection
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Azure.Core;
using Azure.Core.Pipeline;
using KmsCloud.Cloud;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>A storage account: Azurite over TLS, by the account's real name, with bearer tokens.</summary>
internal sealed class AzuriteServer : IDisposable
{
    public const string Host = "kmstest.blob.core.windows.net";
    private readonly TempFolder folder = new();
    private readonly Process process;

    public AzuriteServer(CloudNames names)
    {
        var program = Peer.Program("azurite/dist/src/blob/main.js");
        var (certificate, key) = TestCertificate.Write(folder);
        var port = FreePort.Next();
        var start = new ProcessStartInfo(
            "node",
            [
                program, "--blobHost", "127.0.0.1", "--blobPort", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--oauth", "basic",
                "--cert", certificate, "--key", key, "--inMemoryPersistence", "--disableTelemetry", "--silent",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Root,
        };
        start.Environment["AZURITE_ACCOUNTS"] = "kmstest:" + Convert.ToBase64String(new byte[64]);
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        names.Set(Host, port);
        AwaitPort(port);
        var transport = new HttpClientTransport(new HttpClient(names.Handler()));
        Store = new(new StaticToken(), transport);
        Rest = new(new StaticToken(), transport);
    }

    /// <summary>A client of ours.</summary>
    public BlobStore Store { get; }

    /// <summary>The service without it.</summary>
    public BlobRest Rest { get; }

    public static Uri Container(string name) => new($"https://{Host}/{name}");

    /// <summary>Makes a container.</summary>
    public Uri Make(string container)
    {
        using var response = Rest.Send(RequestMethod.Put, new($"https://{Host}/{container}?restype=container"), request => request.Content = RequestContent.Create(Array.Empty<byte>()));
        Assert.Equal(201, response.Status);
        return Container(container);
    }

    public string Text(Uri blob)
    {
        using var response = Rest.Send(RequestMethod.Get, blob);
        Assert.Equal(200, response.Status);
        return response.Content.ToString();
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        folder.Dispose();
    }

    private static void AwaitPort(int port)
    {
        for (var tries = 0; tries < 400; tries++)
        {
            try
            {
                using var client = new TcpClient();
                client.Connect(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(50);
            }
        }

        Assert.Fail("azurite did not start");
    }

    internal sealed class StaticToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(IdentityDouble.Token("https://storage.azure.com", TimeSpan.FromHours(6)), TimeProvider.System.GetUtcNow().AddHours(6));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace KmsCloud.Tests.Support;

/// <summary>A port for a program that must be told one. Below the ports the kernel gives out by itself (32768 and up), so that no test beside it takes it first.</summary>
internal static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> Given = new(); // a port that was given may not be taken yet

    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(12_000, 32_000);
            if (!Given.TryAdd(port, true))
            {
                continue;
            }

            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // somebody has it
            }
        }
    }
}

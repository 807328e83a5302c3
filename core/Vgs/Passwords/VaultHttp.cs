using System.Security.Cryptography;
using KmsCloud.Errors;

namespace KmsCloud.Passwords;

/// <summary>A vault's answer. Disposing it wipes the body.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="body">The body, which may hold the password: it goes nowhere else.</param>
internal sealed class VaultReply(int status, byte[] body) : IDisposable
{
    /// <summary>HTTP status.</summary>
    internal int Status => status;

    /// <summary>The body.</summary>
    internal ReadOnlySpan<byte> Body => body;

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(body);
}

/// <summary>
/// HTTPS to a vault: follows no redirect, reads a bounded answer, repeats what throttling, a 5xx or the network spoilt.
/// </summary>
internal sealed class VaultHttp : IDisposable
{
    private const int Attempts = 4;
    private const int LargestAnswer = 256 * 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private readonly HttpClient http;
    private readonly TimeProvider clock;
    private readonly string name;

    internal VaultHttp(TimeProvider clock, string name, HttpMessageHandler? transport)
    {
        (this.clock, this.name) = (clock, name);
        http = new(transport ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) }, disposeHandler: transport is null)
        {
            Timeout = TimeSpan.FromSeconds(20),
            MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    public void Dispose() => http.Dispose();

    /// <summary>Sends a request, made and signed afresh for each attempt.</summary>
    /// <exception cref="KmsException">No answer after every attempt.</exception>
    internal async Task<VaultReply> SendAsync(
        Func<HttpRequestMessage> make, Func<VaultReply, bool> isThrottled, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var pause = FirstPause * (1 << (attempt - 1));
            try
            {
                using var request = make();
                using var response = await http.SendAsync(request, cancel);
                var reply = new VaultReply(
                    (int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancel));
                if (attempt == Attempts || !(reply.Status is 408 or 429 or >= 500 || isThrottled(reply)))
                {
                    return reply;
                }

                reply.Dispose();

                pause = response.Headers.RetryAfter?.Delta ?? pause;
            }
            catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !cancel.IsCancellationRequested)
            {
                if (attempt == Attempts)
                {
                    throw new KmsException(Failure.Gateway, $"{name} cannot be reached", "check the network", error);
                }
            }

            await Task.Delay(pause < LongestPause ? pause : LongestPause, clock, cancel);
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using KmsCloud.Chains;
using KmsCloud.Codecs;

namespace KmsCloud.Approvals;

/// <summary>The answer of the second pair of eyes.</summary>
/// <param name="Approved">Whether the transaction may be signed now.</param>
/// <param name="Reason">Why not.</param>
public sealed record ApprovalAnswer(bool Approved, string? Reason = null)
{
    /// <summary>HTTP status of an answer that was no 2xx.</summary>
    public int? Status { get; init; }
}

/// <summary>
/// The operator's own approver (kms.md section 6, step 3; docs/four-eye.md): <c>GET {url}/{id}</c>, or <c>POST</c> of the pending object
/// to the same place. Only 2xx approves, and where answers must be signed only a signed 2xx; redirects are not followed;
/// anything else leaves the transaction pending.
/// </summary>
public sealed class FourEye : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly Uri url;
    private readonly bool post;
    private readonly ApprovalSigning? signing;
    private readonly bool answersSigned;
    private readonly HttpClient http;

    /// <summary>An approver at a URL.</summary>
    /// <param name="url">Checked base URL.</param>
    /// <param name="post">POST the pending object instead of GET with its id.</param>
    /// <param name="signing">Signs requests; owned from here on.</param>
    /// <param name="answersSigned">Takes only signed answers.</param>
    /// <param name="handler">What carries the requests; null for the network.</param>
    public FourEye(Uri url, bool post, ApprovalSigning? signing = null, bool answersSigned = false, HttpMessageHandler? handler = null)
    {
        (this.url, this.post, this.signing, this.answersSigned) = (url, post, signing, answersSigned);
        http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Limit, MaxConnectionsPerServer = 32 })
        {
            Timeout = Limit,
        };
    }

    /// <summary>Asks about one transaction. There is always an answer.</summary>
    public async Task<ApprovalAnswer> AskAsync(PendingTransaction pending, CancellationToken cancel)
    {
        try
        {
            var nonce = signing is null ? "" : Hex.Lower(RandomNumberGenerator.GetBytes(16));
            var canonical = CanonicalJson.Bytes(pending.Raw);
            var digest = Hex.Lower(SHA256.HashData(canonical));
            using var request = Request(pending, canonical, digest, nonce);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return response.StatusCode is < HttpStatusCode.OK or >= HttpStatusCode.MultipleChoices
                ? new(false, $"the approver answered {(int)response.StatusCode}") { Status = (int)response.StatusCode }
                : answersSigned ? Signed(response, pending.Id, digest, nonce) : new(true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(false, "the approver did not answer within 10 seconds");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new(false, "the approver could not be reached");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        http.Dispose();
        signing?.Dispose();
    }

    private HttpRequestMessage Request(PendingTransaction pending, byte[] canonical, string digest, string nonce)
    {
        var target = new Uri($"{url.AbsoluteUri.TrimEnd('/')}/{Uri.EscapeDataString(pending.Id)}");
        var request = new HttpRequestMessage(post ? HttpMethod.Post : HttpMethod.Get, target);
        if (post)
        {
            request.Content = new ByteArrayContent(canonical);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        }

        request.Headers.Add(ApprovalSigning.DigestHeader, digest);
        if (signing is not null)
        {
            var timestamp = signing.Now.ToString(CultureInfo.InvariantCulture);
            request.Headers.Add(ApprovalSigning.TimestampHeader, timestamp);
            request.Headers.Add(ApprovalSigning.NonceHeader, nonce);
            request.Headers.Add(ApprovalSigning.SignatureHeader, signing.Request(request.Method.Method, target.PathAndQuery, timestamp, nonce, digest, post ? canonical : []));
        }

        return request;
    }

    private ApprovalAnswer Signed(HttpResponseMessage response, string id, string digest, string nonce)
    {
        if (Single(response, ApprovalSigning.ApprovalHeader) is not { } approval || Single(response, ApprovalSigning.ExpiresHeader) is not { } expires)
        {
            return new(false, "the approver's answer is not signed");
        }

        return !ApprovalSigning.Same(approval, signing!.Answer(id, digest, nonce, expires)) ? new(false, "the approver's answer is signed for something else, or by somebody else")
            : signing.IsTimely(expires, expiry: true) ? new(true) : new(false, "the approver's answer has expired, or is good for longer than 5 minutes");
    }

    private static string? Single(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && values.ToList() is [var only] ? only : null;
}

using System.Net;
using System.Net.Http.Headers;
using KmsCloud.Chains;

namespace KmsCloud.Approvals;

/// <summary>The answer of the second pair of eyes.</summary>
/// <param name="Approved">Whether the transaction may be signed now.</param>
/// <param name="Reason">Why not.</param>
public sealed record ApprovalAnswer(bool Approved, string? Reason = null);

/// <summary>
/// The operator's own approver (kms.md section 6, step 3): <c>GET {url}/{id}</c>, or <c>POST</c> of the pending object to the same place. Only 2xx
/// approves; redirects are not followed; anything else leaves the transaction pending.
/// </summary>
public sealed class FourEye : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly Uri url;
    private readonly bool post;
    private readonly HttpClient http;

    /// <summary>An approver at a URL.</summary>
    /// <param name="url">Checked base URL.</param>
    /// <param name="post">POST the pending object instead of GET with its id.</param>
    public FourEye(Uri url, bool post)
    {
        (this.url, this.post) = (url, post);
        http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Limit, MaxConnectionsPerServer = 32 })
        {
            Timeout = Limit,
        };
    }

    /// <summary>Asks about one transaction. There is always an answer.</summary>
    public async Task<ApprovalAnswer> AskAsync(PendingTransaction pending, CancellationToken cancel)
    {
        try
        {
            using var request = Request(pending);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices
                ? new(true)
                : new(false, $"the approver answered {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(false, "the approver did not answer within 10 seconds");
        }
        catch (HttpRequestException)
        {
            return new(false, "the approver could not be reached");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(PendingTransaction pending)
    {
        var request = new HttpRequestMessage(post ? HttpMethod.Post : HttpMethod.Get, $"{url.AbsoluteUri.TrimEnd('/')}/{Uri.EscapeDataString(pending.Id)}");
        if (post)
        {
            request.Content = new StringContent(pending.Raw.GetRawText(), System.Text.Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        return request;
    }
}

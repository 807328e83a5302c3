using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Numerics;
using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Gateway;

namespace KmsCloud.Approvals;

/// <summary>The answer of the second pair of eyes.</summary>
/// <param name="Approved">Whether the transaction may be signed now.</param>
/// <param name="Reason">Why not.</param>
public sealed record ApprovalAnswer(bool Approved, string? Reason = null)
{
    /// <summary>HTTP status of an answer that was no 2xx.</summary>
    public int? Status { get; init; }

    /// <summary>What people signed, where an approvers file asks for it.</summary>
    public EvidenceRecord? Evidence { get; init; }
}

/// <summary>
/// The operator's own approver (docs/four-eye.md): <c>GET {url}/{id}</c>, or <c>POST</c> to the same place. Only 2xx approves, and where answers must be signed only a signed 2xx; redirects are not followed, and no
/// proxy of the environment answers in the approver's place; anything else leaves the transaction pending.
/// </summary>
public sealed class FourEye : IDisposable
{
    private const int LongestFee = 78; // digits of 2^256
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly Uri url;
    private readonly ApprovalBody body;
    private readonly ApprovalSigning? signing;
    private readonly bool answersSigned;
    private readonly ApproverToken? token;
    private readonly HttpClient http;

    /// <summary>An approver at a URL.</summary>
    /// <param name="url">Checked base URL.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="signing">Signs requests; owned from here on.</param>
    /// <param name="answersSigned">Takes only signed answers.</param>
    /// <param name="token">Sent with each request, or null.</param>
    /// <param name="proxy">Carries the connections to an https approver; null to ask it directly.</param>
    /// <param name="handler">What carries the requests instead; null for the network.</param>
    public FourEye(Uri url, ApprovalBody body, ApprovalSigning? signing = null, bool answersSigned = false, ApproverToken? token = null, Uri? proxy = null, HttpMessageHandler? handler = null)
    {
        if (proxy is not null && url.Scheme != Uri.UriSchemeHttps)
        {
            throw new KmsException(Failure.Usage, "a proxy would see and could answer what is asked over plain http", "use https for the approver, or ask it without KMS_APPROVER_PROXY");
        }

        this.url = url;
        Shown = ApproverUrl.Shown(url);
        this.body = body;
        this.signing = signing;
        this.answersSigned = answersSigned;
        this.token = token;
        http = new(handler ?? Handler(proxy)) { Timeout = Limit };
    }

    /// <summary>The approver's address as the log shows it: scheme, host and path.</summary>
    public string Shown { get; }

    /// <summary>Whose security keys must have signed a yes; null where the approver's own word is enough.</summary>
    public ApproversInForce? Approvers { get; init; }

    /// <summary>Asks about one transaction. There is always an answer.</summary>
    /// <param name="question">The question.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<ApprovalAnswer> AskAsync(ApprovalQuestion question, CancellationToken cancel)
    {
        try
        {
            var nonce = signing is null ? "" : Hex.Lower(RandomNumberGenerator.GetBytes(16));
            using var request = Request(question, nonce);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (response.StatusCode is < HttpStatusCode.OK or >= HttpStatusCode.MultipleChoices)
            {
                return new(false, $"the approver answered {(int)response.StatusCode}") { Status = (int)response.StatusCode };
            }

            var answer = answersSigned ? Signed(response, question, nonce) : new(true);
            return answer.Approved && Approvers is { } approvers ? await ProvedAsync(response, question, approvers, cancel) : answer;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(false, "the approver did not answer within 10 seconds");
        }
        catch (KmsException error)
        {
            return new(false, error.Message);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new(false, error.InnerException is KmsException told ? told.Message : "the approver could not be reached");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        http.Dispose();
        signing?.Dispose();
    }

    private static SocketsHttpHandler Handler(Uri? proxy) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = Limit,
        MaxConnectionsPerServer = 32,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1), // so that a name that moves is looked up again
        UseProxy = proxy is not null,
        Proxy = proxy is null ? null : new WebProxy(proxy),
        ConnectCallback = proxy is null ? PrivateConnection.OpenAsync : null,
    };

    private HttpRequestMessage Request(ApprovalQuestion question, string nonce)
    {
        var target = ApproverUrl.Of(url, question.Id);
        var content = question.Body(body);
        var request = new HttpRequestMessage(body is ApprovalBody.None ? HttpMethod.Get : HttpMethod.Post, target);
        if (body is not ApprovalBody.None)
        {
            request.Content = new ByteArrayContent(content);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        }

        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token.Value);
        }

        request.Headers.Add(ApprovalSigning.DigestHeader, question.Request.Text);
        request.Headers.Add(ApprovalSigning.NumberHeader, question.Number.ToString(CultureInfo.InvariantCulture));
        if (question.StateHead is { } head)
        {
            request.Headers.Add(ApprovalSigning.StateHeader, head);
        }

        if (question.Findings.Count > 0)
        {
            request.Headers.Add(ApprovalSigning.AnomaliesHeader, string.Join(',', question.Findings.Select(finding => finding.Rule).Distinct()));
        }

        if (signing is not null)
        {
            var timestamp = signing.Now.ToString(CultureInfo.InvariantCulture);
            request.Headers.Add(ApprovalSigning.TimestampHeader, timestamp);
            request.Headers.Add(ApprovalSigning.NonceHeader, nonce);
            request.Headers.Add(
                ApprovalSigning.SignatureHeader,
                signing.Request(request.Method.Method, target.PathAndQuery, timestamp, nonce, question.Request.Text, question.Number, content));
        }

        return request;
    }

    private ApprovalAnswer Signed(HttpResponseMessage response, ApprovalQuestion question, string nonce)
    {
        if (Single(response, ApprovalSigning.ApprovalHeader) is not { } approval || Single(response, ApprovalSigning.ExpiresHeader) is not { } expires)
        {
            return new(false, "the approver's answer is not signed");
        }

        var highestFee = body is ApprovalBody.Full ? Single(response, ApprovalSigning.HighestFeeHeader) : null;
        var bound = body is ApprovalBody.Full ? ApprovalSigning.Bound(question.TransactionDigest, highestFee) : null;
        if (!ApprovalSigning.Same(approval, signing!.Answer(question.Id, question.Request.Text, nonce, expires, bound)))
        {
            return new(false, "the approver's answer is signed for something else, or by somebody else");
        }

        if (!signing.IsTimely(expires, expiry: true))
        {
            return new(false, "the approver's answer has expired, or is good for longer than 5 minutes");
        }

        return highestFee is null || IsWithin(question.Fee, highestFee)
            ? new(true)
            : new(false, $"the approver allows a fee of {Printable.Line(highestFee)} base units at most, and a proved one");
    }

    /// <summary>A yes that people signed, held against what is asked here: whoever owns the approver can say nothing in their place.</summary>
    private static async Task<ApprovalAnswer> ProvedAsync(
        HttpResponseMessage response, ApprovalQuestion question, ApproversInForce approvers, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit); // the client's own ends with the headers
        var body = await BoundedBody.ReadAsync(response.Content, ApprovalEvidence.LargestBody, null, limit.Token);
        var evidence = ApprovalEvidence.Read(body);
        var people = approvers.Current;
        var verdict = EvidenceCheck.Require(people, question.ForEvidence(), question.Subject(), evidence, approvers.Clock.GetUtcNow());
        return new(true) { Evidence = new(people.Digest, verdict, evidence) };
    }

    /// <summary>What a lying gateway could understate is within no bound.</summary>
    private static bool IsWithin(BigInteger? fee, string highest) =>
        highest.Length <= LongestFee
        && BigInteger.TryParse(highest, NumberStyles.None, CultureInfo.InvariantCulture, out var most)
        && fee is { } asked && asked <= most;

    private static string? Single(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && values.ToList() is [var only] ? only : null;
}

using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using KmsCloud.Approvals;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Cli.Commands;

/// <summary>
/// A reference approver (docs/four-eye.md): says yes to the pending ids and digests listed in a file, which it reads
/// anew for
/// every question. For development, and as the protocol in a hundred lines.
/// </summary>
internal static class ApproverCommand
{
    private const string SecretName = "KMS_APPROVAL_SECRET";
    private const int ShortestSecret = 16;
    private const int LargestBody = 16 * 1024 * 1024;
    private static readonly Option<string> Allow = new("--allow")
    {
        Description = "File with one pending id or digest a line; # begins a comment",
        HelpName = "FILE",
        Required = true,
    };
    private static readonly Option<int> Port = new("--port")
    {
        Description = "Port on loopback",
        HelpName = "PORT",
        DefaultValueFactory = _ => 3010,
    };

    /// <summary>The HMACs under KMS_APPROVAL_SECRET, or null when there is none.</summary>
    internal static ApprovalSigning? Signing(Session session)
    {
        if (session.Settings[SecretName] is not { } secret)
        {
            return null;
        }

        if (secret.Length < ShortestSecret)
        {
            throw new KmsException(
                Failure.Usage,
                $"{SecretName} has fewer than {ShortestSecret} characters",
                "make one with: openssl rand -hex 32");
        }

        return new(SecretBytes.FromString(secret), TimeProvider.System);
    }

    internal static Command Create()
    {
        var command = new Command(
            "approver",
            "A reference four-eye approver on loopback that allows what a file lists; for development")
        {
            Allow, Port,
        };
        command.SetAction((arguments, _) => RunAsync(new Session(arguments)));
        return command;
    }

    private static async Task<int> RunAsync(Session session)
    {
        var (file, port) = (session.Arguments.GetRequiredValue(Allow), session.Arguments.GetValue(Port));
        Allowed(file); // a missing file is said now
        using var signing = Signing(session);
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        try
        {
            listener.Start();
        }
        catch (HttpListenerException error)
        {
            throw new KmsException(
                Failure.Usage,
                $"port {port} on loopback cannot be listened on",
                "choose another --port",
                error);
        }

        using var signals = new StopSignals();
        using var stop = signals.Token.Register(listener.Stop);
        var signed = signing is null ? $"unsigned, set {SecretName} for signed answers" : "answers are signed";
        Terminal.Say($"approver on http://127.0.0.1:{port}, allowing what '{file}' lists; {signed}");
        while (!signals.Token.IsCancellationRequested)
        {
            try
            {
                await AnswerAsync(await listener.GetContextAsync(), file, signing);
            }
            catch (Exception error) when (
                error is HttpListenerException or ObjectDisposedException or IOException or KmsException)
            {
                // stopped, or this one client went away
            }
        }

        return signals.Interrupted ? Shell.Interrupted : 0;
    }

    private static async Task AnswerAsync(HttpListenerContext context, string file, ApprovalSigning? signing)
    {
        var (request, response) = (context.Request, context.Response);
        var id = Uri.UnescapeDataString(request.Url!.AbsolutePath.Split('/')[^1]);
        var digest = request.Headers[ApprovalSigning.DigestHeader] ?? "";
        var body = await BodyAsync(request);
        var full = request.HttpMethod == "POST" ? FullQuestion.TryRead(body) : null;
        response.StatusCode = 200;
        if (Problem(request, signing, digest, body, full) is { } problem)
        {
            response.StatusCode = Refuse(id, problem, 401);
        }
        else if (Allowed(file) is { } allowed && !allowed.Contains(id) && !allowed.Contains(digest))
        {
            response.StatusCode = Refuse(id, "not listed", 403);
        }

        if (response.StatusCode == 200)
        {
            Terminal.Say($"approved {Shown(id)} {Shown(digest)}");
            if (signing is not null)
            {
                var expires = (signing.Now + 60).ToString(CultureInfo.InvariantCulture);
                response.Headers[ApprovalSigning.ExpiresHeader] = expires;
                var nonce = request.Headers[ApprovalSigning.NonceHeader] ?? "";
                var bound = full is null ? null : ApprovalSigning.Bound(full.TransactionDigest, null);
                response.Headers[ApprovalSigning.ApprovalHeader] = signing.Answer(id, digest, nonce, expires, bound);
            }
        }

        response.Close();
    }

    private static string? Problem(
        HttpListenerRequest request,
        ApprovalSigning? signing,
        string digest,
        byte[] body,
        FullQuestion? full)
    {
        if (request.HttpMethod == "POST" && (full?.RequestDigest ?? Hex.Lower(SHA256.HashData(body))) != digest)
        {
            return "the body is not what the digest says";
        }

        if (signing is null)
        {
            return null;
        }

        var text = request.Headers[ApprovalSigning.NumberHeader] ?? "1";
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
        {
            return "the signature number is none";
        }

        var timestamp = request.Headers[ApprovalSigning.TimestampHeader] ?? "";
        var nonce = request.Headers[ApprovalSigning.NonceHeader] ?? "";
        var given = request.Headers[ApprovalSigning.SignatureHeader] ?? "";
        var due = signing.Request(request.HttpMethod, request.RawUrl!, timestamp, nonce, digest, number, body);
        if (!ApprovalSigning.Same(given, due))
        {
            return "the request's signature does not fit";
        }

        return signing.IsTimely(timestamp, expiry: false) ? null : "the request is old";
    }

    private static int Refuse(string id, string problem, int status)
    {
        Terminal.Say($"refused {Shown(id)}: {problem}");
        return status;
    }

    private static async Task<byte[]> BodyAsync(HttpListenerRequest request)
    {
        if (request.ContentLength64 > LargestBody)
        {
            throw KmsException.Refused("the body is too large");
        }

        using var body = new MemoryStream();
        await request.InputStream.CopyToAsync(body);
        return body.ToArray();
    }

    private static string Shown(string text) =>
        Printable.Text(System.Text.Encoding.UTF8.GetBytes(text.Length > 100 ? text[..100] : text));

    private static HashSet<string> Allowed(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.Usage, $"'{file}' cannot be read", "check --allow", error);
        }
    }
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Simulation;

/// <summary>The gateway and the approver as a process of the simulation sees them: late, wrong, cut off, twice, never.</summary>
internal sealed class SimGateway(SimWorld world, int life) : HttpMessageHandler
{
    private const string Lists = "/v3/kms/pending/";

    private static readonly string[] Refusals =
    [
        .. new[]
        {
            "insufficient funds for gas * price + value", "Unable to broadcast transaction due to txpool is full", "mandatory-script-verify-flag-failed (Signature must be zero)", "dust",
            "too-long-mempool-chain", "temBAD_FEE", "tecPATH_DRY", "telINSUF_FEE_P", "SERVER_BUSY", "Broadcast failed due to 447570207472616e73616374696f6e2e", "SIGERROR", "tx_bad_auth", "tx_insufficient_fee",
            "TransactionPool.Remember: fee 1000 below threshold 1543", "transaction generation failed: lowerNonceInTx: true", "tx rejected: pool is full", "FeeTooSmallUTxO",
            "Unexpected error occurred. Reason: socket hang up", "invalid sender", "bad-txns-inputs-missingorspent", "nonce too low", "already known",
        }.Select(words => $"{{\"statusCode\":403,\"errorCode\":\"x.broadcast.failed\",\"message\":\"{words}\"}}"),
        "<html>blocked</html>",
    ];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Alive();
        var path = request.RequestUri!.AbsolutePath;
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var reply = path.StartsWith("/approve/", StringComparison.Ordinal) ? Approver(path[9..])
            : path.StartsWith(Lists, StringComparison.Ordinal) ? List(path[Lists.Length..])
            : path == "/v3/tatum/kms/batch" ? Batch(body)
            : request.Method == HttpMethod.Put && path.StartsWith("/v3/kms/", StringComparison.Ordinal) ? Completed(path.Split('/')[3])
            : path is SimSolana.BroadcastPath or SimFlow.BroadcastPath ? Told(JsonNode.Parse(body)!)
            : path.EndsWith("/broadcast", StringComparison.Ordinal) ? Broadcast(body)
            : Node(request.RequestUri.PathAndQuery, body);
        world.PerhapsKill(path.StartsWith("/approve/", StringComparison.Ordinal) ? "an approval" : path.StartsWith(Lists, StringComparison.Ordinal) ? "a list" : path, life);
        Alive();
        return reply;
    }

    private void Alive()
    {
        if (world.IsDead(life))
        {
            throw new HttpRequestException("the process is dead");
        }
    }

    private HttpResponseMessage List(string chain)
    {
        if (Trouble("list " + chain, 16) is { } trouble)
        {
            return trouble;
        }

        var listed = world.Pending.Values.Where(request => request.IsListed(chain)).ToList();
        var items = listed.Select(request => request.Json(chain)).ToList();
        switch (world.Roll("what is listed on " + chain, 24))
        {
            case 0 when items.Count > 0:
                world.Count("gateway: an id twice in one answer");
                items.AddRange(items);
                break;
            case 1:
                world.Count("gateway: hostile elements");
                items.AddRange(["17", "null", "{\"id\":\"x\"}", "{\"id\":\"deep\",\"hashes\":" + new string('[', 500) + new string(']', 500) + "}", $"{{\"id\":\"other-{chain}\",\"chain\":\"NOPE\",\"hashes\":[\"nobody\"],\"serializedTransaction\":\"{{}}\"}}"]);
                break;
            case 2 when listed.Count > 0:
                world.Count("gateway: another payload under a known id");
                listed[0].IsChanged = true;
                items[0] = listed[0].Json(chain);
                break;
            case 3:
                world.Count("gateway: not an array");
                return Ok("{\"pending\":[]}");
        }

        return Ok("[" + string.Join(',', items) + "]");
    }

    private HttpResponseMessage Broadcast(string body)
    {
        var json = JsonNode.Parse(body)!;
        var (id, payload) = (json["signatureId"]!.GetValue<string>(), json["txData"]!.GetValue<string>());
        world.Arrived(id, payload);
        if (world.All.TryGetValue(id, out var known) && known.IsDone && world.Roll("done already " + id, 2) == 0)
        {
            world.CarriedOut(id, payload, listed: false);
            return Answer(403, "{\"errorCode\":\"x.broadcast.failed\",\"message\":\"already known\"}");
        }

        switch (world.Roll("broadcast " + id, 20))
        {
            case 0:
                world.Count("broadcast: lost before it was carried out");
                throw new HttpRequestException("cut");
            case 1:
                world.Count("broadcast: carried out, answer lost, still listed");
                world.CarriedOut(id, payload, listed: true);
                throw new HttpRequestException("cut");
            case 2:
                world.Count("broadcast: carried out, answer lost");
                world.CarriedOut(id, payload, listed: false);
                throw new IOException("cut");
            case 3:
                world.Count("broadcast: carried out and 5xx");
                world.CarriedOut(id, payload, listed: true);
                return Answer(502, "<html>bad gateway</html>");
            case 4:
                world.Count("broadcast: carried out and never answered");
                world.CarriedOut(id, payload, listed: true);
                throw new TaskCanceledException();
            case 5 when !world.All[id].IsDone:
                world.Count("broadcast: refused in words of all kinds");
                return Answer(403, Refusals[world.Roll("which refusal", Refusals.Length)]);
            case 10:
                world.Count("broadcast: carried out, and refused for good in words");
                world.CarriedOut(id, payload, listed: true);
                return Answer(403, Refusals[world.Roll("which refusal", Refusals.Length)]);
            case 11:
                world.Count("broadcast: carried out, entry not completed");
                world.CarriedOut(id, payload, listed: true);
                return Ok($"{{\"txId\":\"{world.TransactionIds.FirstOrDefault(known => known.Value == id).Key ?? "it"}\",\"failed\":true}}");
            case 6:
                world.Count("broadcast: nonce too low");
                return Answer(400, "{\"message\":\"nonce too low\"}");
            case 7:
                world.Count("broadcast: subscription");
                return Answer(402, "{\"errorCode\":\"subscription.invalid\"}");
            case 8:
                world.Count("broadcast: 200 that is no JSON");
                return Ok("<html>");
            case 9:
                world.Count("broadcast: delivered twice");
                world.Arrived(id, payload);
                world.CarriedOut(id, payload, listed: true);
                break;
        }

        if (Trouble("broadcast", 30) is { } trouble)
        {
            return trouble;
        }

        world.CarriedOut(id, payload, listed: false);
        return Ok("{\"txId\":\"accepted\"}");
    }

    private HttpResponseMessage Batch(string body)
    {
        if (world.Roll("batch", 4) == 0)
        {
            world.Count("gateway: error batch dropped");
            throw new HttpRequestException("cut");
        }

        foreach (var error in JsonNode.Parse(body)!["errors"]!.AsArray())
        {
            world.Reported(error!["signatureId"]!.GetValue<string>(), error["error"]!.GetValue<string>());
        }

        return world.Roll("batch answer", 6) == 0 ? Answer(500, "") : Ok("{}");
    }

    /// <summary>A pending entry is completed by hand.</summary>
    private HttpResponseMessage Completed(string id)
    {
        if (Trouble("completion", 4) is { } trouble)
        {
            return trouble;
        }

        if (!world.All[id].IsDone)
        {
            world.Violations.Enqueue($"{id} was completed, and the chain does not have it");
        }

        world.Count("gateway: completed on demand");
        world.Pending.TryRemove(id, out _);
        return Ok("{}");
    }

    private HttpResponseMessage Node(string path, string body)
    {
        var masked = path.Replace(SimService.ApiKey, "{apiKey}", StringComparison.Ordinal);
        var json = body.Length > 0 ? JsonNode.Parse(body)! : null;
        var what = masked == SimSolana.NodePath ? "node SOL " + json!["method"]!.GetValue<string>() : masked.Contains("/flow/", StringComparison.Ordinal) || masked.StartsWith("/v1/", StringComparison.Ordinal) ? "node FLOW " + SimFlow.Word(masked) : "node";
        if (what is not ("node SOL sendTransaction" or "node FLOW transactions") && Trouble(what, 16) is { } trouble)
        {
            return trouble;
        }

        if (what.StartsWith("node SOL", StringComparison.Ordinal))
        {
            return Sent(world.Solana.Answer(json!));
        }

        if (what.StartsWith("node FLOW", StringComparison.Ordinal))
        {
            return Sent(world.Flow.Answer(masked, json));
        }

        if (masked.Contains("/transaction/count/", StringComparison.Ordinal))
        {
            return Ok(world.NonceCount().ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (masked.Contains("/transaction/", StringComparison.Ordinal))
        {
            var transactionId = Uri.UnescapeDataString(masked[(masked.LastIndexOf('/') + 1)..]);
            return world.TransactionIds.TryGetValue(transactionId, out var asked) && world.All[asked].IsDone
                ? Ok($"{{\"hash\":\"{transactionId}\"}}")
                : Answer(404, "{\"statusCode\":404,\"errorCode\":\"tx.not.found\",\"message\":\"No such transaction.\"}");
        }

        var rpc = json?["method"]?.GetValue<string>();
        return world.Templates.SelectMany(template => template.Recorded).FirstOrDefault(call => call.Path == masked && call.Rpc == rpc) is { Answer: { } answer } ? Ok(answer) : Answer(404, "{}");
    }

    private static HttpResponseMessage Sent(SimAnswer answer) => answer.Status == 0 ? throw new HttpRequestException("cut") : Answer(answer.Status, answer.Body);

    /// <summary>SOL and FLOW are broadcast already: the gateway learns the id, or that a proposal key is free.</summary>
    private HttpResponseMessage Told(JsonNode json)
    {
        if (json["signatureId"] is not { } signatureId)
        {
            return Trouble("freed", 8) ?? Ok("{}");
        }

        var (id, transaction) = (signatureId.GetValue<string>(), json["txData"]!.GetValue<string>());
        if (!(world.Solana.Has(id, transaction) || world.Flow.Has(id, transaction)))
        {
            world.Violations.Enqueue($"the gateway was told that {id} is done, and the chain does not have it");
        }

        var before = Trouble("told", 12);
        if (before is not null)
        {
            return before;
        }

        if (world.Roll("told but listed", 12) is var roll and < 3)
        {
            world.Count("gateway: learnt it, and answered otherwise");
            return roll switch { 0 => throw new HttpRequestException("cut"), 1 => Answer(500, ""), _ => Answer(403, "{\"errorCode\":\"signature.done\",\"message\":\"done already\"}") };
        }

        world.Pending.TryRemove(id, out _);
        return Ok("{}");
    }

    private HttpResponseMessage Approver(string id)
    {
        var roll = world.Roll("approver " + id, 16);
        if (world.Faults && world.All.TryGetValue(id, out var request) && request.Stubborn)
        {
            return Answer(403, "");
        }

        world.Count(roll is >= 0 and < 5 ? "approver: no yes" : "");
        switch (roll)
        {
            case 0:
                throw new HttpRequestException("cut");
            case 1:
                throw new TaskCanceledException();
            case 2:
                return Answer(500, "approved");
            case 3:
                var redirect = Answer(302, "");
                redirect.Headers.Location = new("http://127.0.0.1/yes");
                return redirect;
            case 4:
                return Answer(404, "");
            default:
                world.Approve(id);
                return Ok("");
        }
    }

    /// <summary>What can go wrong with any request.</summary>
    private HttpResponseMessage? Trouble(string what, int oneIn)
    {
        switch (world.Roll("trouble " + what, oneIn))
        {
            case 0:
                switch (world.Roll("which trouble " + what, 12))
                {
                    case 0 or 1:
                        world.Count("gateway: cut");
                        throw new HttpRequestException("cut");
                    case 2:
                        world.Count("gateway: never answered");
                        throw new TaskCanceledException();
                    case 3:
                        world.Count("gateway: 429");
                        var busy = Answer(429, "");
                        busy.Headers.RetryAfter = new(TimeSpan.FromSeconds(3));
                        return busy;
                    case 4:
                        world.Count("gateway: redirect");
                        return Answer(307, "");
                    case 5:
                        world.Count("gateway: 4xx");
                        return Answer(401, "{\"errorCode\":\"subscription.invalid\"}");
                    case 6 or 7:
                        world.Count("gateway: 5xx");
                        return Answer(503, "<html>");
                    case 8:
                        world.Count("gateway: garbage");
                        return Ok("\u0000\u0001{[");
                    case 9:
                        world.Count("gateway: body cut off");
                        return new(HttpStatusCode.OK) { Content = new StreamContent(new CutStream(30)) };
                    case 10 when world.Roll("100 MB " + what, 40) == 0:
                        world.Count("gateway: 100 MB");
                        return new(HttpStatusCode.OK) { Content = new StreamContent(new BlankStream(100 * 1024 * 1024)) };
                    default:
                        world.Count("process: killed during a call");
                        world.Kill(life);
                        throw new HttpRequestException("killed");
                }

            case 1:
                world.Count("gateway: late");
                world.Clock.Advance(TimeSpan.FromSeconds(25));
                return null;
            default:
                return null;
        }
    }

    private static HttpResponseMessage Ok(string body) => Answer(200, body);

    private static HttpResponseMessage Answer(int status, string body) => new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private sealed class CutStream(int after) : MemoryStream(new byte[after])
    {
        public override int Read(Span<byte> buffer) => Position == Length ? throw new IOException("cut") : base.Read(buffer);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Position == Length ? throw new IOException("cut") : base.ReadAsync(buffer, cancellationToken);
    }

    private sealed class BlankStream(long length) : Stream
    {
        private long left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var size = (int)Math.Min(count, left);
            buffer.AsSpan(offset, size).Fill((byte)' ');
            left -= size;
            return size;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>AWS Secrets Manager over TLS. Checks every request's Signature Version 4 by its own arithmetic.</summary>
internal sealed class SecretsManagerDouble : IDisposable
{
    public const string Region = "eu-central-1";
    public const string Host = $"secretsmanager.{Region}.amazonaws.com";
    public const string AccessKey = "AKIDEXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private readonly LoopbackServer server;

    public SecretsManagerDouble(CloudNames names)
    {
        server = new(Answer, TestCertificate.Instance);
        names.Set(Host, server.Url.Port);
    }

    public ConcurrentDictionary<string, string> Secrets { get; } = new();

    public Func<Received, Reply?> OnAny { get; set; } = _ => null;

    public IEnumerable<Received> Requests => server.Requests;

    public void Dispose() => server.Dispose();

    public static Reply Problem(string type) => new(400, new JsonObject { ["__type"] = type, ["Message"] = "double" }.ToJsonString());

    private Reply Answer(Received request)
    {
        if (OnAny(request) is { } special)
        {
            return special;
        }

        if (request.Headers["Authorization"] != Expected(request))
        {
            return Problem("InvalidSignatureException");
        }

        var body = JsonNode.Parse(request.Body)!;
        switch (request.Headers["X-Amz-Target"])
        {
            case "secretsmanager.GetSecretValue":
                return Secrets.TryGetValue(body["SecretId"]!.GetValue<string>(), out var value)
                    ? new(200, new JsonObject { ["Name"] = body["SecretId"]!.GetValue<string>(), ["SecretString"] = value, ["CreatedDate"] = 1.7e9 }.ToJsonString())
                    : Problem("com.amazonaws.secretsmanager#ResourceNotFoundException");
            case "secretsmanager.CreateSecret":
                return Secrets.TryAdd(body["Name"]!.GetValue<string>(), body["SecretString"]!.GetValue<string>()) ? new(200, """{"ARN":"arn","Name":"n","VersionId":"v"}""") : Problem("ResourceExistsException");
            default:
                return Problem("UnknownOperationException");
        }
    }

    private static string Expected(Received request)
    {
        var token = request.Headers.GetValueOrDefault("X-Amz-Security-Token");
        var names = "content-type;host;x-amz-date" + (token is null ? "" : ";x-amz-security-token") + ";x-amz-target";
        var canonical = new StringBuilder("POST\n/\n\n");
        foreach (var name in names.Split(';'))
        {
            canonical.Append(CultureInfo.InvariantCulture, $"{name}:{request.Headers[name]}\n");
        }

        canonical.Append(CultureInfo.InvariantCulture, $"\n{names}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Body)))}");
        var stamp = request.Headers["X-Amz-Date"];
        var scope = $"{stamp[..8]}/{Region}/secretsmanager/aws4_request";
        var text = $"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = new[] { stamp[..8], Region, "secretsmanager", "aws4_request" }.Aggregate(
            Encoding.UTF8.GetBytes("AWS4" + SecretKey), (before, part) => HMACSHA256.HashData(before, Encoding.UTF8.GetBytes(part)));
        return $"AWS4-HMAC-SHA256 Credential={AccessKey}/{scope}, SignedHeaders={names}, Signature={Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)))}";
    }
}

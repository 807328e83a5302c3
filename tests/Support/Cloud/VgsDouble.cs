using System.Text;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>The reveal endpoint of a VGS vault over TLS, with basic credentials.</summary>
internal sealed class VgsDouble : IDisposable
{
    public const string Username = "US-user";
    public const string Password = "vgs-canary-91";
    private readonly LoopbackServer server;

    public VgsDouble(CloudNames names)
    {
        server = new(Answer, TestCertificate.Instance);
        names.Set("api.live.verygoodvault.com", server.Url.Port);
    }

    public Dictionary<string, string> Aliases { get; } = [];

    public Func<Received, Reply?> OnAny { get; set; } = _ => null;

    public void Dispose() => server.Dispose();

    private Reply Answer(Received request)
    {
        if (OnAny(request) is { } special)
        {
            return special;
        }

        if (request.Headers.GetValueOrDefault("Authorization") != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}")))
        {
            return new(401, """{"errors":[{"status":401,"title":"Unauthorized"}]}""");
        }

        return Aliases.TryGetValue(Uri.UnescapeDataString(request.Path.Split('/')[^1]), out var value)
            ? new(200, new JsonObject { ["data"] = new JsonArray(new JsonObject { ["value"] = value, ["aliases"] = new JsonArray() }) }.ToJsonString())
            : new(404, """{"errors":[{"status":404,"title":"Not Found"}]}""");
    }
}

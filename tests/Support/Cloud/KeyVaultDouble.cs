using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>The secrets part of Key Vault over TLS: its 401 challenge, versions, errors.</summary>
internal sealed class KeyVaultDouble : IDisposable
{
    public const string Host = "kms-test.vault.azure.net";
    private const string Resource = "https://vault.azure.net";
    private readonly LoopbackServer server;

    public KeyVaultDouble(CloudNames names)
    {
        server = new(Answer, TestCertificate.Instance);
        names.Set(Host, server.Url.Port);
    }

    /// <summary>Values by name; the last one is the newest.</summary>
    public ConcurrentDictionary<string, List<string>> Secrets { get; } = new();

    public string Tenant { get; set; } = IdentityDouble.Tenant;

    /// <summary>Overrides the answer to an authorised request; null leaves it.</summary>
    public Func<Received, Reply?> OnAny { get; set; } = _ => null;

    public IEnumerable<Received> Requests => server.Requests;

    public void Dispose() => server.Dispose();

    private Reply Answer(Received request)
    {
        if (!IdentityDouble.IsGood(request.Headers.GetValueOrDefault("Authorization"), Resource, Tenant))
        {
            Assert.Equal("", request.Headers.ContainsKey("Authorization") ? "" : request.Body); // a client without token sends no secret
            return new(401, Error("Unauthorized"))
            {
                Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = $"Bearer authorization=\"https://login.microsoftonline.com/{Tenant}\", resource=\"{Resource}\"" },
            };
        }

        if (OnAny(request) is { } special)
        {
            return special;
        }

        var parts = request.Path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["secrets", var name, ..])
        {
            return new(404, Error("NotFound"));
        }

        if (request.Method == "PUT")
        {
            var values = Secrets.GetOrAdd(name, _ => []);
            values.Add(JsonNode.Parse(request.Body)!["value"]!.GetValue<string>());
            return new(200, Bundle(name, values, values.Count));
        }

        return Secrets.TryGetValue(name, out var known) && (parts.Length < 3 || (int.TryParse(parts[2], CultureInfo.InvariantCulture, out var wanted) && wanted <= known.Count))
            ? new(200, Bundle(name, known, parts.Length < 3 ? known.Count : int.Parse(parts[2], CultureInfo.InvariantCulture)))
            : new(404, Error("SecretNotFound"));
    }

    private static string Bundle(string name, List<string> values, int version) => new JsonObject
    {
        ["value"] = values[version - 1],
        ["id"] = $"https://{Host}/secrets/{name}/{version.ToString(CultureInfo.InvariantCulture)}",
        ["attributes"] = new JsonObject { ["enabled"] = true, ["created"] = 1700000000, ["updated"] = 1700000000, ["recoveryLevel"] = "Recoverable", ["recoverableDays"] = 90 },
    }.ToJsonString();

    public static string Error(string code) => new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = "double" } }.ToJsonString();
}

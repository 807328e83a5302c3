using System.Globalization;
using System.Text;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>The managed identity endpoints: App Service's (a secret header) and the machine's own, IMDS (the header Metadata).</summary>
internal sealed class IdentityDouble : IDisposable
{
    public const string Header = "identity-header-5b2e";
    public const string Tenant = "11111111-2222-3333-4444-555555555555";
    private readonly LoopbackServer server;
    private int issued;

    public IdentityDouble() => server = new(Answer);

    /// <summary>Another one for each double, because the SDK keeps tokens for the whole process.</summary>
    public string ClientId { get; } = Guid.NewGuid().ToString();

    public Uri Url => new(server.Url, "/msi/token");

    /// <summary>How long a token lives.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Overrides the answer; null leaves it.</summary>
    public Func<Reply?> OnAny { get; set; } = () => null;

    public int Issued => issued;

    /// <summary>The tokens of this tenant that are good, by resource.</summary>
    public static bool IsGood(string? authorization, string resource, string tenant = Tenant)
    {
        if (authorization?.StartsWith("Bearer ", StringComparison.Ordinal) is not true)
        {
            return false;
        }

        var claims = System.Text.Json.Nodes.JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(authorization["Bearer ".Length..].Split('.')[1]))!;
        return claims["aud"]!.GetValue<string>() == resource && claims["tid"]!.GetValue<string>() == tenant && claims["exp"]!.GetValue<long>() > TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
    }

    public Dictionary<string, string?> Environment() => new()
    {
        ["IDENTITY_ENDPOINT"] = Url.AbsoluteUri,
        ["IDENTITY_HEADER"] = Header,
        ["AZURE_CLIENT_ID"] = ClientId,
    };

    /// <summary>What leads the SDK to IMDS here: the address 169.254.169.254 cannot be taken, so its documented override is used.</summary>
    public Dictionary<string, string?> ImdsEnvironment() => new() { ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = server.Url.AbsoluteUri, ["AZURE_CLIENT_ID"] = ClientId };

    public IEnumerable<Received> Requests => server.Requests;

    public void Dispose() => server.Dispose();

    /// <summary>A token, unsigned: the doubles look at its claims alone.</summary>
    public static string Token(string resource, TimeSpan life)
    {
        var now = TimeProvider.System.GetUtcNow();
        static string Part(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
        var payload = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"aud":"{{resource}}","iss":"https://sts.windows.net/{{Tenant}}/","tid":"{{Tenant}}","nbf":{{now.AddMinutes(-5).ToUnixTimeSeconds()}},"iat":{{now.AddMinutes(-5).ToUnixTimeSeconds()}},"exp":{{(now + life).ToUnixTimeSeconds()}},"jti":"{{Guid.NewGuid()}}"}""");
        return $"{Part("""{"alg":"RS256","typ":"JWT"}""")}.{Part(payload)}.{Part("signature")}";
    }

    private Reply Answer(Received request)
    {
        if (OnAny() is { } special)
        {
            return special;
        }

        var query = System.Web.HttpUtility.ParseQueryString(new Uri(server.Url, request.Path).Query);
        var isImds = request.Path.StartsWith("/metadata/identity/oauth2/token", StringComparison.Ordinal);
        if (isImds ? request.Headers.GetValueOrDefault("Metadata") != "true" : request.Headers.GetValueOrDefault("X-IDENTITY-HEADER") != Header)
        {
            return new(isImds ? 400 : 401, """{"error":"invalid_request","error_description":"Required metadata header not specified"}""");
        }

        if (query["client_id"] != ClientId)
        {
            return new(400, """{"statusCode":400,"message":"No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."}""");
        }

        Interlocked.Increment(ref issued);
        var expires = (TimeProvider.System.GetUtcNow() + Life).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return new(200, $$"""{"access_token":"{{Token(query["resource"]!, Life)}}","expires_on":"{{expires}}","resource":"{{query["resource"]}}","token_type":"Bearer","client_id":"{{ClientId}}"}""");
    }
}

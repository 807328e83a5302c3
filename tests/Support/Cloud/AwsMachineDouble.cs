using System.Globalization;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>Where a machine in AWS gets its credentials: the container endpoint of ECS, and the instance metadata service with its session tokens (IMDSv2).</summary>
internal sealed class AwsMachineDouble : IDisposable
{
    public const string Token = "temporary-session-token";
    private const string Authorization = "container-authorization";
    private const string Session = "imds-session";
    private const string Role = "/latest/meta-data/iam/security-credentials";
    private readonly LoopbackServer server;

    public AwsMachineDouble() => server = new(Answer);

    public IEnumerable<Received> Requests => server.Requests;

    public Dictionary<string, string?> Container() => new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = new Uri(server.Url, "/credentials").AbsoluteUri, ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = Authorization };

    public Dictionary<string, string?> Instance() => new() { ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server.Url.AbsoluteUri.TrimEnd('/') };

    public void Dispose() => server.Dispose();

    private static Reply Answer(Received request) => (request.Method, request.Path) switch
    {
        ("GET", "/credentials") => request.Headers.GetValueOrDefault("Authorization") == Authorization ? new(200, Credentials()) : new(401),
        ("PUT", "/latest/api/token") => request.Headers.ContainsKey("X-aws-ec2-metadata-token-ttl-seconds") ? new(200, Session) : new(400),
        (_, _) when request.Headers.GetValueOrDefault("X-aws-ec2-metadata-token") != Session => new(401), // IMDSv1 is off
        ("GET", Role) => new(200, "kms-role"),
        ("GET", Role + "/kms-role") => new(200, Credentials()),
        _ => new(404, ""),
    };

    private static string Credentials() => new JsonObject
    {
        ["Code"] = "Success",
        ["Type"] = "AWS-HMAC",
        ["LastUpdated"] = Stamp(TimeProvider.System.GetUtcNow()),
        ["AccessKeyId"] = SecretsManagerDouble.AccessKey,
        ["SecretAccessKey"] = SecretsManagerDouble.SecretKey,
        ["Token"] = Token,
        ["Expiration"] = Stamp(TimeProvider.System.GetUtcNow().AddHours(6)),
    }.ToJsonString();

    private static string Stamp(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

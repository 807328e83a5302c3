using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.Runtime.Internal.Auth;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Passwords;

/// <summary>Where a password is in AWS Secrets Manager.</summary>
/// <param name="Region">AWS region.</param>
/// <param name="SecretName">Name or ARN of the secret.</param>
/// <param name="Key">Name of the password in the secret's JSON.</param>
public sealed record AwsSecretPlace(string Region, string SecretName, string Key)
{
    /// <summary>Access key id, or null for the AWS credential chain.</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>The access key's secret. Not shown.</summary>
    public string? SecretAccessKey { get; init; }

    /// <summary>The token of temporary credentials, or null.</summary>
    public string? SessionToken { get; init; }

    /// <summary>Another endpoint than the region's (<c>AWS_ENDPOINT_URL_SECRETS_MANAGER</c>).</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Says only where, never with what.</summary>
    public override string ToString() => $"{SecretName} in {Region}";
}

/// <summary>
/// One field of a JSON secret in AWS Secrets Manager, by its JSON 1.1 protocol and Signature Version 4.
/// </summary>
public sealed class AwsPassword(
    AwsSecretPlace place, TimeProvider clock, HttpMessageHandler? transport = null) : IPasswordVault, IDisposable
{
    private const string Service = "secretsmanager";
    private const string ContentType = "application/x-amz-json-1.1";
    private readonly VaultHttp http = new(clock, "AWS Secrets Manager", transport);

    /// <summary>The secret that the TATUM_KMS_AWS variables describe.</summary>
    /// <exception cref="KmsException">A variable is missing or makes no sense.</exception>
    public static AwsPassword Of(Func<string, string?> setting, TimeProvider clock) => new(Place(setting), clock);

    private static AwsSecretPlace Place(Func<string, string?> setting)
    {
        var place = new AwsSecretPlace(
            VaultSettings.Need(setting, "TATUM_KMS_AWS_REGION"),
            VaultSettings.Need(setting, "TATUM_KMS_AWS_SECRET_NAME"),
            VaultSettings.Need(setting, "TATUM_KMS_AWS_SECRET_KEY"))
        {
            AccessKeyId = setting("TATUM_KMS_AWS_ACCESS_KEY_ID"),
            SecretAccessKey = setting("TATUM_KMS_AWS_SECRET_ACCESS_KEY"),
            SessionToken = setting("TATUM_KMS_AWS_SESSION_TOKEN"),
            Endpoint = setting("AWS_ENDPOINT_URL_SECRETS_MANAGER") is { } url ? Https(url) : null,
        };
        if ((place.AccessKeyId is null) != (place.SecretAccessKey is null) || !place.Region.All(IsOfRegion))
        {
            throw new KmsException(
                Failure.Usage,
                "the AWS access key is half set, or the region is not one",
                "set both of TATUM_KMS_AWS_ACCESS_KEY_ID and _SECRET_ACCESS_KEY, or neither");
        }

        return place;
    }

    private static bool IsOfRegion(char character) =>
        char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-';

    private static Uri Https(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var endpoint) || endpoint.Scheme != Uri.UriSchemeHttps)
        {
            throw new KmsException(Failure.Usage, "AWS_ENDPOINT_URL_SECRETS_MANAGER is not an https address");
        }

        return endpoint;
    }

    /// <inheritdoc/>
    public string StoreType => "AWS";

    /// <inheritdoc/>
    public async Task<SecretBytes?> ReadAsync(CancellationToken cancel)
    {
        using var reply = await CallAsync(
            "GetSecretValue", json => json.WriteString("SecretId", place.SecretName), cancel);
        if (reply.Status == 200)
        {
            return Field(reply.Body);
        }

        if (Problem(reply) != "ResourceNotFoundException")
        {
            throw Explain(reply);
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task CreateAsync(SecretBytes password, CancellationToken cancel)
    {
        using var reply = await CallAsync(
            "CreateSecret",
            json =>
            {
                json.WriteString("Name", place.SecretName);
                json.WriteString("ClientRequestToken", Guid.NewGuid().ToString());
                json.WriteString("Description", "KmsCloud wallet password");
                using var secret = Written(field =>
                {
                    field.WriteStartObject();
                    field.WriteString(place.Key, password.Span);
                    field.WriteEndObject();
                });
                json.WriteString("SecretString", secret.Span);
            },
            cancel);
        if (reply.Status != 200)
        {
            throw Explain(reply);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    /// <summary>The value of the Authorization header, AWS Signature Version 4.</summary>
    internal static string Authorization(
        ImmutableCredentials credentials,
        string region,
        string host,
        DateTime now,
        string target,
        ReadOnlySpan<byte> body)
    {
        var token = credentials.UseToken ? $"x-amz-security-token:{credentials.Token}\n" : "";
        var names = "content-type;host;x-amz-date" + (
            credentials.UseToken ? ";x-amz-security-token" : "") + ";x-amz-target";
        var canonical = $"POST\n/\n\ncontent-type:{ContentType}\nhost:{host}\nx-amz-date:{Stamp(now)}\n{token}x-amz-target:{target}\n\n{names}\n{Hex.Lower(SHA256.HashData(body))}";
        return AWS4Signer.ComputeSignature(credentials, region, now, Service, names, canonical).ForAuthorizationHeader;
    }

    private static SecretBytes Written(Action<Utf8JsonWriter> write)
    {
        using var buffer = new SecretBuffer();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = PeopleEncoder.Instance }))
        {
            write(json);
        }

        return buffer.Take();
    }

    private static string Stamp(DateTime now) => now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private SecretBytes Field(ReadOnlySpan<byte> body)
    {
        using var text = SecretJson.TryText(body, "SecretString")
            ?? throw new KmsException(
                Failure.Gateway,
                "the AWS secret holds no text",
                "store it as JSON with the password under the name in TATUM_KMS_AWS_SECRET_KEY");
        return SecretJson.TryText(text.Span, place.Key)
            ?? throw new KmsException(
                Failure.Gateway,
                $"the AWS secret is not JSON with a text under '{place.Key}'",
                "check TATUM_KMS_AWS_SECRET_KEY");
    }

    private async Task<VaultReply> CallAsync(string operation, Action<Utf8JsonWriter> write, CancellationToken cancel)
    {
        using var written = Written(json =>
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        });
        var body = written.Span.ToArray(); // what is sent is an array: wiped below
        var url = place.Endpoint
            ?? new Uri(
                $"https://{Service}.{place.Region}.amazonaws.com{(place.Region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}/");
        var credentials = await CredentialsAsync();
        try
        {
            return await http.SendAsync(
                () => Request(url, credentials, $"{Service}.{operation}", body),
                reply => Problem(reply) is "ThrottlingException" or "Throttling",
                cancel);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    private HttpRequestMessage Request(Uri url, ImmutableCredentials credentials, string target, byte[] body)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new(ContentType);
        request.Headers.TryAddWithoutValidation("X-Amz-Target", target);
        request.Headers.TryAddWithoutValidation("X-Amz-Date", Stamp(now));
        if (credentials.UseToken)
        {
            request.Headers.TryAddWithoutValidation("X-Amz-Security-Token", credentials.Token);
        }

        request.Headers.TryAddWithoutValidation(
            "Authorization", Authorization(credentials, place.Region, url.Authority, now, target, body));
        return request;
    }

    private async Task<ImmutableCredentials> CredentialsAsync()
    {
        if (place is { AccessKeyId: { } id, SecretAccessKey: { } secret })
        {
            return new(id, secret, place.SessionToken);
        }

        try
        {
            var chain = await new DefaultAWSCredentialsIdentityResolver().ResolveIdentityAsync(null);
            return await chain.GetCredentialsAsync();
        }
        catch (AmazonClientException error)
        {
            throw new KmsException(
                Failure.Gateway,
                "there are no AWS credentials",
                "set TATUM_KMS_AWS_ACCESS_KEY_ID and _SECRET_ACCESS_KEY, or give the machine a role",
                error);
        }
    }

    private static string Problem(VaultReply reply)
    {
        if (reply.Status == 200
            || !StrictJson.TryParse(Encoding.UTF8.GetString(reply.Body), out var parsed)
            || parsed is not { ValueKind: JsonValueKind.Object } json
            || !json.TryGetProperty("__type", out var known)
            || known.ValueKind is not JsonValueKind.String)
        {
            return "";
        }

        var type = known.GetString()!;
        return new([.. type[(type.LastIndexOf('#') + 1)..].Where(char.IsAsciiLetter).Take(60)]);
    }

    private static KmsException Explain(VaultReply reply) => Problem(reply) switch
    {
        "AccessDeniedException" =>
            new(
                Failure.Gateway,
                "AWS does not let these credentials use the secret",
                "allow secretsmanager:GetSecretValue (and kms:Decrypt), and CreateSecret for a new wallet file"),
        "InvalidSignatureException" or "UnrecognizedClientException" or "ExpiredTokenException" or "IncompleteSignatureException" =>
            new(
                Failure.Gateway,
                "AWS does not accept these credentials, or they have expired",
                "check TATUM_KMS_AWS_ACCESS_KEY_ID and _SECRET_ACCESS_KEY, the region and the machine's clock"),
        "ResourceExistsException" =>
            new(Failure.Gateway, "the AWS secret was made by somebody else in the meantime", "run the command again"),
        "DecryptionFailure" =>
            new(Failure.Gateway, "AWS cannot decrypt the secret", "check the key policy of its KMS key"),
        "" => new(Failure.Gateway, $"AWS Secrets Manager answered HTTP {reply.Status}"),
        var other => new(Failure.Gateway, $"AWS Secrets Manager answered {other}"),
    };
}

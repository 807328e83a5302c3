using System.Net.Http.Headers;
using System.Text;
using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Passwords;

/// <summary>An alias in a VGS vault.</summary>
public sealed class VgsPassword : IPasswordVault, IDisposable
{
    private static readonly Uri Live = new("https://api.live.verygoodvault.com");
    private readonly VaultHttp http;
    private readonly Uri url;
    private readonly string basic;

    /// <summary>An alias, revealed with a vault's credentials.</summary>
    /// <param name="alias">The alias.</param>
    /// <param name="username">Of the vault's access credentials.</param>
    /// <param name="password">Of the vault's access credentials.</param>
    /// <param name="api">Another VGS API than the live one: a host below verygoodvault.com.</param>
    /// <param name="clock">The time.</param>
    /// <param name="transport">Another way to the network than the default one.</param>
    /// <exception cref="KmsException">The address is not one of VGS.</exception>
    public VgsPassword(
        string alias,
        string username,
        string password,
        string? api,
        TimeProvider clock,
        HttpMessageHandler? transport = null)
    {
        url = new(Base(api), "/aliases/" + Uri.EscapeDataString(alias));
        basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{username}:{password}"));
        http = new(clock, "the VGS vault", transport);
    }

    /// <summary>The alias that the TATUM_KMS_VGS variables describe.</summary>
    /// <exception cref="KmsException">A variable is missing or makes no sense.</exception>
    public static VgsPassword Of(Func<string, string?> setting, TimeProvider clock) => new(
        VaultSettings.Need(setting, "TATUM_KMS_VGS_ALIAS"),
        VaultSettings.Need(setting, "TATUM_KMS_VGS_USERNAME"),
        VaultSettings.Need(setting, "TATUM_KMS_VGS_PASSWORD"),
        setting("TATUM_KMS_VGS_API_URL"),
        clock);

    /// <inheritdoc/>
    public string StoreType => "VGS";

    /// <inheritdoc/>
    public async Task<SecretBytes?> ReadAsync(CancellationToken cancel)
    {
        using var reply = await http.SendAsync(Request, _ => false, cancel);
        return reply.Status switch
        {
            200 => Value(reply.Body),
            404 => null,
            401 or 403 => throw new KmsException(Failure.Gateway, $"the VGS vault does not let these credentials reveal the alias: HTTP {reply.Status}", "check TATUM_KMS_VGS_USERNAME and _PASSWORD, and that reveal is enabled for the vault"),
            _ => throw new KmsException(Failure.Gateway, $"the VGS vault answered HTTP {reply.Status}"),
        };
    }

    /// <summary>VGS chooses its aliases itself, so nothing can be stored under a given one.</summary>
    public Task CreateAsync(SecretBytes password, CancellationToken cancel) =>
        throw new KmsException(
            Failure.Gateway,
            "the VGS vault has no such alias, and chooses the names of new ones itself",
            "store a password there first, then set TATUM_KMS_VGS_ALIAS to the alias it gives");

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static Uri Base(string? api) => api is null ? Live
        : Uri.TryCreate(api, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 && url.PathAndQuery == "/"
            && url.Host.EndsWith(".verygoodvault.com", StringComparison.OrdinalIgnoreCase)
            ? url
            : throw new KmsException(Failure.Usage, "TATUM_KMS_VGS_API_URL is not an https address below verygoodvault.com");

    private HttpRequestMessage Request() =>
        new(HttpMethod.Get, url) { Headers = { Authorization = new AuthenticationHeaderValue("Basic", basic) } };

    private static SecretBytes Value(ReadOnlySpan<byte> body) =>
        SecretJson.TryText(body, "data", "", "value")
            ?? throw new KmsException(Failure.Gateway, "the VGS vault's answer holds no value");
}

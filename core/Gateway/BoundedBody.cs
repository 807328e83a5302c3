using KmsCloud.Errors;

namespace KmsCloud.Gateway;

/// <summary>Reads a body of bounded size: what lies beyond is never held in memory.</summary>
internal static class BoundedBody
{
    /// <exception cref="KmsException">The body is larger than the limit.</exception>
    internal static async Task<byte[]> ReadAsync(HttpContent content, int limit, CancellationToken cancel)
    {
        if (content.Headers.ContentLength > limit)
        {
            throw TooLarge(limit);
        }

        await using var stream = await content.ReadAsStreamAsync(cancel);
        if (content.Headers.ContentLength is { } length)
        {
            var whole = new byte[length];
            await stream.ReadExactlyAsync(whole, cancel);
            return whole;
        }

        var body = new MemoryStream();
        var piece = new byte[64 * 1024];
        for (int count; (count = await stream.ReadAsync(piece, cancel)) > 0;)
        {
            if (body.Length + count > limit)
            {
                throw TooLarge(limit);
            }

            body.Write(piece, 0, count);
        }

        return body.ToArray();
    }

    private static KmsException TooLarge(int limit) => new(Failure.Gateway, $"the answer is larger than {limit / (1024 * 1024)} MiB and was not read");
}

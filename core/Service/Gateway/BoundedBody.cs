using KmsCloud.Errors;

namespace KmsCloud.Gateway;

/// <summary>
/// Reads a body of bounded size: what lies beyond is never held in memory, nor is anything compressed, which could grow
/// without bound.
/// </summary>
internal static class BoundedBody
{
    /// <exception cref="KmsException">
    /// The body is larger than the limit or the room that is left, or compressed.
    /// </exception>
    internal static async Task<byte[]> ReadAsync(
        HttpContent content, int limit, AnswerBudget.Lease? room, CancellationToken cancel)
    {
        if (content.Headers.ContentEncoding.Any(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            throw new KmsException(
                Failure.Gateway, "the answer is compressed, which was not asked for, and was not read");
        }

        await using var stream = await content.ReadAsStreamAsync(cancel);
        if (content.Headers.ContentLength is { } length)
        {
            Require(length, limit, room);
            var whole = new byte[length];
            await stream.ReadExactlyAsync(whole, cancel);
            return whole;
        }

        var body = new MemoryStream();
        var piece = new byte[64 * 1024];
        for (int count; (count = await stream.ReadAsync(piece, cancel)) > 0;)
        {
            Require(body.Length + count, limit, room);
            body.Write(piece, 0, count);
        }

        return body.ToArray();
    }

    private static void Require(long length, int limit, AnswerBudget.Lease? room)
    {
        if (length > limit)
        {
            throw new KmsException(Failure.Gateway, $"the answer is larger than {limit / 1024} KiB and was not read");
        }

        if (room is not null && !room.TryGrow(length))
        {
            throw new KmsException(
                Failure.Gateway,
                "the gateway's answers together take more memory than they may, and this one was not read");
        }
    }
}

using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace KmsCloud.Cloud;

/// <summary>
/// Cuts off a service's answers that are longer than any it gives: what lies beyond is never held in memory.
/// </summary>
/// <param name="most">Bytes of a body.</param>
internal sealed class BoundedAnswers(int most) : HttpPipelinePolicy
{
    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline);
        Bound(message);
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ProcessNext(message, pipeline);
        Bound(message);
    }

    private void Bound(HttpMessage message)
    {
        if (message.HasResponse && message.Response.ContentStream is { } body)
        {
            message.Response.ContentStream = new BoundedStream(body, most);
        }
    }

    /// <summary>The first bytes of a stream; one more is an error.</summary>
    private sealed class BoundedStream(Stream inner, int most) : Stream
    {
        private int count;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

        public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Count(await inner.ReadAsync(buffer.AsMemory(offset, count), cancellationToken));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await inner.ReadAsync(buffer, cancellationToken));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(int read)
        {
            count += read;
            return count <= most ? read : throw new RequestFailedException(200, $"the answer is longer than {most} bytes", AzureClient.TooLong, null);
        }
    }
}

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>
/// The host's end of FunctionRpc: gRPC over HTTP/2 without TLS on loopback, one stream for each worker. The contract is the one that
/// the worker's own package carries, so double and worker cannot differ in it; messages are handed on as protobuf's JSON.
/// </summary>
internal sealed class FunctionRpcServer : IDisposable
{
    private const string Route = "/AzureFunctionsRpcMessages.FunctionRpc/EventStream";
    private static readonly MessageDescriptor Message = Contract().FindTypeByName<MessageDescriptor>("StreamingMessage");
    private readonly ConcurrentDictionary<string, TaskCompletionSource<RpcStream>> expected = new(StringComparer.Ordinal);
    private readonly WebApplication app;

    public FunctionRpcServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        app = builder.Build();
        app.MapPost(Route, ServeAsync);
        app.StartAsync().GetAwaiter().GetResult();
        Url = new(app.Urls.First());
    }

    public Uri Url { get; }

    /// <summary>The stream of a worker that is to be started.</summary>
    public Task<RpcStream> Expect(string workerId) => expected.GetOrAdd(workerId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Dispose() => app.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static FileDescriptor Contract() => (FileDescriptor)Assembly.Load("Microsoft.Azure.Functions.Worker.Grpc")
        .GetType("Microsoft.Azure.Functions.Worker.Grpc.Messages.FunctionRpcReflection", throwOnError: true)!
        .GetProperty("Descriptor", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!.GetValue(null)!;

    private async Task ServeAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.StartAsync();
        var stream = new RpcStream(context.Response);
        try
        {
            while (await ReadAsync(context.Request.Body) is { } message)
            {
                if (message["startStream"] is { } start)
                {
                    expected.GetOrAdd((string)start["workerId"]!, _ => new()).TrySetResult(stream);
                }

                stream.Received.Writer.TryWrite(message);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            // the worker is gone
        }

        stream.Received.Writer.TryComplete();
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static async Task<JsonObject?> ReadAsync(Stream body)
    {
        var head = new byte[5]; // compressed or not, and the length
        if (await body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) < head.Length)
        {
            return null;
        }

        var bytes = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
        await body.ReadExactlyAsync(bytes);
        return (JsonObject)JsonNode.Parse(JsonFormatter.Default.Format(Message.Parser.ParseFrom(bytes)))!;
    }

    /// <summary>The stream of one worker.</summary>
    internal sealed class RpcStream(HttpResponse response)
    {
        private readonly Lock gate = new();
        private Task last = Task.CompletedTask;

        public Channel<JsonObject> Received { get; } = Channel.CreateUnbounded<JsonObject>();

        public async Task SendAsync(string content, JsonObject message)
        {
            var bytes = JsonParser.Default.Parse(new JsonObject { ["requestId"] = Guid.NewGuid().ToString(), [content] = message }.ToJsonString(), Message).ToByteArray();
            var frame = new byte[5 + bytes.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), bytes.Length);
            bytes.CopyTo(frame, 5);
            Task mine;
            lock (gate)
            {
                mine = last = WriteAfterAsync(last, frame); // frames never mix
            }

            await mine;
        }

        private async Task WriteAfterAsync(Task before, byte[] frame)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await response.Body.WriteAsync(frame);
            await response.Body.FlushAsync();
        }

        /// <summary>The next message with a content; what comes before it is dropped.</summary>
        public async Task<JsonObject> NextAsync(string content, CancellationToken cancel)
        {
            while (true)
            {
                var message = await Received.Reader.ReadAsync(cancel);
                if (message[content] is JsonObject found)
                {
                    return found;
                }
            }
        }
    }
}

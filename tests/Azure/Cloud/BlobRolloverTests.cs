using System.Text;
using Azure.Core.Pipeline;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Cloud;

/// <summary>An instance that opens a log while another one appends, rolls to the next segment, or ends, at every storage call of the opening.</summary>
public sealed class BlobRolloverTests : IDisposable
{
    private const int MostCalls = 14; // of an opening
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(15);
    private readonly CloudNames names = new();
    private readonly AzuriteServer azurite;
    private readonly Uri container;

    public BlobRolloverTests()
    {
        azurite = new(names);
        container = azurite.Make("kms-state");
    }

    public void Dispose()
    {
        azurite.Dispose();
        names.Dispose();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(5, true)]
    [InlineData(5, false)]
    public async Task Whatever_happens_meanwhile_the_opener_has_every_line_or_does_not_open(int appends, bool ends)
    {
        var opened = 0;
        for (var call = 1; call <= MostCalls; call++)
        {
            var url = BlobStore.Below(container, $"{appends}{ends}{call}/journal.jsonl");
            var first = BlobAppendLog.Open(azurite.Store, url, Life, TimeProvider.System, mostBlocks: 2);
            await first.AppendAsync([Line(0)]);
            var written = 1;
            var gate = new Hook(names.Handler(), call, async () =>
            {
                for (var i = 0; i < appends; i++)
                {
                    try
                    {
                        await first.AppendAsync([Line(written)]);
                        written++;
                    }
                    catch (KmsException)
                    {
                        break; // the opener was faster: fenced, and nothing was acknowledged
                    }
                }

                if (ends)
                {
                    first.Dispose();
                }
            });
            try
            {
                using var second = BlobAppendLog.Open(new(new AzuriteServer.StaticToken(), new HttpClientTransport(new HttpClient(gate))), url, Life, TimeProvider.System, mostBlocks: 2);
                opened++;
                Assert.Equal(Enumerable.Range(0, written).Select(number => $"{{\"line\":{number}}}"), second.ReadLines().Select(line => Encoding.UTF8.GetString(line.Line.Span)));
                await second.AppendAsync([Line(written)]);
            }
            catch (KmsException error)
            {
                Assert.Equal(Failure.WalletFile, error.Failure);
            }

            first.Dispose();
        }

        Assert.True(!ends || opened > 0, "no opening at all says nothing");
    }

    private static byte[] Line(int number) => Encoding.UTF8.GetBytes($"{{\"line\":{number}}}");

    /// <summary>Does something before the n-th request.</summary>
    private sealed class Hook(HttpMessageHandler inner, int at, Func<Task> act) : DelegatingHandler(inner)
    {
        private int calls;

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (++calls == at)
            {
                Task.Run(act, CancellationToken.None).GetAwaiter().GetResult();
            }

            return base.Send(request, cancellationToken);
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (++calls == at)
            {
                await act();
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}

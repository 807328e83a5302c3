using System.Diagnostics;
using System.Globalization;
using System.Text;
using KmsCloud.Errors;

using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Requests within every bound of size that take long to read.</summary>
[Collection(typeof(MeasuresMemory))]
public static class SlowDecodeTests
{
    [Fact]
    public static void Cardano_values_are_added_up_in_time()
    {
        var text = Operations();
        Assert.True(text.Length <= 1024 * 1024, $"{text.Length}");
        var bytes = GC.GetTotalAllocatedBytes();
        try
        {
            CardanoBuilder.Ours.Decode(text);
        }
        catch (KmsException)
        {
            // refused at the end
        }

        var mebibytes = (GC.GetTotalAllocatedBytes() - bytes) / 1024 / 1024;
        Assert.True(mebibytes < 800, $"{mebibytes} MiB allocated for one request of {text.Length} bytes: every input was added up over all tokens again"); // it was 3.3 GiB, and half a minute
    }

    [Fact]
    public static void A_body_that_the_gateway_built_is_read_in_time()
    {
        const int inputs = 28_000; // a little over 1 MB: hexadecimal of hexadecimal in an answer of 4 MiB
        byte[] list = [.. KmsCloud.Codecs.Cbor.Head(KmsCloud.Codecs.CborType.Array, inputs), .. Enumerable.Range(0, inputs).SelectMany(at => (byte[])
        [
            .. KmsCloud.Codecs.Cbor.Head(KmsCloud.Codecs.CborType.Array, 2), .. KmsCloud.Codecs.Cbor.Bytes([(byte)(at >> 8), (byte)(at & 0xff), .. new byte[30]]), .. CardanoBuilder.UInt(0),
        ])];
        var body = CardanoBuilder.Map((0, list), (1, CardanoBuilder.Array()), (2, CardanoBuilder.UInt(170_000)));
        Assert.Contains("no transaction has more than", Assert.Throws<KmsException>(() => new KmsCloud.Chains.Cardano.CardanoBody(body)).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(24)]
    public static async Task Answers_to_one_chain_do_not_hold_up_another(int requests)
    {
        using var world = new CycleWorld();
        for (var at = 0; at < requests; at++)
        {
            var id = $"ada-{at}";
            world.Add("ADA", Vectors.Case("ADA", "signing", Vectors.Names("ADA", "signing").First()), pending =>
            {
                pending["id"] = id;
                return pending;
            });
        }

        const int inputs = 28_000;
        byte[] list = [.. KmsCloud.Codecs.Cbor.Head(KmsCloud.Codecs.CborType.Array, inputs), .. Enumerable.Range(0, inputs).SelectMany(at => (byte[])
        [
            .. KmsCloud.Codecs.Cbor.Head(KmsCloud.Codecs.CborType.Array, 2), .. KmsCloud.Codecs.Cbor.Bytes([(byte)(at >> 8), (byte)(at & 0xff), .. new byte[30]]), .. CardanoBuilder.UInt(0),
        ])];
        var answer = CardanoBuilder.Payloads(CardanoBuilder.Map((0, list), (1, CardanoBuilder.Array()), (2, CardanoBuilder.UInt(170_000)))).GetRawText();
        world.OnAny = request => request.Path.EndsWith("/construction/payloads", StringComparison.Ordinal) ? new(200, answer)
            : request.Path.Contains("/construction/", StringComparison.Ordinal) ? new(200, "{}") : null;
        world.Add("ETH", "native-transfer-private-key");
        var good = world.Pending["ETH"].ToList();
        world.Pending["ETH"].Clear();
        world.Options = world.Options with { Chains = ["ADA", "ETH"] };
        using var stop = new CancellationTokenSource();
        var daemon = world.RunDaemonAsync(TimeSpan.FromMilliseconds(500), stop.Token);
        await Task.Delay(3_000);
        var watch = Stopwatch.StartNew();
        good.ForEach(text => world.List("ETH", text));
        while (!world.Broadcasts.Any() && watch.Elapsed < TimeSpan.FromSeconds(60))
        {
            await Task.Delay(50);
        }

        await stop.CancelAsync();
        await daemon;
        Assert.True(world.Broadcasts.Any(), $"an ETH payment did not leave within a minute beside {requests} ADA requests");
    }

    [Fact]
    public static async Task Slow_requests_of_one_chain_do_not_stop_large_ones_of_another()
    {
        using var world = new CycleWorld();
        var slow = Operations();
        for (var at = 0; at < 3; at++)
        {
            var id = $"slow-{at}";
            world.Add("ADA", Vectors.Case("ADA", "signing", Vectors.Names("ADA", "signing").First()), pending =>
            {
                pending["id"] = id;
                pending["serializedTransaction"] = slow;
                return pending;
            });
        }

        var payment = new PaymentCase("BTC");
        payment.Spend(OwnedCoin.New(InputKind.KeyHash, new SeededRandom(1)), new string('1', 64), 1, 30_000_000);
        for (var output = 0; output < 500; output++)
        {
            payment.Pay([0x76, 0xa9, 20, .. new byte[18], (byte)(output >> 8), (byte)(output & 0xff), 0x88, 0xac], 50_000);
        }

        payment.Pay([0x76, 0xa9, 20, .. new byte[20], 0x88, 0xac], 4_900_000);
        world.Add("BTC", payment.Vector());
        var large = world.Pending["BTC"].ToList();
        world.Pending["BTC"].Clear();
        world.Options = world.Options with { Chains = ["ADA", "BTC"] };
        await world.RunCyclesAsync(2, at =>
        {
            if (at == 1)
            {
                world.Pending["ADA"].Clear();
                large.ForEach(text => world.List("BTC", text));
            }
        });
        Assert.True(world.Broadcasts.Any(), "BTC: " + string.Join(" | ", world.LogLines.Where(line => line.Contains("others of its size", StringComparison.Ordinal) || line.Contains("takes longer", StringComparison.Ordinal))));
    }

    internal static string Operations()
    {
        var json = new StringBuilder("[");
        var address = CardanoBuilder.Ours.Address;
        for (var at = 0; at < 998; at++)
        {
            json.Append(CultureInfo.InvariantCulture, $$$"""{"operation_identifier":{"index":{{{at}}},"network_index":0},"type":"input","account":{"address":"{{{address}}}"},"amount":{"value":"-9","currency":{"symbol":"ADA","decimals":6}},"coin_change":{"coin_identifier":{"identifier":"{{{at:x64}}}:0"},"coin_action":"coin_spent"}""");
            if (at == 0)
            {
                json.Append(CultureInfo.InvariantCulture, $$$""","metadata":{"tokenBundle":[{"policyId":"{{{new string('a', 56)}}}","tokens":[""");
                for (var token = 0; token < 14_500; token++)
                {
                    json.Append(CultureInfo.InvariantCulture, $$$"""{{{(token == 0 ? "" : ",")}}}{"currency":{"symbol":"{{{token:x4}}}"},"value":"-1"}""");
                }

                json.Append("]}]}");
            }

            json.Append("},");
        }

        return json.Append(CultureInfo.InvariantCulture, $$$$"""{"operation_identifier":{"index":998,"network_index":0},"type":"output","account":{"address":"{{{{CardanoBuilder.Other}}}}"},"amount":{"value":"5","currency":{"symbol":"ADA","decimals":6}}}]""").ToString();
    }
}

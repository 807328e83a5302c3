using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Telemetry;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Telemetry;

/// <summary>Text from outside never steers a terminal, turns around what stands beside it, or fills a log.</summary>
public sealed class ForeignTextTests
{
    private const string Steering = "\u001b\u009b\u202e\u2066\u200b\u2028\u2029\ufeff\u00ad\ue000\r\n\t";

    [Fact]
    public void A_line_holds_nothing_that_a_terminal_acts_upon()
    {
        foreach (var character in Steering)
        {
            Assert.Equal("a b", Printable.Line($"a{character}b"));
            Assert.Equal("a b", LineWriter.OneLine($"a{character}b"));
            Assert.False(Printable.IsLine($"a{character}b"));
        }

        Assert.Equal("a\ufffdb", Printable.Line("a\ud800b"));
        Assert.Equal("a b", Printable.Line("a\U000e0001b")); // a tag character, outside the basic plane
        Assert.Equal("zażółć 漢字 🙂", Printable.Line("zażółć 漢字 🙂"));
    }

    [Fact]
    public void A_line_has_a_largest_length()
    {
        Assert.Equal(new string('x', 10), Printable.Line(new string('x', 10), 10));
        Assert.Equal("xxxxxxxxx…", Printable.Line(new string('x', 11), 10));
        Assert.Equal("🙂🙂…", Printable.Line("🙂🙂🙂🙂", 6)); // never half of a pair
        Assert.True(LineWriter.OneLine(new string('x', 10_000_000)).Length <= Printable.LongestLogLine);
    }

    [Fact]
    public void The_message_of_an_error_is_one_bounded_line()
    {
        var error = new KmsException(Failure.Refused, $"no such wallet '{Steering}{new string('x', 5_000_000)}'", $"ask{Steering}");
        Assert.True(Printable.IsLine(error.Message));
        Assert.True(Printable.IsLine(error.Hint!));
        Assert.True(error.Message.Length <= Printable.LongestMessage);
    }

    [Fact]
    public void JSON_for_people_escapes_what_turns_text_around()
    {
        var json = CompactJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("na\u202eme", $"zażółć 🙂 <&> {Steering}");
            writer.WriteString("utf8"u8, Encoding.UTF8.GetBytes("a\u202eb\U000e0001"));
            writer.WriteEndObject();
        });
        Assert.True(Printable.IsLine(json), json);
        Assert.Contains("zażółć", json, StringComparison.Ordinal);
        Assert.Contains("<&>", json, StringComparison.Ordinal);
        var read = JsonNode.Parse(json)!.AsObject();
        Assert.Equal($"zażółć 🙂 <&> {Steering}", read["na\u202eme"]!.GetValue<string>());
        Assert.Equal("a\u202eb\U000e0001", read["utf8"]!.GetValue<string>());
    }

    [Fact]
    public async Task No_name_of_the_gateway_reaches_log_or_audit_as_it_came()
    {
        using var world = new CycleWorld();
        world.Add("ETH", "native-transfer-private-key", pending =>
        {
            pending["hashes"] = new JsonArray(Steering + new string('w', 2_000_000));
            return pending;
        });
        world.List("ETH", $$"""{"id":"two","chain":"ETH\u202e\u001b","hashes":["{{new string('y', 1_000_000)}}"],"serializedTransaction":"{}"}""");
        await world.RunAsync();
        Assert.All(world.LogLines, line => Assert.True(Printable.IsLine(line) && line.Length < 3000, line[..Math.Min(line.Length, 100)]));
        var audit = await File.ReadAllLinesAsync(Path.Combine(world.StateFolder, "audit.jsonl"), TestContext.Current.CancellationToken);
        Assert.All(audit, line => Assert.True(Printable.IsLine(line) && line.Length < 4000));
        Assert.All(world.Reports, request => Assert.True(request.Body.Length < 8000));
    }
}

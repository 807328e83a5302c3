using System.Buffers;
using System.Reflection;
using KmsCloud.Codecs;

namespace KmsCloud.Tests.Codecs;

/// <summary>The writer of logs, bodies and records.</summary>
public static class CompactJsonTests
{
    [Fact]
    public static void The_buffer_that_is_kept_for_the_next_text_holds_nothing_of_the_last()
    {
        Assert.Contains("canary-value", CompactJson.Write(json => json.WriteStringValue("canary-value")), StringComparison.Ordinal);
        var spare = typeof(CompactJson).GetField("spare", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
        var buffer = (ArrayBufferWriter<byte>)spare.GetType().GetProperty("Buffer", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(spare)!;
        Assert.False(buffer.GetSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public static void A_text_may_be_written_while_another_is() => Assert.Equal(
        """["[1]",2]""",
        CompactJson.Write(json =>
        {
            json.WriteStartArray();
            json.WriteStringValue(CompactJson.Write(inner =>
            {
                inner.WriteStartArray();
                inner.WriteNumberValue(1);
                inner.WriteEndArray();
            }));
            json.WriteNumberValue(2);
            json.WriteEndArray();
        }));
}

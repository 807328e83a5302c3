using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Approver;

/// <summary>RFC 4648, section 5, in its one spelling: what has two spellings is two pieces of evidence.</summary>
public static class Base64UrlTextTests
{
    [Fact]
    public static void What_is_written_is_read()
    {
        var random = new SeededRandom(21);
        for (var size = 1; size < 100; size++)
        {
            var bytes = random.Bytes(size);
            Assert.Equal(bytes, Read(Base64UrlText.Of(bytes), 1, 100));
        }

        Assert.Equal("-_-_", Base64UrlText.Of([0xfb, 0xff, 0xbf]));
    }

    [Theory]
    [InlineData("AQI=")] // padding
    [InlineData("AQJ")] // bits left over
    [InlineData("AQ I")]
    [InlineData("AQI\n")]
    [InlineData("+/+/")] // of the other alphabet
    [InlineData("A")]
    [InlineData("")]
    [InlineData("AQ")] // one byte
    [InlineData("AQIDBA")] // four
    public static void Another_spelling_or_size_is_refused(string text) => Assert.Throws<KmsException>(() => Read(text, 2, 3));

    private static byte[] Read(string text, int least, int most)
    {
        var written = CompactJson.Utf8(json =>
        {
            json.WriteStartObject();
            json.WriteString("a", text);
            json.WriteEndObject();
        });
        return Base64UrlText.Read(new StrictObject(StrictJson.Parse(written, "the object"), "the object"), "a", least, most);
    }
}

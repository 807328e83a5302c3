using System.Text;
using KmsCloud.Errors;
using KmsCloud.Gateway;

namespace KmsCloud.Tests.Gateway;

/// <summary>The gateway's list is cut before anything of it is understood: one bad element is not the others' trouble.</summary>
public static class PendingListTests
{
    [Fact]
    public static void Elements_are_cut_out_as_they_stand()
    {
        var deep = new string('[', 5000) + new string(']', 5000);
        using var list = PendingList.Split(Encoding.UTF8.GetBytes($$"""[ {"id":"a", "id":"b"} , 7,{{deep}} ]"""));
        Assert.Equal(["""{"id":"a", "id":"b"}""", "7", deep], list.Elements.Select(element => Encoding.UTF8.GetString(element.Span)));
        Assert.False(list.IsCut);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1,")]
    [InlineData("[1}")]
    [InlineData("null")]
    public static void What_is_no_array_is_the_gateways_failure(string body) =>
        Assert.Equal(Failure.Gateway, Assert.Throws<KmsException>(() => PendingList.Split(Encoding.UTF8.GetBytes(body))).Failure);

    [Fact]
    public static void More_than_a_cycle_works_on_is_cut_off()
    {
        using var list = PendingList.Split(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("1", PendingList.Most + 1))}]"));
        Assert.Equal((PendingList.Most, true), (list.Elements.Count, list.IsCut));
    }

    [Theory]
    [InlineData("""{"chain":"ETH","id":"0123456789abcdef01234567"}""", "0123456789abcdef01234567")]
    [InlineData("""{"inner":{"id":"0123456789abcdef01234567"}}""", null)]
    [InlineData("""{"id":7}""", null)]
    [InlineData("""["id"]""", null)]
    [InlineData("""{"id":"a\nb"}""", null)]
    [InlineData("""{"id":""", null)]
    public static void An_id_is_found_without_a_document(string element, string? id) => Assert.Equal(id, PendingList.IdOf(Encoding.UTF8.GetBytes(element)));

    [Fact]
    public static void An_element_of_too_many_parts_is_refused_before_it_is_read()
    {
        PendingList.RequireFewParts(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("1", 40_000))}]"));
        var error = Assert.Throws<KmsException>(() => PendingList.RequireFewParts(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("1", 60_000))}]")));
        Assert.Equal(Failure.Refused, error.Failure);
    }
}

using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Tests.Codecs;

/// <summary>An object is read to its last member, each by name and type; a message names the member and shows nothing of its value.</summary>
public static class StrictObjectTests
{
    [Fact]
    public static void Members_are_taken_once_and_null_counts_as_absent()
    {
        var read = Of("""{"a":"text","b":null,"c":true,"d":[1],"e":{"f":7}}""");
        Assert.Equal(["a", "b", "c", "d", "e"], read.Names);
        Assert.True(read.Has("b"));
        Assert.Null(read.OptionalString("b"));
        Assert.False(read.Has("b"));
        Assert.Equal("text", read.String("a"));
        Assert.True(read.OptionalBool("c"));
        Assert.Single(read.Array("d"));
        var inner = read.Object("e");
        Assert.Equal(7, inner.Integer("f", 0, 10));
        inner.Done();
        read.Done();
        Refused("the thing: 'a' is missing", () => read.String("a"));
    }

    [Fact]
    public static void A_member_that_nobody_asked_for_is_refused_by_name_and_a_null_one_is_not()
    {
        Refused("the thing: 'more' is not a member that is known here", () => Of("""{"more":"secret words"}""").Done());
        Of("""{"more":null}""").Done();
        Refused($"the thing: '{new string('x', 40)}…' is not a member that is known here", () => Of($$"""{"{{new string('x', 100)}}":1}""").Done());
    }

    [Theory]
    [InlineData("7", true)]
    [InlineData("-1", false)]
    [InlineData("11", false)]
    [InlineData("7.0", false)]
    [InlineData("7e0", false)]
    [InlineData("\"7\"", false)]
    [InlineData("99999999999999999999999", false)]
    public static void Integers_are_whole_within_bounds_and_numbers(string number, bool isGood)
    {
        var read = Of($$"""{"n":{{number}}}""");
        if (isGood)
        {
            Assert.Equal(7, read.Integer("n", 0, 10));
            return;
        }

        Refused("the thing: 'n' is not a whole number from 0 to 10", () => read.Integer("n", 0, 10));
    }

    [Fact]
    public static void Values_of_another_type_are_refused_without_being_shown()
    {
        Refused("the thing: 'a' is not text", () => Of("""{"a":1234567}""").String("a"));
        Refused("the thing: 'a' is not true or false", () => Of("""{"a":"true"}""").OptionalBool("a"));
        Refused("the thing: 'a' is not an array", () => Of("""{"a":{}}""").Array("a"));
        Refused("the thing.a is not a JSON object", () => Of("""{"a":[]}""").Object("a"));
        Refused("the thing is not a JSON object", () => Of("[]"));
    }

    [Fact]
    public static void Names_longer_than_any_that_is_compared_as_bytes_are_found_too()
    {
        var name = new string('ä', 50);
        Assert.Equal("x", Of($$"""{"{{name}}":"x"}""").String(name));
    }

    private static StrictObject Of(string json) => new(StrictJson.Parse(json, "it"), "the thing");

    private static void Refused(string message, Action read)
    {
        var error = Assert.Throws<KmsException>(read);
        Assert.Equal((Failure.Refused, message), (error.Failure, error.Message));
    }
}

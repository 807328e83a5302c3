using System.Globalization;
using KmsCloud.Signing;

namespace KmsCloud.Tests.Signing;

/// <summary>What ended lately is kept whole, the newest of it.</summary>
public static class RecentEntriesTests
{
    private const int Most = 4096;

    [Fact]
    public static void The_oldest_goes_when_it_is_full()
    {
        var recent = new RecentEntries();
        for (var number = 0; number <= Most; number++)
        {
            recent.Keep(Entry(number));
        }

        Assert.Null(recent.Find("0"));
        Assert.Equal("1", recent.Find("1")!.Id);
        Assert.NotNull(recent.Find(Most.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public static void The_last_form_of_an_entry_is_found_until_it_is_let_go()
    {
        var recent = new RecentEntries();
        recent.Keep(Entry(1));
        recent.Keep(Entry(1) with { State = JournalState.Released });
        Assert.Equal(JournalState.Released, recent.Find("1")!.State);
        recent.Forget("1");
        Assert.Null(recent.Find("1"));
    }

    private static JournalEntry Entry(int number) =>
        new(number.ToString(CultureInfo.InvariantCulture), "ETH", "", JournalState.Accepted, DateTimeOffset.UnixEpoch);
}

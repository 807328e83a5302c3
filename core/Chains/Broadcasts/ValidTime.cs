namespace KmsCloud.Chains;

/// <summary>Dates inside transactions, from outside and so of any size.</summary>
internal static class ValidTime
{
    private const ulong LastSecond = 253_402_300_799; // the end of the year 9999

    /// <summary>Seconds since 1970; null for 0 and for what no calendar holds, which never ends.</summary>
    internal static DateTimeOffset? FromSeconds(ulong seconds) =>
        seconds is 0 or > LastSecond ? null : DateTimeOffset.FromUnixTimeSeconds((long)seconds);

    /// <summary>Milliseconds since 1970.</summary>
    internal static DateTimeOffset? FromMilliseconds(long milliseconds) =>
        milliseconds < 0 ? null : FromSeconds((ulong)milliseconds / 1000);
}

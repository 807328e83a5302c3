namespace KmsCloud.Gateway;

/// <summary>
/// What the gateway says of new versions of its own client, tatum-kms: told once a day, and only when it is newer than
/// what this program follows.
/// </summary>
internal sealed class ClientNews
{
    private const int Followed = 8; // the major version of tatum-kms whose requests and commands are ours
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly Lock guard = new();
    private DateTimeOffset? told;

    /// <summary>The announced version when it is to be told now, or null.</summary>
    /// <param name="header"><c>version;LEVEL;message</c> as the gateway sent it, or null.</param>
    /// <param name="clock">Tells the days.</param>
    internal string? Next(string? header, TimeProvider clock)
    {
        if (header is null || !Version.TryParse(header.Split(';')[0].Trim(), out var version) || version.Major <= Followed)
        {
            return null;
        }

        lock (guard)
        {
            if (told is { } before && clock.GetUtcNow() - before < Day)
            {
                return null;
            }

            told = clock.GetUtcNow();
            return version.ToString();
        }
    }
}

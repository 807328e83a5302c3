namespace KmsCloud.Tests.Support;

/// <summary>A clock that stands where a test put it.</summary>
internal sealed class SetClock : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}

using KmsCloud.Errors;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.State;

/// <summary>One holder at a time; who waits gets it when the other lets go, or hears who to ask.</summary>
public sealed class FileLockTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_second_holder_hears_that_it_is_held_and_how_to_find_by_whom()
    {
        var path = folder.File("lock");
        using var first = FileLock.Take(path, TimeSpan.Zero, "the thing");
        var error = Assert.Throws<KmsException>(() => FileLock.Take(path, TimeSpan.FromMilliseconds(120), "the thing"));
        Assert.Equal((Failure.WalletFile, "the thing is locked by another process", true), (error.Failure, error.Message, error.IsHeldElsewhere));
        Assert.Contains(path, error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_gets_it_when_the_other_lets_go()
    {
        var path = folder.File("lock");
        var first = FileLock.Take(path, TimeSpan.Zero, "the thing");
        var second = Task.Run(() => FileLock.Take(path, TimeSpan.FromMinutes(1), "the thing"), TestContext.Current.CancellationToken);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)); // left behind
    }

    [Fact]
    public void Another_process_is_kept_out_too()
    {
        var path = folder.File("lock");
        using var held = FileLock.Take(path, TimeSpan.Zero, "the thing");
        Assert.Equal(1, Run.Program("/usr/bin/flock", ["--nonblock", path, "true"]).ExitCode);
        held.Dispose();
        Assert.Equal(0, Run.Program("/usr/bin/flock", ["--nonblock", path, "true"]).ExitCode);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_said_to_be_that()
    {
        File.WriteAllText(folder.File("file"), "");
        var error = Assert.Throws<KmsException>(() => FileLock.Take(folder.File("file/lock"), TimeSpan.Zero, "the thing"));
        Assert.StartsWith("the thing cannot be locked: ", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsHeldElsewhere);
    }
}

using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.State;

/// <summary>A file that others may have put there is read up to its bound, or refused.</summary>
public sealed class SmallFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_of_the_largest_size_is_read_and_one_byte_more_is_not()
    {
        File.WriteAllBytes(folder.File("file"), new byte[100]);
        Assert.Equal(100, SmallFile.Read(folder.File("file"), 100)!.Length);
        Assert.Throws<IOException>(() => SmallFile.Read(folder.File("file"), 99));
        Assert.Null(SmallFile.Read(folder.File("none"), 100));
    }

    [Fact]
    public void A_pipe_a_device_and_a_folder_are_no_files()
    {
        Assert.Equal(0, Run.Program("/usr/bin/mkfifo", [folder.File("pipe")]).ExitCode);
        Assert.Throws<IOException>(() => SmallFile.Read(folder.File("pipe"), 100));
        Assert.Throws<IOException>(() => SmallFile.Read("/dev/zero", 100));
        Assert.ThrowsAny<Exception>(() => SmallFile.Read(folder.Root, 100));
    }
}

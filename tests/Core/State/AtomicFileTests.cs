using KmsCloud.Errors;
using KmsCloud.State;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.State;

/// <summary>A file is replaced whole, keeps what was before, and is its owner's alone. Kills and full disks: WalletDurabilityTests.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_file_and_its_folder_are_the_owners_alone_and_the_file_before_is_kept()
    {
        var path = Path.Combine(folder.Root, "below", "file");
        AtomicFile.Replace(path, "one"u8);
        Assert.False(File.Exists(path + ".bak"));
        AtomicFile.Replace(path, "two"u8);
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Equal("one", File.ReadAllText(path + ".bak"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        Assert.Equal(["file", "file.bak"], Directory.GetFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_killed_writer_left_behind_is_not_in_the_way()
    {
        var path = folder.File("file");
        File.WriteAllText(path + ".new", "half of");
        File.WriteAllText(path + ".bak.new", "a leftover");
        AtomicFile.Replace(path, "one"u8);
        AtomicFile.Replace(path, "two"u8);
        Assert.Equal(["file", "file.bak"], Directory.GetFiles(folder.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_cannot_be_written_leaves_the_old_file_and_says_so()
    {
        var path = folder.File("file");
        AtomicFile.Replace(path, "one"u8);
        Directory.CreateDirectory(path + ".new"); // the new file's name is taken by a folder
        var error = Assert.Throws<KmsException>(() => AtomicFile.Replace(path, "two"u8));
        Assert.Equal(Failure.WalletFile, error.Failure);
        Assert.Equal("one", File.ReadAllText(path));
    }

    [Fact]
    public void A_new_file_is_none_that_is_there()
    {
        var path = folder.File("file");
        using (AtomicFile.CreateNew(path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Assert.Throws<IOException>(() => AtomicFile.CreateNew(path));
    }
}

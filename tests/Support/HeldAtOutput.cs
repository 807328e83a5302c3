using System.Diagnostics;

namespace KmsCloud.Tests.Support;

/// <summary>A command that is stopped at its first write to stdout (or stderr): its pipe is full. So its memory can be looked at when its work is done.</summary>
internal sealed class HeldAtOutput : IDisposable
{
    private const int PipeSize = 64 * 1024;
    private readonly FileStream pipe;
    private readonly Process process;
    private readonly Task<string> error;

    internal HeldAtOutput(TempFolder folder, IEnumerable<string> arguments, string? input, IReadOnlyDictionary<string, string?>? environment, bool atError = false)
    {
        var path = folder.File($"stdout-{Guid.NewGuid():N}");
        Assert.Equal(0, Run.Program("mkfifo", [path]).ExitCode);
        pipe = new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 });
        pipe.Write(new byte[PipeSize]);
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" \"$@\" {(atError ? "2" : "")}>\"$KMS_TEST_STDOUT\"", Run.KmsProgram, .. arguments]) { RedirectStandardInput = true, RedirectStandardError = true };
        foreach (var (name, value) in Run.Environment(environment, folder.Root))
        {
            start.Environment[name] = value;
        }

        start.Environment["KMS_TEST_STDOUT"] = path;
        process = Process.Start(start)!;
        error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        AwaitStandstill();
    }

    internal int Id => process.Id;

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        pipe.Dispose();
    }

    /// <summary>A command that writes nothing ends, which is no use here; one that waits uses no more of the processor.</summary>
    private void AwaitStandstill()
    {
        var (last, since) = (TimeSpan.Zero, Stopwatch.StartNew());
        for (var limit = Stopwatch.StartNew(); limit.Elapsed < TimeSpan.FromSeconds(90); Thread.Sleep(50))
        {
            Assert.False(process.HasExited, $"it ended by itself: {(process.HasExited ? error.Result : "")}");
            process.Refresh();
            if (process.TotalProcessorTime - last > TimeSpan.FromMilliseconds(30))
            {
                (last, since) = (process.TotalProcessorTime, Stopwatch.StartNew());
            }
            else if (since.Elapsed > TimeSpan.FromSeconds(0.8) && last > TimeSpan.FromMilliseconds(60))
            {
                return;
            }
        }

        Assert.Fail("it never stood still");
    }
}

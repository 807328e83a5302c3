using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using KmsCloud.Tests.Support;
using Perfolizer.Horology;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>
/// A part of the product under BenchmarkDotNet, in this process. The best iteration of several passes counts: it is what the code costs
/// when nothing disturbs it, and the machines this runs on are shared. A disturbance of some seconds would otherwise hit a row or its bound alone.
/// </summary>
internal sealed class Part : IDisposable
{
    private const int Passes = 3;

    private readonly TempFolder folder = new();
    private readonly List<Summary> passes;

    private Part(Type type, Job job)
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(job.WithToolchain(InProcessNoEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(folder.Root)
            .WithOptions(ConfigOptions.DisableLogFile);
        passes = [.. Enumerable.Range(0, Passes).Select(_ => BenchmarkRunner.Run(type, config))];
    }

    /// <summary>Something that takes microseconds: many calls an iteration, which is short, so that some lie between the pauses of a machine that gets its time in slices.</summary>
    public static Part Small<T>() => new(typeof(T), Job.Default.WithWarmupCount(25).WithIterationCount(40).WithIterationTime(TimeInterval.FromMilliseconds(12)));

    /// <summary>Something that takes milliseconds and cleans up after itself: one call an iteration.</summary>
    public static Part Large<T>() => new(typeof(T), Job.Default.WithWarmupCount(2).WithIterationCount(8).WithInvocationCount(1).WithUnrollFactor(1));

    /// <summary>Time of one call of a method at a parameter.</summary>
    public TimeSpan Time(string method, object? parameter = null) => TimeSpan.FromMicroseconds(Reports(method, parameter).Min(report => report.ResultStatistics!.Min) / 1000);

    /// <summary>Bytes that one call allocates.</summary>
    public double Allocated(string method, object? parameter = null)
    {
        var report = Reports(method, parameter).First();
        return report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? double.NaN;
    }

    public void Dispose() => folder.Dispose();

    private IEnumerable<BenchmarkReport> Reports(string method, object? parameter) => passes.Select(pass => pass.Reports.Single(report =>
        report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method
        && (parameter is null || report.BenchmarkCase.Parameters.Items.Single().Value.Equals(parameter))));
}

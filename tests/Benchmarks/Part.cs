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
/// A part of the product under BenchmarkDotNet, in this process. The best iteration counts: it is what the code costs when nothing
/// disturbs it, and the machines this runs on are shared.
/// </summary>
internal sealed class Part : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Summary summary;

    private Part(Type type, Job job) => summary = BenchmarkRunner.Run(type, ManualConfig.CreateEmpty()
        .AddJob(job.WithToolchain(InProcessNoEmitToolchain.Instance))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddLogger(NullLogger.Instance)
        .WithArtifactsPath(folder.Root)
        .WithOptions(ConfigOptions.DisableLogFile));

    /// <summary>Something that takes microseconds: many calls an iteration.</summary>
    public static Part Small<T>() => new(typeof(T), Job.Default.WithWarmupCount(4).WithIterationCount(12).WithIterationTime(TimeInterval.FromMilliseconds(80)));

    /// <summary>Something that takes milliseconds and cleans up after itself: one call an iteration.</summary>
    public static Part Large<T>() => new(typeof(T), Job.Default.WithWarmupCount(3).WithIterationCount(15).WithInvocationCount(1).WithUnrollFactor(1));

    /// <summary>Time of one call of a method at a parameter.</summary>
    public TimeSpan Time(string method, object? parameter = null) => TimeSpan.FromMicroseconds(Report(method, parameter).ResultStatistics!.Min / 1000);

    /// <summary>Bytes that one call allocates.</summary>
    public double Allocated(string method, object? parameter = null)
    {
        var report = Report(method, parameter);
        return report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? double.NaN;
    }

    public void Dispose() => folder.Dispose();

    private BenchmarkReport Report(string method, object? parameter) => summary.Reports.Single(report =>
        report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method
        && (parameter is null || report.BenchmarkCase.Parameters.Items.Single().Value.Equals(parameter)));
}

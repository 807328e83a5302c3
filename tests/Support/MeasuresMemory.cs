namespace KmsCloud.Tests.Support;

/// <summary>Tests that measure the memory of the test process run when no others do.</summary>
[CollectionDefinition(nameof(MeasuresMemory), DisableParallelization = true)]
public static class MeasuresMemory;

namespace KmsCloud.Tests.Support;

/// <summary>
/// Tests that measure memory or time run when no others do: not in this process, and by the trait not beside another one either, since tests/run
/// keeps them for its end.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
[Trait("measures", "alone")]
public static class MeasuresMemory;

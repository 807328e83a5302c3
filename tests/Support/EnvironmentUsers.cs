namespace KmsCloud.Tests.Support;

/// <summary>Tests that set variables of the test process run one after the other.</summary>
[CollectionDefinition(DisableParallelization = true)]
public static class EnvironmentUsers;

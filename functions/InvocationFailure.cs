namespace KmsCloud.Functions;

/// <summary>A failed invocation as the host is told of it: the status line, no payload, no inner exception.</summary>
/// <param name="status">One line without secrets.</param>
#pragma warning disable CA1032, CA1064 // made by the middleware alone, and caught by the worker, not by code of ours
internal sealed class InvocationFailure(string status) : Exception(status);
#pragma warning restore CA1032, CA1064

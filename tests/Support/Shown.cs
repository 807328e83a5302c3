namespace KmsCloud.Tests.Support;

/// <summary>What a run has to show for itself: seeds, counts and tables, which tests/run prints at its end.</summary>
internal static class Shown
{
    private static readonly Lock Gate = new();

    public static void Line(string subject, string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        if (Environment.GetEnvironmentVariable("KMS_SHOWN") is { Length: > 0 } path)
        {
            lock (Gate)
            {
                File.AppendAllText(path, $"{subject}: {text}\n");
            }
        }
    }
}

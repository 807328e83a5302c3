using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>freezes.jsonl is written without a password, and the daemon seals what it finds there.</summary>
public static class FreezeLinesTests
{
    [Theory, InlineData("released"), InlineData("restore-accepted"), InlineData("broadcast"), InlineData("state-sealed")]
    public static async Task Only_frozen_and_thawed_are_taken_over(string decision)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("freezes.jsonl"), $$"""{"decision":"{{decision}}","operator":"alice","asked":"2026-11-01T00:00:00Z","reason":"settled by the treasury"}""" + "\n");
        var sealedLines = new List<string>();
        await new FreezeHistory(folder.File("")).DrainAsync(write =>
        {
            sealedLines.Add(System.Text.Encoding.UTF8.GetString(KmsCloud.Codecs.CompactJson.Utf8(json =>
            {
                json.WriteStartObject();
                write(json);
                json.WriteEndObject();
            })));
            return Task.CompletedTask;
        });
        Assert.DoesNotContain(sealedLines, line => line.Contains($"\"decision\":\"{decision}\"", StringComparison.Ordinal));
    }
}

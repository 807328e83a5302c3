using System.Text;
using System.Text.Json;
using KmsCloud.Errors;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Signing;

/// <summary>Issue 20: what was asked for is kept where an operator wants it, within a bound, and proved.</summary>
public sealed class RequestLogTests : IDisposable
{
    private const string Pending = """{"id":"1","chain":"BTC","amount":"0.5","nested":{"b":1,"a":[1,2]}}""";
    private readonly TempFolder folder = new();
    private readonly SetClock clock = new() { Now = new(2026, 11, 28, 2, 0, 0, TimeSpan.Zero) };

    private string FileName => folder.File("requests/000001.jsonl");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_kept_reads_as_it_was_asked_for()
    {
        await Keep("a", "b");
        var kept = Read();
        Assert.Equal(["a", "b"], kept.Select(request => request.Id));
        Assert.All(kept, request => Assert.True(request.IsProved));
        Assert.Equal(clock.Now, kept[0].Time);
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(Pending).RootElement, kept[0].Request));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileName));
        await Keep("c"); // after a restart it goes on
        Assert.Equal(["a", "b", "c"], Read().Select(request => request.Id));
    }

    [Theory]
    [InlineData("\"0.5\"", "\"5.0\"")]
    [InlineData("\"id\":\"a\"", "\"id\":\"c\"")]
    [InlineData("\"chain\":\"BTC\",\"digest\"", "\"chain\":\"LTC\",\"digest\"")]
    [InlineData("02:00:00", "03:00:00")]
    public async Task A_changed_line_is_proved_no_more_and_the_others_are(string was, string becomes)
    {
        await Keep("a", "b");
        var lines = await File.ReadAllLinesAsync(FileName, TestContext.Current.CancellationToken);
        lines[0] = lines[0].Replace(was, becomes, StringComparison.Ordinal);
        await File.WriteAllLinesAsync(FileName, lines, TestContext.Current.CancellationToken);
        Assert.Equal([false, true], Read().Select(request => request.IsProved));
        await File.AppendAllTextAsync(FileName, "no line\n{}\n", TestContext.Current.CancellationToken);
        Assert.Equal([false, true, false, false], Read().Select(request => request.IsProved)); // what cannot be read is told, too
    }

    [Fact]
    public async Task Another_key_proves_nothing()
    {
        await Keep("a");
        using var other = SecretBytes.Copy(Encoding.ASCII.GetBytes("another key of thirty-two bytes."));
        Assert.False(RequestLog.Read(folder.Root, other).Single().IsProved);
        Assert.False(RequestLog.Read(folder.Root, null).Single().IsProved);
    }

    [Fact]
    public async Task The_oldest_goes_when_there_is_too_much()
    {
        const long Most = 64 * 1024;
        var ids = Enumerable.Range(0, 1000).Select(number => $"id-{number:d4}").ToArray();
        using (var log = Open(Most))
        {
            foreach (var id in ids)
            {
                await KeepAsync(log, id);
            }
        }

        var size = new DirectoryInfo(folder.File("requests")).EnumerateFiles().Sum(file => file.Length);
        Assert.InRange(size, Most / 2, Most * 5 / 4);
        var kept = Read().Select(request => request.Id).ToList();
        Assert.Equal(ids[^kept.Count..], kept);
        Assert.True(kept.Count < ids.Length);
    }

    [Fact]
    public void A_link_in_the_place_of_the_folder_is_not_followed()
    {
        var elsewhere = Directory.CreateDirectory(folder.File("elsewhere")).FullName;
        Directory.CreateSymbolicLink(folder.File("requests"), elsewhere);
        Assert.Equal(Failure.WalletFile, Assert.Throws<KmsException>(() => Open(1 << 20)).Failure);
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
    }

    [Fact] // the fifth attacker: the folder was looked at once, at the start
    public async Task A_link_that_comes_while_it_is_open_is_not_followed_either()
    {
        var elsewhere = Directory.CreateDirectory(folder.File("elsewhere")).FullName;
        await File.WriteAllTextAsync(Path.Combine(elsewhere, "000001.jsonl"), "theirs", TestContext.Current.CancellationToken);
        using var log = Open(16);
        await KeepAsync(log, "a"); // the first file is full
        Directory.Move(folder.File("requests"), folder.File("aside"));
        Directory.CreateSymbolicLink(folder.File("requests"), elsewhere);
        Assert.Equal(Failure.WalletFile, (await Assert.ThrowsAsync<KmsException>(() => KeepAsync(log, "b"))).Failure);
        Assert.Equal("theirs", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(elsewhere)), TestContext.Current.CancellationToken));
    }

    [Theory] // whoever can write the folder chooses its names
    [InlineData("2147483647.jsonl")]
    [InlineData("7.jsonl")]
    [InlineData("00000x.jsonl")]
    public async Task Names_that_are_none_of_ours_are_left_alone(string name)
    {
        Directory.CreateDirectory(folder.File("requests"));
        await File.WriteAllTextAsync(folder.File("requests/" + name), "theirs\n", TestContext.Current.CancellationToken);
        using (var log = Open(16))
        {
            await KeepAsync(log, "a");
            await KeepAsync(log, "b");
        }

        Assert.Equal(["a", "b"], Read().Select(request => request.Id));
        Assert.Equal("theirs\n", await File.ReadAllTextAsync(folder.File("requests/" + name), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Behind_the_last_name_nothing_is_kept_and_it_is_said()
    {
        Directory.CreateDirectory(folder.File("requests"));
        await File.WriteAllTextAsync(folder.File("requests/999999.jsonl"), "theirs, and long enough\n", TestContext.Current.CancellationToken);
        using var log = Open(16);
        var error = await Assert.ThrowsAsync<KmsException>(() => KeepAsync(log, "a"));
        Assert.Contains("no other has a name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_said()
    {
        File.WriteAllText(folder.File("requests"), "");
        Assert.Equal(Failure.WalletFile, Assert.Throws<KmsException>(() => Open(1 << 20)).Failure);
    }

    [Fact]
    public async Task A_cycle_keeps_what_it_signs_and_nothing_else()
    {
        using var world = new CycleWorld { KeptRequests = 1 << 20 };
        var signed = world.Add("ETH", "token-transfer-nonce-gas-price-missing");
        world.List("ETH", """{"id":"nobodys","chain":"ETH","hashes":["other"],"serializedTransaction":"{}"}""");
        await world.RunAsync();
        await world.RunAsync(); // what is sent again is not kept again
        var kept = RequestLog.Read(world.StateFolder, null).Single();
        Assert.True(JsonElement.DeepEquals(signed.GetProperty("pending"), kept.Request));
        var line = (await File.ReadAllLinesAsync(Path.Combine(world.StateFolder, "audit.jsonl"), TestContext.Current.CancellationToken)).First(text => text.Contains("\"signing\"", StringComparison.Ordinal));
        Assert.Equal(kept.Digest, JsonDocument.Parse(line).RootElement.GetProperty("request").GetString());
    }

    [Fact]
    public async Task Without_the_wish_nothing_is_kept()
    {
        using var world = new CycleWorld();
        world.Add("ETH", "token-transfer-nonce-gas-price-missing");
        await world.RunAsync();
        Assert.False(Directory.Exists(Path.Combine(world.StateFolder, RequestLog.FolderName)));
    }

    private async Task Keep(params string[] ids)
    {
        using var log = Open(1 << 20);
        foreach (var id in ids)
        {
            await KeepAsync(log, id);
        }
    }

    private static Task KeepAsync(RequestLog log, string id)
    {
        var request = JsonDocument.Parse(Pending).RootElement;
        return log.KeepAsync(id, "BTC", new KmsCloud.Approvals.RequestDigest(request).Text, request);
    }

    private RequestLog Open(long most) => RequestLog.Open(folder.Root, Key(), clock, most);

    private List<KeptRequest> Read()
    {
        using var key = Key();
        return [.. RequestLog.Read(folder.Root, key)];
    }

    private static SecretBytes Key() => SecretBytes.Copy(Encoding.ASCII.GetBytes("a key of the tests that MACs it."));
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>How an invocation ended, as the host sees it.</summary>
internal sealed record Invocation(bool IsSuccess, int Status, IReadOnlyList<string> Logs, JsonObject Outputs, JsonNode? ReturnValue, string? Why)
{
    public int Count(string name) => ReturnValue?[name]?.GetValue<int>() ?? 0;

    public string Text => Why ?? string.Join('\n', Logs);
}

/// <summary>
/// What the Functions host does for a custom handler (azure.md section 1): reads host.json and every function.json, starts the
/// executable with its environment and the settings, waits until it answers, posts invocations, judges answers by the host's
/// rules, kills what takes too long and starts what crashed; an exit code 0 it takes for the end.
/// </summary>
internal sealed class FunctionsHost : IDisposable
{
    private readonly string root;
    private readonly Dictionary<string, string?> settings;
    private readonly HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly JsonElement host;
    private Process process = null!;
    private int port;

    public FunctionsHost(string root, IReadOnlyDictionary<string, string?> settings)
    {
        (this.root, this.settings) = (root, new(settings));
        host = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "host.json"))).RootElement.Clone();
        Assert.Equal("2.0", host.GetProperty("version").GetString());
        foreach (var folder in Directory.GetDirectories(root).Where(folder => File.Exists(Path.Combine(folder, "function.json"))))
        {
            Functions[Path.GetFileName(folder)] = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "function.json"))).RootElement.GetProperty("bindings").Clone();
        }

        FunctionTimeout = TimeSpan.Parse(host.GetProperty("functionTimeout").GetString()!, CultureInfo.InvariantCulture);
    }

    public Dictionary<string, JsonElement> Functions { get; } = [];

    public TimeSpan FunctionTimeout { get; set; }

    public ConcurrentQueue<string> Output { get; } = new();

    public ConcurrentQueue<string> Errors { get; } = new();

    public int Starts { get; private set; }

    public Process Worker => process;

    public Uri Url => new($"http://127.0.0.1:{port}/");

    /// <summary>Every invocation so far, oldest first.</summary>
    public ConcurrentQueue<(string Function, Invocation Invocation)> Invocations { get; } = new();

    public string Resolved(string text) => text.StartsWith('%') ? settings[text.Trim('%')] ?? throw new InvalidOperationException(text + " is not set") : text;

    public async Task StartAsync()
    {
        Starts++;
        port = FreePort.Next();
        var handler = host.GetProperty("customHandler");
        var name = handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString()!;
        var program = Path.Combine(root, name);
        Assert.True(File.Exists(program), $"{name} is not in the package, the host would look for it on the PATH");
        var start = new ProcessStartInfo(program) { WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (key, value) in new Dictionary<string, string?>(settings)
        {
            ["FUNCTIONS_CUSTOMHANDLER_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = Guid.NewGuid().ToString(),
            ["FUNCTIONS_HTTPWORKER_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["FUNCTIONS_APP_ROOT_PATH"] = root,
            ["ASPNETCORE_URLS"] = "http://+:80", // the official images export both
            ["ASPNETCORE_CONTENTROOT"] = "/azure-functions-host",
            ["DOTNET_EnableDiagnostics"] = "0",
        })
        {
            if (value is not null)
            {
                start.Environment[key] = value;
            }
        }

        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(Output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(Errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await ReadyAsync(TimeSpan.Parse(handler.GetProperty("initializationTimeout").GetString()!, CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Posts ticks on the schedule of function.json until one of them is the last. As in the host, the next is armed when one has
    /// ended, and ticks under a minute apart are never past due.
    /// </summary>
    public async Task RunScheduleAsync(Func<Invocation, bool> isLast, CancellationToken cancel)
    {
        var (function, timer) = Functions.Select(item => (item.Key, Binding: item.Value.EnumerateArray().First())).Single(item => item.Binding.GetProperty("type").GetString() == "timerTrigger");
        var schedule = Ncrontab.Parse(Resolved(timer.GetProperty("schedule").GetString()!));
        while (true)
        {
            var now = TimeProvider.System.GetUtcNow();
            await Task.Delay(schedule.Next(now) - now, cancel);
            if (isLast(await TickAsync(function)))
            {
                return;
            }
        }
    }

    /// <summary>A tick of the timer.</summary>
    public Task<Invocation> TickAsync(string function = "PollPending", bool pastDue = false) => InvokeAsync(function, new JsonObject
    {
        [Functions[function].EnumerateArray().First().GetProperty("name").GetString()!] = new JsonObject
        {
            ["Schedule"] = new JsonObject { ["AdjustForDST"] = true },
            ["ScheduleStatus"] = null,
            ["IsPastDue"] = pastDue,
        },
    });

    /// <summary>A queue message, encoded twice as the host does.</summary>
    public Task<Invocation> MessageAsync(string function, string message) => InvokeAsync(function, new JsonObject
    {
        [Functions[function].EnumerateArray().First().GetProperty("name").GetString()!] = JsonValue.Create(JsonValue.Create(message).ToJsonString()),
    });

    public Task<Invocation> InvokeAsync(string function, JsonObject data) => PostAsync(function, new JsonObject
    {
        ["Data"] = data,
        ["Metadata"] = new JsonObject { ["sys"] = new JsonObject { ["MethodName"] = function, ["UtcNow"] = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture), ["RandGuid"] = Guid.NewGuid().ToString() } },
    }.ToJsonString());

    public async Task<Invocation> PostAsync(string function, string body)
    {
        var invocation = await PostOnceAsync(function, body);
        Invocations.Enqueue((function, invocation));
        return invocation;
    }

    private async Task<Invocation> PostOnceAsync(string function, string body)
    {
        await RestartCrashedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Url, function)) { Content = new Chunked(Encoding.UTF8.GetBytes(body)) };
        request.Headers.Add("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        request.Headers.Add("X-Azure-Functions-HostVersion", "4.1037.0.0");
        request.Headers.TryAddWithoutValidation("User-Agent", "Azure-Functions-Host/4.1037.0.0");
        using var patience = new CancellationTokenSource(FunctionTimeout);
        try
        {
            using var response = await http.SendAsync(request, patience.Token);
            return Judge((int)response.StatusCode, response.Content.Headers.ContentType, await response.Content.ReadAsStringAsync(patience.Token));
        }
        catch (HttpRequestException error)
        {
            return new(false, 0, [], [], null, error.Message);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return new(false, 0, [], [], null, "timed out, the handler was killed");
        }
    }

    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
        http.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }

    private static Invocation Judge(int status, MediaTypeHeaderValue? type, string body)
    {
        if (status is < 200 or >= 300)
        {
            return new(false, status, [], [], null, $"HTTP {status}: {body}");
        }

        if (type?.MediaType != "application/json" || body.Length == 0 || JsonNode.Parse(body) is not JsonObject json)
        {
            return new(false, status, [], [], null, "the host would wait for ever: no JSON object");
        }

        return json["Logs"] is JsonArray logs && json["Outputs"] is JsonObject outputs
            ? new(true, status, [.. logs.Select(line => line!.GetValue<string>())], outputs, json["ReturnValue"], null)
            : new(false, status, [], [], null, "Logs or Outputs have a wrong type");
    }

    private async Task RestartCrashedAsync()
    {
        if (process.HasExited && process.ExitCode != 0)
        {
            process.Dispose();
            await StartAsync();
        }
    }

    private async Task ReadyAsync(TimeSpan limit)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < limit)
        {
            Assert.False(process.HasExited, "the handler ended: " + string.Join('\n', Output.Concat(Errors)));
            try
            {
                using var response = await http.GetAsync(Url);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(25);
            }
        }

        Assert.Fail("the handler was not ready in time");
    }

    /// <summary>A body without Content-Length, as the host sends it.</summary>
    private sealed class Chunked(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Headers.ContentType ??= new("application/json", "utf-8");
            return stream.WriteAsync(bytes).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

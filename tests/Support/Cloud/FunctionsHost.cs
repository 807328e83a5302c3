using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>
/// What the Functions host does for an isolated worker: takes the package as it is (worker.config.json, extensions.json, host.json),
/// starts the program with the host's arguments and environment, speaks FunctionRpc with it, judges answers by the host's rules,
/// cancels, ends and kills what takes too long, and starts anew what crashed.
/// </summary>
internal sealed class FunctionsHost : IDisposable
{
    private const int MostRestarts = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AfterCancel = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AfterTerminate = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BeforeCancel = TimeSpan.FromSeconds(10);
    private readonly string root;
    private readonly Dictionary<string, string?> settings;
    private readonly FunctionRpcServer server = new();
    private readonly Dictionary<string, JsonObject> loaded = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Running> running = new(StringComparer.Ordinal);
    private FunctionRpcServer.RpcStream stream = null!;
    private Process process = null!;

    public FunctionsHost(string root, IReadOnlyDictionary<string, string?> settings)
    {
        (this.root, this.settings) = (root, new(settings));
        var host = Json("host.json");
        Assert.Equal("2.0", (string?)host["version"]);
        Assert.False(host.ContainsKey("customHandler"), "host.json still names a custom handler");
        foreach (var needed in new[] { "extensions.json", "worker.config.json", ".azurefunctions/function.deps.json" })
        {
            Assert.True(File.Exists(Path.Combine(root, needed)), $"{needed} is not in the package: a host finds no function and says nothing");
        }

        foreach (var function in JsonNode.Parse(File.ReadAllText(Path.Combine(root, "functions.metadata")))!.AsArray())
        {
            Functions[(string)function!["name"]!] = function["bindings"]!.AsArray();
        }

        FunctionTimeout = TimeSpan.Parse((string)host["functionTimeout"]!, CultureInfo.InvariantCulture);
    }

    /// <summary>The functions that the build found, and their bindings.</summary>
    public Dictionary<string, JsonArray> Functions { get; } = [];

    public TimeSpan FunctionTimeout { get; set; }

    /// <summary>How long a crashed worker stays away; ten seconds in the real one.</summary>
    public TimeSpan RestartPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A shell that starts the worker and waits for it, so that its parent can be ended alone.</summary>
    public string? Under { get; init; }

    public ConcurrentQueue<string> Output { get; } = new();

    public ConcurrentQueue<string> Errors { get; } = new();

    public int Starts { get; private set; }

    public Process Worker => process;

    /// <summary>The worker's process id when it runs under a shell.</summary>
    public int WorkerId() => int.Parse(File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Trim(), CultureInfo.InvariantCulture);

    /// <summary>What the worker said it can.</summary>
    public JsonObject Capabilities { get; private set; } = [];

    /// <summary>From the start of the process to the last function loaded.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>Every invocation so far, oldest first.</summary>
    public ConcurrentQueue<(string Function, Invocation Invocation)> Invocations { get; } = new();

    public string Resolved(string text) => text.StartsWith('%') ? settings[text.Trim('%')] ?? throw new InvalidOperationException(text + " is not set") : text;

    public async Task StartAsync()
    {
        Starts++;
        var worker = Guid.NewGuid().ToString();
        var clock = Stopwatch.StartNew();
        var connected = server.Expect(worker);
        process = Launch(worker);
        using var limit = new CancellationTokenSource(Patience);
        var first = await Task.WhenAny(connected, process.WaitForExitAsync(limit.Token));
        Assert.True(first == connected, "the worker ended, or never called: " + string.Join('\n', Output.Concat(Errors)));
        stream = await connected;
        await stream.SendAsync("workerInitRequest", new() { ["hostVersion"] = "4.1037.0.0", ["capabilities"] = new JsonObject { ["MultiStream"] = "10" }, ["workerDirectory"] = root, ["functionAppDirectory"] = root });
        var init = await stream.NextAsync("workerInitResponse", limit.Token);
        Assert.True(IsGood(init), init.ToJsonString());
        Capabilities = init["capabilities"]!.AsObject();
        await stream.SendAsync("functionsMetadataRequest", new() { ["functionAppDirectory"] = root });
        var metadata = await stream.NextAsync("functionMetadataResponse", limit.Token);
        foreach (var function in metadata["functionMetadataResults"]!.AsArray().Select(one => one!.AsObject()))
        {
            await LoadAsync(function, limit.Token);
        }

        Assert.Equal(Functions.Keys.Order(), loaded.Keys.Order());
        ReadyAfter = clock.Elapsed;
        _ = ListenAsync(stream);
    }

    /// <summary>
    /// Ticks on the schedule until one of them is the last. As in the host, the next is counted from the start of the last, begins at
    /// once when that time has passed, and never beside another.
    /// </summary>
    public async Task RunScheduleAsync(Func<Invocation, bool> isLast, CancellationToken cancel)
    {
        var (function, timer) = Functions.SelectMany(item => item.Value, (item, binding) => (item.Key, Binding: binding!)).Single(item => (string?)item.Binding["type"] == "timerTrigger");
        var schedule = Ncrontab.Parse(Resolved((string)timer["schedule"]!));
        var started = TimeProvider.System.GetUtcNow();
        while (true)
        {
            var wait = schedule.Next(started) - TimeProvider.System.GetUtcNow();
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancel);
            started = TimeProvider.System.GetUtcNow();
            if (isLast(await TickAsync(function)))
            {
                return;
            }
        }
    }

    /// <summary>A tick of the timer.</summary>
    public Task<Invocation> TickAsync(string function = "PollPending", bool pastDue = false) => InvokeAsync(
        function,
        new() { ["json"] = $$"""{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":{{(pastDue ? "true" : "false")}}}""" },
        new() { ["TimerTrigger"] = Text(TimeProvider.System.GetUtcNow().ToString("MM/dd/yyyy HH:mm:ss", CultureInfo.InvariantCulture)) });

    /// <summary>A queue message. A member of a JSON object becomes trigger metadata of that name, in the place of the host's own.</summary>
    public Task<Invocation> MessageAsync(string function, string message)
    {
        var metadata = new JsonObject { ["QueueTrigger"] = Text(message), ["DequeueCount"] = new JsonObject { ["json"] = "1" }, ["Id"] = Text(Guid.NewGuid().ToString()), ["PopReceipt"] = Text("receipt") };
        return InvokeAsync(function, Text(message), metadata);
    }

    public async Task<Invocation> InvokeAsync(string function, JsonObject data, JsonObject metadata)
    {
        var invocation = await InvokeOnceAsync(function, data, metadata);
        Invocations.Enqueue((function, invocation));
        return invocation;
    }

    /// <summary>The container is stopped: the worker has SIGTERM too.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>The host has SIGTERM: running invocations have ten seconds, then they are cancelled and the worker has five to end.</summary>
    public async Task<int> ShutDownAsync()
    {
        await Task.WhenAny(Task.WhenAll(running.Values.Select(one => one.Answer.Task)), Task.Delay(BeforeCancel));
        await Task.WhenAll(running.Keys.Select(CancelAsync));
        await TerminateAsync();
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
        server.Dispose();
    }

    private static JsonObject Text(string text) => new() { ["string"] = text };

    private static bool IsGood(JsonObject answer) => (string?)answer["result"]?["status"] == "Success"; // a failure is protobuf's zero, and left out

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }

    private JsonObject Json(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(root, file)))!.AsObject();

    private Process Launch(string worker)
    {
        var description = Json("worker.config.json")["description"]!;
        var program = ((string)description["defaultExecutablePath"]!).Replace("{WorkerRoot}", root + "/", StringComparison.Ordinal);
        var library = Path.Combine(root, (string)description["defaultWorkerPath"]!);
        var (host, port, request) = (server.Url.Host, server.Url.Port.ToString(CultureInfo.InvariantCulture), Guid.NewGuid().ToString());
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                library, "--host", host, "--port", port, "--workerId", worker, "--requestId", request, "--grpcMaxMessageLength", "2147483647",
                "--functions-uri", server.Url.AbsoluteUri, "--functions-worker-id", worker, "--functions-request-id", request, "--functions-grpc-max-message-length", "2147483647",
            },
        };
        if (Under is not null)
        {
            string[] whole = ["-c", "\"$@\"; exit $?", Under, program, .. start.ArgumentList];
            start.FileName = Under;
            start.ArgumentList.Clear();
            Array.ForEach(whole, start.ArgumentList.Add);
        }

        start.Environment.Clear();
        foreach (var (key, value) in new Dictionary<string, string?>(settings)
        {
            ["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated",
            ["FUNCTIONS_APPLICATION_DIRECTORY"] = root,
            ["FUNCTIONS_WORKER_DIRECTORY"] = root,
            ["DOTNET_NOLOGO"] = "true",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "true",
            ["DOTNET_EnableDiagnostics"] = null, // as on a platform that says nothing of it
            ["ASPNETCORE_URLS"] = "http://+:80", // the official images export it
        })
        {
            if (value is not null)
            {
                start.Environment[key] = value;
            }
        }

        var started = Process.Start(start)!;
        started.OutputDataReceived += (_, line) => Keep(Output, line.Data);
        started.ErrorDataReceived += (_, line) => Keep(Errors, line.Data);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;
    }

    private async Task LoadAsync(JsonObject function, CancellationToken cancel)
    {
        var (name, id) = ((string)function["name"]!, (string)function["functionId"]!);
        await stream.SendAsync("functionLoadRequest", new()
        {
            ["functionId"] = id,
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["scriptFile"] = function["scriptFile"]!.DeepClone(),
                ["entryPoint"] = function["entryPoint"]!.DeepClone(),
                ["bindings"] = function["bindings"]!.DeepClone(),
                ["properties"] = new JsonObject { ["FunctionId"] = id },
            },
        });
        var answer = await stream.NextAsync("functionLoadResponse", cancel);
        Assert.True(IsGood(answer), answer.ToJsonString());
        loaded[name] = function;
    }

    private async Task ListenAsync(FunctionRpcServer.RpcStream from)
    {
        await foreach (var message in from.Received.Reader.ReadAllAsync())
        {
            if (message["rpcLog"] is JsonObject line && (string?)line["invocationId"] is { } of && running.TryGetValue(of, out var logging))
            {
                logging.Logs.Enqueue((string?)line["message"] ?? "");
            }

            if (message["invocationResponse"] is JsonObject answer && running.TryGetValue((string)answer["invocationId"]!, out var answered))
            {
                answered.Answer.TrySetResult(answer);
            }
        }

        await process.WaitForExitAsync();
        if (from == stream && process.ExitCode is not (0 or 200)) // with 200 what was running stays unanswered, and 0 is not noticed
        {
            foreach (var one in running.Values)
            {
                one.Answer.TrySetException(new IOException($"the worker ended with {process.ExitCode}"));
            }
        }
    }

    private async Task<Invocation> InvokeOnceAsync(string function, JsonObject data, JsonObject metadata)
    {
        await RestartCrashedAsync();
        var id = Guid.NewGuid().ToString();
        var one = running[id] = new();
        var trigger = loaded[function]["rawBindings"]!.AsArray().Select(binding => JsonNode.Parse((string)binding!)!).Single(binding => (string?)binding["direction"] == "In")["name"]!;
        try
        {
            await stream.SendAsync("invocationRequest", new()
            {
                ["invocationId"] = id,
                ["functionId"] = loaded[function]["functionId"]!.DeepClone(),
                ["inputData"] = new JsonArray(new JsonObject { ["name"] = trigger.DeepClone(), ["data"] = data }),
                ["triggerMetadata"] = metadata,
                ["traceContext"] = new JsonObject(),
            });
            var answer = await AnswerAsync(id, one);
            var result = answer["result"]!;
            return new(IsGood(answer), [.. one.Logs], Returned(answer), (string?)result["exception"]?["message"], await LineAsync(id));
        }
        catch (IOException error)
        {
            return new(false, [.. one.Logs], null, error.Message, null);
        }
        catch (TimeoutException)
        {
            return new(false, [.. one.Logs], null, "timed out, the worker was ended", null);
        }
        finally
        {
            running.TryRemove(id, out _);
        }
    }

    private static JsonNode? Returned(JsonObject answer) => (string?)answer["returnValue"]?["json"] is { } json ? JsonNode.Parse(json) : null;

    private async Task<JsonObject> AnswerAsync(string id, Running one)
    {
        if (await Task.WhenAny(one.Answer.Task, Task.Delay(FunctionTimeout)) == one.Answer.Task)
        {
            return await one.Answer.Task;
        }

        await CancelAsync(id);
        if (await Task.WhenAny(one.Answer.Task, Task.Delay(AfterCancel)) == one.Answer.Task)
        {
            return await one.Answer.Task;
        }

        await TerminateAsync();
        throw new TimeoutException();
    }

    private Task CancelAsync(string id) => stream.SendAsync("invocationCancel", new() { ["invocationId"] = id });

    private async Task TerminateAsync()
    {
        await stream.SendAsync("workerTerminate", new() { ["gracePeriod"] = "5s" });
        using var patience = new CancellationTokenSource(AfterTerminate);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>The line of the invocation on stdout, which takes another way than its answer.</summary>
    private async Task<JsonObject?> LineAsync(string id)
    {
        for (var tries = 0; tries < 250; tries++)
        {
            if (Output.FirstOrDefault(line => line.Contains("\"event\":\"KmsInvocation\"", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal)) is { } found)
            {
                return JsonNode.Parse(found)!.AsObject();
            }

            await Task.Delay(20);
        }

        return null;
    }

    private async Task RestartCrashedAsync()
    {
        if (!process.HasExited || process.ExitCode == 0)
        {
            return;
        }

        Assert.True(process.ExitCode == 200 || Starts <= MostRestarts, "the host gives up on a worker that crashed three times");
        await Task.Delay(process.ExitCode == 200 ? TimeSpan.Zero : RestartPause);
        process.Dispose();
        await StartAsync();
    }

    private sealed class Running
    {
        public TaskCompletionSource<JsonObject> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<string> Logs { get; } = new();
    }
}

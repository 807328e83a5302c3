using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace KmsCloud.Tests.Support;

/// <summary>
/// A real browser without a window, spoken to in its own protocol (Chrome DevTools): Debian's chromium, where it is
/// installed.
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2); // two cores that others use as well
    private readonly TempFolder home;
    private readonly ClientWebSocket socket = new();
    private readonly Process process;
    private int last;

    private Chromium(Process process, TempFolder home)
    {
        this.process = process;
        this.home = home;
    }

    /// <summary>Starts one, or skips the test where there is none.</summary>
    public static async Task<Chromium> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), "NOT CHECKED IN A BROWSER: chromium is not installed; apt-get install chromium");
        var home = new TempFolder();
        var process = Process.Start(new ProcessStartInfo(
            Program, ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["HOME"] = home.Root },
        })!;
        var browser = new Chromium(process, home);
        using var limit = new CancellationTokenSource(Limit);
        await browser.socket.ConnectAsync(await browser.AddressAsync(), limit.Token);
        return browser;
    }

    /// <summary>Opens a page in a tab with a virtual security key of its own.</summary>
    public async Task<Tab> OpenAsync(Uri url, JsonObject? key = null)
    {
        var target = await CallAsync("Target.createTarget", new() { ["url"] = url.AbsoluteUri }, null);
        var attached = await CallAsync("Target.attachToTarget", new() { ["targetId"] = (string)target["targetId"]!, ["flatten"] = true }, null);
        var tab = new Tab(this, (string)attached["sessionId"]!);
        await tab.CallAsync("Emulation.setFocusEmulationEnabled", new() { ["enabled"] = true }); // keys are asked only where somebody looks
        await tab.CallAsync("WebAuthn.enable", []);
        var options = new JsonObject
        {
            ["protocol"] = "ctap2",
            ["ctap2Version"] = "ctap2_1",
            ["transport"] = "usb",
            ["hasResidentKey"] = true,
            ["hasUserVerification"] = true,
            ["isUserVerified"] = true,
            ["automaticPresenceSimulation"] = true,
        };
        foreach (var (name, value) in key ?? [])
        {
            options[name] = value!.DeepClone();
        }

        var added = await tab.CallAsync("WebAuthn.addVirtualAuthenticator", new() { ["options"] = options });
        tab.Authenticator = (string)added["authenticatorId"]!;
        while ((string?)await tab.EvaluateAsync("location.origin + document.readyState") != url.GetLeftPart(UriPartial.Authority) + "complete")
        {
            await Task.Delay(50);
        }

        return tab;
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        home.Dispose();
    }

    private async Task<Uri> AddressAsync()
    {
        const string told = "DevTools listening on ";
        using var limit = new CancellationTokenSource(Limit);
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith(told, StringComparison.Ordinal))
            {
                return new(line[told.Length..]);
            }
        }

        throw new InvalidOperationException("chromium ended before it listened");
    }

    /// <summary>One call at a time: what comes before the answer are events, which nobody here asks for.</summary>
    private async Task<JsonNode> CallAsync(string method, JsonObject parameters, string? session)
    {
        var call = new JsonObject { ["id"] = ++last, ["method"] = method, ["params"] = parameters };
        if (session is not null)
        {
            call["sessionId"] = session;
        }

        using var limit = new CancellationTokenSource(Limit);
        await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, true, limit.Token);
        while (true)
        {
            var answer = JsonNode.Parse(await ReceiveAsync(limit.Token))!;
            if ((int?)answer["id"] == last)
            {
                return answer["error"] is { } error ? throw new InvalidOperationException($"{method}: {error}") : answer["result"]!;
            }
        }
    }

    private async Task<byte[]> ReceiveAsync(CancellationToken cancel)
    {
        var message = new ArrayBufferWriter<byte>();
        while (true)
        {
            var part = await socket.ReceiveAsync(message.GetMemory(16 * 1024), cancel);
            message.Advance(part.Count);
            if (part.EndOfMessage)
            {
                return message.WrittenSpan.ToArray();
            }
        }
    }

    /// <summary>A page.</summary>
    internal sealed class Tab(Chromium browser, string session)
    {
        public string Authenticator { get; set; } = "";

        public Task<JsonNode> CallAsync(string method, JsonObject parameters) => browser.CallAsync(method, parameters, session);

        /// <summary>The value of an expression, or of its promise.</summary>
        /// <exception cref="InvalidOperationException">The page threw; the message is the page's.</exception>
        public async Task<JsonNode?> EvaluateAsync(string expression)
        {
            var answer = await CallAsync("Runtime.evaluate", new()
            {
                ["expression"] = expression,
                ["awaitPromise"] = true,
                ["returnByValue"] = true,
                ["userGesture"] = true,
            });
            return answer["exceptionDetails"] is { } thrown
                ? throw new InvalidOperationException((string?)thrown["exception"]?["description"] ?? thrown.ToJsonString())
                : answer["result"]!["value"]?.DeepClone();
        }
    }
}

using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Cli.Sandbox;

/// <summary>A child process that answers JSON-RPC on loopback, ended with us.</summary>
internal sealed class DevnetRpc : IDisposable
{
    private readonly Process process;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };

    internal DevnetRpc(Process process)
    {
        this.process = process;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>Where it listens.</summary>
    internal Uri Url { get; set; } = null!;

    /// <summary>The Authorization header, where it wants one.</summary>
    internal AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>Whether the process has ended.</summary>
    internal bool HasEnded => process.HasExited;

    /// <summary>One call.</summary>
    /// <param name="method">The RPC method.</param>
    /// <param name="parameters">Its parameters, as JSON without the brackets.</param>
    /// <exception cref="KmsException">The node said no, or is not there.</exception>
    internal JsonElement Call(string method, string parameters = "")
    {
        var answer = StrictJson.Parse(Post($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":[{{parameters}}]}"""), "the node's answer");
        return answer.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object
            ? throw new KmsException(Failure.Gateway, $"the node says: {error.GetProperty("message").GetString()}")
            : answer.GetProperty("result");
    }

    /// <summary>Sends a call as it is.</summary>
    internal string Post(string body)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = Authorization;
            using var response = http.Send(request);
            using var reader = new StreamReader(response.Content.ReadAsStream());
            return reader.ReadToEnd();
        }
        catch (HttpRequestException)
        {
            throw new KmsException(Failure.Gateway, "the node does not answer");
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        End();
        process.WaitForExit();
        process.Dispose();
        http.Dispose();
    }

    private void OnExit(object? sender, EventArgs e) => End();

    private void End()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // it is gone already
        }
    }
}

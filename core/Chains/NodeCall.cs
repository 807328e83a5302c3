using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Keys;

namespace KmsCloud.Chains;

/// <summary>A node that a chain asks beside the gateway.</summary>
/// <param name="Setting">The variable that names another one.</param>
/// <param name="Mainnet">Base URL of the public node on mainnet.</param>
/// <param name="Testnet">The same on testnet.</param>
public sealed record NodeHost(string Setting, string Mainnet, string Testnet)
{
    /// <summary>The public node of a network.</summary>
    public Uri Public(Network network) => new(network is Network.Mainnet ? Mainnet : Testnet);
}

/// <summary>One HTTP call a chain needs. The chain only describes it; the gateway client makes it.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">
/// Path and query below the host's base URL; <c>{apiKey}</c> stands for the key and is masked in every log.
/// </param>
/// <param name="Body">JSON text, or null.</param>
public sealed record NodeCall(string Method, string Path, string? Body = null)
{
    /// <summary>Where the call goes; null for the gateway.</summary>
    public NodeHost? Host { get; init; }

    /// <summary>What is asked, in words for errors: "the nonce", "the gas price".</summary>
    public string What { get; init; } = "an answer";

    /// <summary>Whether the transaction can do without: no answer, or a refusal, is JSON's null then.</summary>
    public bool IsOptional { get; init; }

    /// <summary>How long to wait before the call (polling for a result).</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Most bytes of the answer: a larger one is not read, and is as none.</summary>
    public int LargestAnswer { get; init; } = SmallAnswer;

    /// <summary>Room for a number, a price, a refusal.</summary>
    public const int SmallAnswer = 128 * 1024;

    /// <summary>Room for a transaction, a block, an account with its contracts.</summary>
    public const int LargeAnswer = 2 * 1024 * 1024;

    /// <summary>A GET.</summary>
    public static NodeCall Get(string path, string what) => new("GET", path) { What = what };

    /// <summary>A POST of JSON.</summary>
    public static NodeCall Post(string path, string body, string what) => new("POST", path, body) { What = what };
}

/// <summary>What came back for a call of a <see cref="Submission"/>.</summary>
/// <param name="Status">HTTP status, or 0 when there was no answer: timeout, cut connection, unreachable host.</param>
/// <param name="Body">
/// The body as text, at most <see cref="NodeCall.LargestAnswer"/>; empty when there was none.
/// </param>
public sealed record NodeAnswer(int Status, string Body)
{
    /// <summary>The same call was made before and not clearly answered: it may have been carried out then.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The body as JSON, or null when it is none.</summary>
    public JsonElement? Json => StrictJson.TryParse(Body, out var json) ? json : null;
}

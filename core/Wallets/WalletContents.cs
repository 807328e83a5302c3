using System.Text;
using System.Text.Json;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>The entries of a wallet file by signature id, in the order they were stored. Owns them.</summary>
public sealed class WalletContents : IDisposable
{
    // bytes of a small one: what the table of entries makes room for before it is filled
    private const int UsualEntry = 150;
    private static readonly JsonReaderOptions Strict = new()
    {
        MaxDepth = 8,
        CommentHandling = JsonCommentHandling.Disallow,
    };
    private static readonly JsonWriterOptions Plain = new()
    {
        SkipValidation = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private readonly OrderedDictionary<string, WalletEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Chain, Network Network), List<string>> byChain = [];
    private (string Chain, Network Network, List<string> Ids)? branch; // of the entry that was added last
    private readonly SecretBytes? json; // what it was read from: the entries' secrets are parts of it

    /// <summary>No entries yet.</summary>
    public WalletContents()
    {
    }

    private WalletContents(SecretBytes json) => this.json = json;

    /// <summary>The entries.</summary>
    public IReadOnlyDictionary<string, WalletEntry> Entries => entries;

    /// <summary>The ids of each chain and network, in the order they were stored.</summary>
    internal IReadOnlyDictionary<(string Chain, Network Network), List<string>> IdsByChain => byChain;

    /// <summary>Adds an entry and owns it from now on.</summary>
    /// <exception cref="KmsException">The id is taken.</exception>
    public void Add(string signatureId, WalletEntry entry)
    {
        if (!entries.TryAdd(signatureId, entry))
        {
            throw KmsException.Refused($"signature id '{signatureId}' is already in the wallet file");
        }

        // neighbours are mostly of one chain
        if (branch is not { } last || entry.Network != last.Network || entry.Chain != last.Chain)
        {
            var ids = byChain.GetValueOrDefault((entry.Chain, entry.Network))
                ?? new(byChain.Count == 0 ? entries.Capacity : 0);
            byChain[(entry.Chain, entry.Network)] = ids;
            branch = last = (entry.Chain, entry.Network, ids);
        }

        last.Ids.Add(signatureId);
    }

    /// <summary>Removes an entry and wipes it; false when there is none.</summary>
    public bool Remove(string signatureId)
    {
        if (!entries.Remove(signatureId, out var entry))
        {
            return false;
        }

        byChain[(entry.Chain, entry.Network)].Remove(signatureId);
        entry.Dispose();
        return true;
    }

    /// <summary>The JSON of <c>export</c>: <c>{ID: entry, …}</c>, compact.</summary>
    public SecretBytes ToJson()
    {
        using var buffer = new SecretBuffer();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            WriteTo(json);
        }

        return buffer.Take();
    }

    /// <summary>Writes the JSON of <c>export</c>.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (id, entry) in entries)
        {
            json.WritePropertyName(id);
            entry.WriteTo(json);
        }

        json.WriteEndObject();
    }

    /// <summary>
    /// Reads the JSON of <see cref="ToJson"/> strictly; null when it is not of that form. Takes ownership of it.
    /// </summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="skipped">
    /// Takes entries that are JSON objects but no wallets, by id and reason; null makes one of them a failure.
    /// </param>
    /// <exception cref="KmsException">An id is there twice (<see cref="Failure.WalletFile"/>).</exception>
    public static WalletContents? TryRead(SecretBytes json, ICollection<(string Id, string Reason)>? skipped = null)
    {
        var contents = new WalletContents(json);
        contents.entries.EnsureCapacity(json.Length / UsualEntry);
        try
        {
            var reader = new Utf8JsonReader(json.Span, Strict);
            if (contents.Read(ref reader, json, skipped) && !reader.Read())
            {
                return contents;
            }
        }
        catch (KmsException error) when (error.Failure is Failure.WalletFile)
        {
            contents.Dispose();
            throw; // the password was right, and what is wrong is said
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KmsException)
        {
            // not a wallet file's contents, whatever it is; the caller knows what that means
        }

        contents.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var entry in entries.Values)
        {
            entry.Dispose();
        }

        json?.Dispose();
    }

    private bool Read(ref Utf8JsonReader reader, SecretBytes json, ICollection<(string Id, string Reason)>? skipped)
    {
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        var likelyChain = "";
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var id = Text(ref reader);
            var start = skipped is null ? default : reader;
            reader.Read();
            var fields = new WalletEntryFields(json, likelyChain);
            if ((fields.Read(ref reader) ?? fields.Missing()) is { } reason)
            {
                if (skipped is not null)
                {
                    reader = start;
                    reader.Read();
                    reader.Skip(); // before its secrets are wiped: they are parts of what is read
                }

                fields.Wipe();
                if (skipped is null)
                {
                    return false;
                }

                skipped.Add((id, reason));
                continue;
            }

            var entry = fields.ToEntry();
            likelyChain = entry.Chain;
            if (entries.ContainsKey(id))
            {
                TakeOver(id, entry, skipped);
            }

            Add(id, entry);
        }

        return reader.TokenType is JsonTokenType.EndObject;
    }

    /// <summary>
    /// Of two entries of one id JSON.parse, and so tatum-kms, uses the last: that one is taken, and the other is named.
    /// </summary>
    private void TakeOver(string id, WalletEntry entry, ICollection<(string Id, string Reason)>? skipped)
    {
        if (skipped is null)
        {
            entry.Dispose();
            throw new KmsException(
                Failure.WalletFile,
                $"the wallet file holds signature id '{id}' twice, with two wallets",
                "take it over with: kms migrate FILE (the last one, as tatum-kms does; the other is named), and keep "
                + "the old file");
        }

        skipped.Add(
            (id, "the file holds this id twice: the last entry is taken, as tatum-kms does, and an earlier one is left "
                + "in the old file"));
        Remove(id);
    }

    /// <summary>Ids, addresses and extended public keys are plain ASCII, which needs no decoding.</summary>
    internal static string Text(ref Utf8JsonReader reader) =>
        !reader.ValueIsEscaped && Ascii.IsValid(reader.ValueSpan)
            ? Encoding.Latin1.GetString(reader.ValueSpan)
            : reader.GetString()!;
}

using System.Diagnostics.CodeAnalysis;
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
            if (!TryReadEntry(ref reader, json, likelyChain, out var entry, out var reason))
            {
                if (skipped is null)
                {
                    return false;
                }

                skipped.Add((id, reason));
                reader = start;
                reader.Read();
                reader.Skip();
                continue;
            }

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
    private static string Text(ref Utf8JsonReader reader) =>
        !reader.ValueIsEscaped && Ascii.IsValid(reader.ValueSpan)
            ? Encoding.Latin1.GetString(reader.ValueSpan)
            : reader.GetString()!;

    private static bool TryReadEntry(
        ref Utf8JsonReader reader,
        SecretBytes json,
        string likelyChain,
        [NotNullWhen(true)] out WalletEntry? entry,
        out string reason)
    {
        var fields = new EntryFields(json, likelyChain);
        reason = fields.Read(ref reader) ?? fields.Missing() ?? "";
        entry = reason.Length == 0 ? fields.ToEntry() : null;
        if (entry is null)
        {
            fields.Wipe();
        }

        return entry is not null;
    }

    /// <summary>The members of one entry while they are read.</summary>
    /// <param name="json">The whole, which secrets are parts of.</param>
    /// <param name="likelyChain">
    /// The chain of the entry before: mostly this one's too, and then one string serves both.
    /// </param>
    private struct EntryFields(SecretBytes json, string likelyChain)
    {
        private string? chain;
        private string? xpub;
        private string? address;
        private bool? testnet;
        private SecretBytes? mnemonic;
        private SecretBytes? privateKey;
        private SecretBytes? secret;

        public string? Read(ref Utf8JsonReader reader)
        {
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                return "the entry is not a JSON object";
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var name = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
                if (Member(ref reader, name) is { } problem)
                {
                    return problem;
                }
            }

            return null;
        }

        public readonly string? Missing()
        {
            if (chain is null)
            {
                return "the entry has no chain";
            }

            if (testnet is null)
            {
                return "the entry does not say whether it is for a testnet";
            }

            var isEmpty = mnemonic is null && privateKey is null && secret is null;
            return isEmpty ? "the entry holds no mnemonic, private key or secret" : null;
        }

        private string? Member(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => name switch
        {
            // the most frequent first
            _ when name.SequenceEqual("privateKey"u8) => Hidden(ref reader, ref privateKey, "privateKey"),
            _ when name.SequenceEqual("testnet"u8) => Flag(ref reader),
            _ when name.SequenceEqual("chain"u8) => ChainCode(ref reader),
            _ when name.SequenceEqual("address"u8) => Text(ref reader, ref address, "address"),
            _ when name.SequenceEqual("xpub"u8) => Text(ref reader, ref xpub, "xpub"),
            _ when name.SequenceEqual("mnemonic"u8) => Hidden(ref reader, ref mnemonic, "mnemonic"),
            _ when name.SequenceEqual("secret"u8) => Hidden(ref reader, ref secret, "secret"),
            _ => "the entry has a member that no wallet has",
        };

        public readonly WalletEntry ToEntry() => new()
        {
            Chain = chain!,
            Network = testnet == true ? Network.Testnet : Network.Mainnet,
            Mnemonic = mnemonic,
            Xpub = xpub,
            PrivateKey = privateKey,
            Secret = secret,
            Address = address,
        };

        public readonly void Wipe()
        {
            mnemonic?.Dispose();
            privateKey?.Dispose();
            secret?.Dispose();
        }

        private string? ChainCode(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (chain is not null || reader.TokenType is not JsonTokenType.String)
            {
                return "the entry's 'chain' is not text";
            }

            chain = !reader.ValueIsEscaped && Ascii.Equals(reader.ValueSpan, likelyChain)
                ? likelyChain
                : reader.GetString();
            return null;
        }

        private string? Flag(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (testnet is not null || reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
            {
                return "the entry's 'testnet' is not true or false";
            }

            testnet = reader.GetBoolean();
            return null;
        }

        private static string? Text(ref Utf8JsonReader reader, ref string? field, string name)
        {
            reader.Read();
            if (field is not null || reader.TokenType is not JsonTokenType.String)
            {
                return $"the entry's '{name}' is not text";
            }

            field = WalletContents.Text(ref reader);
            return null;
        }

        private readonly string? Hidden(ref Utf8JsonReader reader, ref SecretBytes? field, string name)
        {
            reader.Read();
            if (field is not null || reader.TokenType is not JsonTokenType.String)
            {
                return $"the entry's '{name}' is not text";
            }

            if (!reader.ValueIsEscaped)
            {
                field = json.Part((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length); // past the quotation mark
                return null;
            }

            using var unescaped = new SecretBytes(reader.ValueSpan.Length);
            field = SecretBytes.Copy(unescaped.Span[..reader.CopyString(unescaped.Span)]);
            return null;
        }
    }
}

using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;
using KmsCloud.Wallets;

namespace KmsCloud.Cli;

/// <summary>
/// A note beside the wallet file, <c>wallet.dat.proved</c>, that a copy of it was opened and held all of its wallets.
/// It is a reminder for <c>kms doctor</c> and no proof to others.
/// </summary>
internal static class ProvedCopy
{
    /// <summary>Compares a copy with the wallet file it is of, and writes the note.</summary>
    /// <exception cref="KmsException">A wallet is not in the copy, or is another one there.</exception>
    internal static void Prove(WalletStore copy, WalletStore original, string originalPath)
    {
        foreach (var wallet in original.Wallets)
        {
            var other = copy.Find(wallet.SignatureId)?.Entry;
            var same = other is not null && (other.Chain, other.Network, other.Xpub, other.Address) == (wallet.Entry.Chain, wallet.Entry.Network, wallet.Entry.Xpub, wallet.Entry.Address)
                && SameKey(wallet.Entry, other);
            if (!same)
            {
                throw new KmsException(
                    Failure.WalletFile,
                    $"the copy does not have wallet '{wallet.SignatureId}' as it is in the wallet file",
                    "make a new copy, and verify it again");
            }
        }

        Write(originalPath + ".proved", original.Generation);
    }

    /// <summary>The generation of the wallet file whose copy was proved last, and when; null for none.</summary>
    internal static (long Generation, string At)? Read(string originalPath)
    {
        if (ReadNote(originalPath + ".proved") is not { } bytes || !StrictJson.TryParse(System.Text.Encoding.UTF8.GetString(bytes), out var parsed)
            || parsed is not { ValueKind: JsonValueKind.Object } json)
        {
            return null;
        }

        return json.TryGetProperty("generation", out var generation) && generation.TryGetInt64(out var number) && json.TryGetProperty("at", out var at)
            ? (number, Printable.Line(at.ToString()))
            : null;
    }

    private static byte[]? ReadNote(string path)
    {
        try
        {
            return new FileNote(path).Read();
        }
        catch (KmsException)
        {
            return null; // what cannot be read reminds of nothing
        }
    }

    private static void Write(string path, long generation)
    {
        try
        {
            File.Delete(path);
            using var note = AtomicFile.CreateNew(path);
            note.Write(CompactJson.Utf8(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("generation", generation);
                json.WriteString("at", Times.Text(TimeProvider.System.GetUtcNow()));
                json.WriteEndObject();
            }));
            AtomicFile.Flush(note);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Terminal.Warn($"'{path}' cannot be written, so kms doctor will not know: {error.Message}");
        }
    }

    private static bool SameKey(Keys.WalletEntry one, Keys.WalletEntry other)
    {
        var (mine, theirs) = (one.Mnemonic ?? one.KeyText, other.Mnemonic ?? other.KeyText);
        return mine is not null && theirs is not null
            && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(mine.Span, theirs.Span);
    }
}

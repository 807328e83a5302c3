using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>What stretching a password costs (libsodium's <c>crypto_pwhash</c>).</summary>
/// <param name="Opslimit">Passes.</param>
/// <param name="Memlimit">Bytes of memory.</param>
public sealed record PasswordCost(ulong Opslimit, ulong Memlimit)
{
    /// <summary>libsodium's MODERATE: three passes over 256 MiB.</summary>
    public static PasswordCost Standard { get; } = new(3, 256 * 1024 * 1024);
}

/// <summary>One way to the data key: wrapped under a password (docs/wallet-format.md).</summary>
/// <param name="Id">A name, unique within the file.</param>
/// <param name="Cost">Argon2id cost.</param>
/// <param name="Salt">16 bytes.</param>
/// <param name="Wrapped">nonce ‖ ciphertext ‖ tag of the 32-byte data key.</param>
internal sealed record WalletSlot(string Id, PasswordCost Cost, byte[] Salt, byte[] Wrapped)
{
    private const int DataKeySize = 32;

    internal static WalletSlot Wrap(
        string id, PasswordCost cost, ReadOnlySpan<byte> password, ReadOnlySpan<byte> dataKey)
    {
        var salt = System.Security.Cryptography.RandomNumberGenerator.GetBytes(Argon2id.SaltSize);
        var slot = new WalletSlot(id, cost, salt, []);
        using var key = Argon2id.DeriveKey(password, salt, cost.Opslimit, cost.Memlimit);
        return slot with { Wrapped = AesGcmBox.Seal(key.Span, dataKey, slot.AssociatedData()) };
    }

    /// <summary>The data key, or null when the password is not this slot's.</summary>
    internal SecretBytes? TryUnwrap(ReadOnlySpan<byte> password)
    {
        using var key = Argon2id.DeriveKey(password, Salt, Cost.Opslimit, Cost.Memlimit);
        return AesGcmBox.Open(key.Span, Wrapped, AssociatedData());
    }

    internal static WalletSlot Read(StrictObject json)
    {
        var id = json.String("id");
        if (json.String("type") != "password" || json.String("kdf") != "argon2id")
        {
            throw WalletHeader.Damaged("a slot is of a type this version does not know");
        }

        var slot = new WalletSlot(
            id,
            new((ulong)json.Integer("opslimit", 1, 1000), (ulong)json.Integer("memlimit", 8192, WalletHeader.LargestMemlimit)),
            WalletHeader.Base64(json.String("salt"), Argon2id.SaltSize),
            WalletHeader.Base64(json.String("wrapped"), AesGcmBox.NonceSize + DataKeySize + AesGcmBox.TagSize));
        json.Done();
        return slot;
    }

    internal void WriteTo(Utf8JsonWriter json, bool wrapped)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("type", "password");
        json.WriteString("kdf", "argon2id");
        json.WriteNumber("opslimit", Cost.Opslimit);
        json.WriteNumber("memlimit", Cost.Memlimit);
        json.WriteString("salt", Convert.ToBase64String(Salt));
        if (wrapped)
        {
            json.WriteString("wrapped", Convert.ToBase64String(Wrapped));
        }

        json.WriteEndObject();
    }

    private byte[] AssociatedData() => CompactJson.Utf8(json => WriteTo(json, wrapped: false));
}

/// <summary>
/// The first line of wallet.dat, version 1. Limits are checked here, before any memory is spent on a password.
/// </summary>
internal sealed record WalletHeader(long Generation, byte[] ContentSalt, IReadOnlyList<WalletSlot> Slots)
{
    internal const int PurposeSize = AesGcmBox.NonceSize + 32 + AesGcmBox.TagSize;
    private const decimal LargestCost = 64m * 1024 * 1024 * 1024; // passes times bytes over all slots: a minute or two

    internal const long LargestMemlimit = 4L * 1024 * 1024 * 1024;
    internal const int ContentSaltSize = 32;
    private const int MostSlots = 16;

    /// <summary>
    /// The secret of keys for other purposes under the data key, which outlives it; null while the data key is the
    /// first one.
    /// </summary>
    internal byte[]? Purpose { get; init; }

    private const int LongestLine = 64 * 1024;

    /// <summary>The header and the length of its line, newline included.</summary>
    internal static (WalletHeader Header, int Length) Read(ReadOnlySpan<byte> file)
    {
        var newline = file[..Math.Min(file.Length, LongestLine)].IndexOf((byte)'\n');
        if (newline < 0)
        {
            throw Damaged("it has no header line");
        }

        try
        {
            var json = new StrictObject(StrictJson.Parse(file[..newline].ToArray(), "the header"), "the header");
            if (json.String("format") != "kmscloud-wallet")
            {
                throw Damaged("its header is of another format");
            }

            if (json.Integer("version", 0, int.MaxValue) != 1)
            {
                throw new KmsException(
                    Failure.WalletFile, "the wallet file was written by a newer version of this program", "use the version that wrote it, or a later one");
            }

            var header = new WalletHeader(json.Integer("generation", 1, long.MaxValue), [], []);
            if (json.String("cipher") != "aes-256-gcm")
            {
                throw Damaged("its cipher is unknown");
            }

            header = header with
            {
                ContentSalt = Base64(json.String("contentSalt"), ContentSaltSize),
                Purpose = json.OptionalString("purpose") is { } purpose ? Base64(purpose, PurposeSize) : null,
                Slots = [.. json.Array("slots").Take(MostSlots + 1).Select(slot => WalletSlot.Read(new(slot, "a slot")))],
            };
            json.Done();
            if (header.Slots.DistinctBy(slot => slot.Id).Count() != header.Slots.Count || header.Slots.Sum(slot => (decimal)slot.Cost.Opslimit * slot.Cost.Memlimit) > LargestCost)
            {
                throw Damaged("two of its slots have one id, or trying them all would take too long");
            }

            return header.Slots.Count is 0 or > MostSlots
                ? throw Damaged($"it has no slot or more than {MostSlots}")
                : file[..(newline + 1)].SequenceEqual(header.ToLine())
                    ? (header, newline + 1)
                    : throw Damaged("its header is not in the form this program writes");
        }
        catch (KmsException error) when (error.Failure is Failure.Refused)
        {
            throw Damaged(error.Message);
        }
    }

    internal byte[] ToLine() => Encoding.UTF8.GetBytes(CompactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("format", "kmscloud-wallet");
        json.WriteNumber("version", 1);
        json.WriteNumber("generation", Generation);
        json.WriteString("cipher", "aes-256-gcm");
        json.WriteString("contentSalt", Convert.ToBase64String(ContentSalt));
        if (Purpose is not null)
        {
            json.WriteString("purpose", Convert.ToBase64String(Purpose));
        }

        json.WriteStartArray("slots");
        foreach (var slot in Slots)
        {
            slot.WriteTo(json, wrapped: true);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }) + "\n");

    internal static byte[] Base64(string text, int size)
    {
        var bytes = new byte[size + 3];
        return Convert.TryFromBase64String(text, bytes, out var written) && written == size
            ? bytes[..size]
            : throw Damaged("a field of its header has the wrong length");
    }

    internal static KmsException Damaged(string why) =>
        new(Failure.WalletFile, $"the wallet file is damaged: {why}", "restore wallet.dat.bak or your backup");
}

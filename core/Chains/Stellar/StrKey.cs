using System.Buffers.Binary;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Chains.Stellar;

/// <summary>
/// StrKey (SEP-23): Base32 of a version byte, a payload and CRC16-XModem. As <see cref="IKeyText"/>: seeds "S…".
/// </summary>
internal sealed class StrKey : IKeyText
{
    private const byte PublicKeyVersion = 6 << 3; // G
    private const byte MuxedVersion = 12 << 3; // M
    private const byte SeedVersion = 18 << 3; // S
    private const byte PreAuthVersion = 19 << 3; // T
    private const byte HashVersion = 23 << 3; // X
    private const int SeedSize = 32;

    /// <summary>The address "G…" of a public key.</summary>
    public static string PublicKey(ReadOnlySpan<byte> publicKey) => Encode(PublicKeyVersion, publicKey);

    /// <summary>The address "M…" of a public key with an id.</summary>
    public static string Muxed(ReadOnlySpan<byte> publicKey, ulong id)
    {
        Span<byte> suffix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(suffix, id);
        return Encode(MuxedVersion, [.. publicKey, .. suffix]);
    }

    /// <summary>"T…" of the hash of a transaction authorised beforehand.</summary>
    public static string PreAuthorised(ReadOnlySpan<byte> hash) => Encode(PreAuthVersion, hash);

    /// <summary>"X…" of the hash of a preimage that signs.</summary>
    public static string HashX(ReadOnlySpan<byte> hash) => Encode(HashVersion, hash);

    /// <inheritdoc/>
    public SoftwareKey Parse(ReadOnlySpan<byte> text, Network network)
    {
        if (text.StartsWith("G"u8))
        {
            throw KmsException.Refused("this is a public address 'G…', not a secret", "the secret starts with 'S'");
        }

        using var data = SecretText.TryDecode(text, Base32.TryDecode);
        return data is { Length: 1 + SeedSize + 2 } && data.Span[0] == SeedVersion
            && BinaryPrimitives.ReadUInt16LittleEndian(data.Span[^2..]) == Checksum(data.Span[..^2])
            ? Ed25519Keys.FromSeed(SecretBytes.Copy(data.Span[1..^2]))
            : throw KmsException.Refused("the secret is no Stellar seed: 56 characters that start with 'S' and end in a checksum", "check for a missing or mistyped character");
    }

    /// <inheritdoc/>
    public SecretBytes Format(SoftwareKey key, Network network)
    {
        using var data = new SecretBytes(1 + SeedSize + 2);
        data.Span[0] = SeedVersion;
        key.Export.Span.CopyTo(data.Span[1..]);
        BinaryPrimitives.WriteUInt16LittleEndian(data.Span[^2..], Checksum(data.Span[..^2]));
        var text = new SecretBytes(56);
        Base32.Encode(data.Span, text.Span);
        return text;
    }

    private static string Encode(byte version, ReadOnlySpan<byte> payload)
    {
        Span<byte> data = stackalloc byte[1 + payload.Length + 2];
        data[0] = version;
        payload.CopyTo(data[1..]);
        BinaryPrimitives.WriteUInt16LittleEndian(data[^2..], Checksum(data[..^2]));
        return Base32.Encode(data);
    }

    // CRC16-XModem: polynomial 0x1021, start 0
    private static ushort Checksum(ReadOnlySpan<byte> data)
    {
        var crc = 0u;
        foreach (var value in data)
        {
            crc ^= (uint)value << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = ((crc << 1) ^ ((crc & 0x8000) == 0 ? 0 : 0x1021u)) & 0xffff;
            }
        }

        return (ushort)crc;
    }
}

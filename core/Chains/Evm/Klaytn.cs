using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using KmsCloud.Chains.Contracts;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Chains.Evm;

/// <summary>
/// Klaytn's own transaction types (Klaytn docs, "Transactions"). ACCOUNT_UPDATE hands the account to other keys and
/// CHAIN_DATA_ANCHORING is for service chains: neither is here, so both are refused.
/// </summary>
internal static class Klaytn
{
    private static readonly byte[] Empty = Rlp.Bytes([]);

    private static readonly FrozenDictionary<string, KlaytnType> Types = new KlaytnType[]
    {
        new("VALUE_TRANSFER", 0x08, tx => [.. Start(tx), EvmFormat.Recipient(tx), Value(tx), From(tx)], HasTo: true, HasData: false),
        new("VALUE_TRANSFER_MEMO", 0x10, tx => [.. Start(tx), EvmFormat.Recipient(tx), Value(tx), From(tx), Data(tx)], HasTo: true, HasData: true)
        {
            Meaning = DataMeaning.Memo,
        },
        new("SMART_CONTRACT_DEPLOY", 0x28, tx => [.. Start(tx), Empty, Value(tx), From(tx), Data(tx), Empty, Empty], HasTo: false, HasData: true),
        new("SMART_CONTRACT_EXECUTION", 0x30, tx => [.. Start(tx), EvmFormat.Recipient(tx), Value(tx), From(tx), Data(tx)], HasTo: true, HasData: true),
        new("CANCEL", 0x38, tx => [.. Start(tx), From(tx)], HasTo: false, HasData: false) { Meaning = DataMeaning.Cancellation },
        new("FEE_DELEGATED_VALUE_TRANSFER", 0x09, tx => [.. Start(tx), EvmFormat.Recipient(tx), Value(tx), From(tx)], HasTo: true, HasData: false)
        {
            Envelope = Envelope.KlaytnFeeDelegated,
        },
    }.ToFrozenDictionary(type => type.Name);

    /// <summary>The transaction of the named type; without a name, or LEGACY, Ethereum's type 0.</summary>
    public static EvmFields Read(
        StrictObject json, EvmFields draft, PriceMembers prices, AddressForm form, ChainOptions options)
    {
        var fields = EthereumDialect.GasPrice(json, draft, prices);
        var name = json.OptionalString("type");
        if (name is null or "LEGACY")
        {
            return EvmRequest.RequireTarget(fields);
        }

        if (!Types.TryGetValue(name, out var type))
        {
            throw json.Bad("type", "is not a type of Klaytn transaction that is signed");
        }

        if (type.HasTo != (fields.To is not null) || (fields.Data.Length > 0 && !type.HasData) || (!type.HasTo && !type.HasData && !fields.Value.IsZero))
        {
            throw KmsException.Refused($"the transaction has members that do not fit its type {name}, or lacks one");
        }

        if (!type.HasTo && type.HasData)
        {
            RequirePlainDeployment(json);
            EvmRequest.RequireTarget(fields);
        }

        return fields with { Format = type.Format };
    }

    /// <summary>The only kind of contract the network takes: without a chosen address, code for the EVM.</summary>
    private static void RequirePlainDeployment(StrictObject json)
    {
        if (json.OptionalBool("humanReadable") is true)
        {
            throw json.Bad("humanReadable", "is set, which no Klaytn network accepts");
        }

        if (json.Optional("codeFormat") is { } code
            && !(code.ValueKind is JsonValueKind.String ? code.GetString() is "EVM" or "0x0" or "0" : code.ValueKind is JsonValueKind.Number && code.GetRawText() == "0"))
        {
            throw json.Bad("codeFormat", "is not EVM");
        }
    }

    private static byte[][] Start(EvmFields tx) =>
        [Rlp.Integer(tx.Nonce!.Value), Rlp.Integer(tx.Price!.Value), Rlp.Integer(tx.Gas!.Value)];

    private static byte[] Value(EvmFields tx) => Rlp.Integer(tx.Value);

    private static byte[] From(EvmFields tx) => Rlp.Bytes(tx.From);

    private static byte[] Data(EvmFields tx) => Rlp.Bytes(tx.Data);

    private sealed record KlaytnType(
        string Name, byte TypeByte, Func<EvmFields, byte[][]> Items, bool HasTo, bool HasData)
    {
        public Envelope Envelope { get; init; } = Envelope.Klaytn;

        public DataMeaning Meaning { get; init; } = DataMeaning.Call;

        public EvmFormat Format => new(Name, TypeByte, Envelope, Items) { Meaning = Meaning };
    }
}

/// <summary>
/// A private key in hex, or a Klaytn wallet key: <c>0x{key}0x00{address}</c>. An account whose key was changed has
/// another address than its key; signing for such an account is refused.
/// </summary>
internal sealed class KlaytnKeyText : IKeyText
{
    private const int KeyDigits = 64;
    private static readonly HexKeyText Plain = new("0x");

    private static ReadOnlySpan<byte> Separator => "0x00"u8;

    /// <inheritdoc/>
    public SoftwareKey Parse(ReadOnlySpan<byte> text, Network network)
    {
        var start = text.StartsWith("0x"u8) ? 2 : 0;
        if (text.Length <= start + KeyDigits || !text[(start + KeyDigits)..].StartsWith(Separator))
        {
            return Plain.Parse(text, network);
        }

        var account = AddressForm.Ethereum.Read(
            Encoding.ASCII.GetString(text[(start + KeyDigits + Separator.Length)..]),
            "the address in the Klaytn wallet key");
        var key = Plain.Parse(text[..(start + KeyDigits)], network);
        if (account.AsSpan().SequenceEqual(AddressForm.Of(key.PublicKey.Bytes)))
        {
            return key;
        }

        key.Dispose();
        throw KmsException.Refused(
            "the Klaytn wallet key belongs to an account whose key was changed",
            "only accounts whose address comes from their key are supported");
    }

    /// <inheritdoc/>
    public SecretBytes Format(SoftwareKey key, Network network) => Plain.Format(key, network);
}

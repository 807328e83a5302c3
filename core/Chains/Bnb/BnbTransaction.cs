using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Bnb;

/// <summary>A transfer on the Beacon Chain; account and sequence number are asked for.</summary>
internal sealed class BnbTransaction : UnsignedTransaction
{
    private const string What = "the BNB transaction";
    private const int FixedFee = 7_500; // jager, when the chain stopped

    private static ReadOnlySpan<byte> TransactionPrefix => [0xf0, 0x62, 0x5d, 0xee]; // amino: StdTx

    private static ReadOnlySpan<byte> SendPrefix => [0x2a, 0x2c, 0x87, 0xfa]; // amino: Send

    // amino: PubKeySecp256k1, and its length
    private static ReadOnlySpan<byte> KeyPrefix => [0xeb, 0x5a, 0xe9, 0x87, 33];

    private readonly PublicKey key;
    private readonly BnbSend send;
    private readonly BnbNetwork network;
    private readonly string code;
    private readonly (ulong Number, ulong Sequence)? account;

    private BnbTransaction(PublicKey key, BnbSend send, BnbNetwork network, string code, TransactionSummary summary, (ulong, ulong)? account = null) =>
        (this.key, this.send, this.network, this.code, Summary, this.account) = (key, send, network, code, summary, account);

    /// <inheritdoc/>
    public override TransactionSummary Summary { get; }

    /// <inheritdoc/>
    public override string? SequenceAccount => $"{code}:{OurAddress}";

    /// <inheritdoc/>
    public override ulong? Sequence => account?.Sequence;

    /// <inheritdoc/>
    public override IReadOnlyList<NodeCall> Missing =>
        account is null ? [NodeCall.Get($"/v3/bnb/account/{OurAddress}", "account and sequence number")] : [];

    /// <summary>What is signed: the sign document, members sorted at every level, without white space.</summary>
    internal string SigningText => CompactJson.Stringify(json =>
    {
        var (number, sequence) = account!.Value;
        json.WriteStartObject();
        json.WriteString("account_number", $"{number}");
        json.WriteString("chain_id", network.ChainId);
        json.WriteNull("data");
        json.WriteString("memo", send.Memo);
        json.WriteStartArray("msgs");
        send.WriteTo(json, network);
        json.WriteEndArray();
        json.WriteString("sequence", $"{sequence}");
        json.WriteString("source", "0");
        json.WriteEndObject();
    });

    private string OurAddress => network.Address(key.Hash);

    public static BnbTransaction Read(PendingTransaction pending, PublicKey key, ChainInfo info, SigningContext context)
    {
        var network = BnbNetwork.Of(context.Network);
        var send = BnbSend.Read(pending.SerializedTransaction, network);
        var ours = key.Hash.ToArray();
        if (!send.Inputs.All(input => input.Address.AsSpan().SequenceEqual(ours)))
        {
            throw KmsException.Refused(
                $"{What} spends from another address than that of the wallet that is to sign it");
        }

        return send.IsBalanced
            ? new(key, send, network, info.Code, Summarise(send, network, info.Code, context.Network))
            : throw KmsException.Refused($"{What} pays out other sums than it takes in, or nothing");
    }

    /// <inheritdoc/>
    public override UnsignedTransaction Complete(NodeAnswers answers)
    {
        var answer = answers.Bodies[0];
        var sequence = Number(answer, "sequence");
        return new BnbTransaction(
            key, send, network, code,
            Summary with { Sequence = $"{Math.Max(sequence, answers.NextSequence ?? 0)}" },
            (Number(answer, "account_number"), Math.Max(sequence, answers.NextSequence ?? 0)));
    }

    /// <inheritdoc/>
    public override byte[] SigningBytes => Encoding.UTF8.GetBytes(SigningText);

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys keys)
    {
        var (number, sequence) = account!.Value;
        var signature = keys.Open(key).SignEcdsa(SHA256.HashData(SigningBytes));
        byte[] signed =
        [
            .. Protobuf.Bytes(1, [.. KeyPrefix, .. key.Bytes]), .. Protobuf.Bytes(2, signature), .. Optional(3, number), .. Optional(4, sequence),
        ];
        byte[] transaction =
        [
            .. TransactionPrefix, .. Protobuf.Bytes(1, [.. SendPrefix, .. send.Encode()]), .. Protobuf.Bytes(2, signed),
            .. send.Memo.Length > 0 ? Protobuf.Bytes(3, Encoding.UTF8.GetBytes(send.Memo)) : [],
        ];
        byte[] data = [.. Protobuf.VarInt((ulong)transaction.Length), .. transaction];
        return new(Hex.Lower(data), Convert.ToHexString(SHA256.HashData(data))) { SequenceAccount = SequenceAccount, Sequence = sequence };
    }

    private static byte[] Optional(int field, ulong value) => value > 0 ? Protobuf.Number(field, value) : [];

    private static ulong Number(JsonElement answer, string name) =>
        answer.ValueKind is JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetUInt64(out var number)
        && number <= long.MaxValue
            ? number
            : throw new KmsException(Failure.Gateway, $"the gateway gave no {name} for {What}");

    private static TransactionSummary Summarise(BnbSend send, BnbNetwork network, string code, Network which)
    {
        var ours = network.Address(send.Inputs[0].Address);
        return new()
        {
            Chain = code,
            Network = which,
            Kind = send.Outputs.All(output => output.Coins.All(coin => coin.Denom == "BNB")) ? "transfer" : "token transfer",
            From = [ours],
            Transfers = [.. send.Outputs.SelectMany(output => output.Coins.Select(coin =>
                new Transfer(network.Address(output.Address), new(coin.Amount, 8, coin.Denom)) { IsChange = network.Address(output.Address) == ours, Tag = send.Memo.Length > 0 ? $"memo={send.Memo}" : null }))],
            FeeOnTop = new(FixedFee, 8, "BNB"),
            Memo = send.Memo.Length > 0 ? Printable.Text(Encoding.UTF8.GetBytes(send.Memo)) : null,
            Warnings = ["the Beacon Chain was shut down in 2024: nothing can be sent on it any more"],
            Details = new Dictionary<string, string> { ["chain id"] = network.ChainId, ["fee"] = "fixed by the chain, 0.000075 BNB when it stopped" },
        };
    }
}

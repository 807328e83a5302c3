using System.Security.Cryptography;
using System.Text;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Flow;

/// <summary>
/// A Flow transaction that our account authorises and the gateway's accounts propose and pay. We sign the payload; the
/// gateway's signatures are fetched when it is handed over.
/// </summary>
internal sealed class FlowTransaction : UnsignedTransaction
{
    private readonly PublicKey key;
    private readonly FlowRequest request;
    private readonly (FlowKey Payer, FlowKey Proposer, string Block, ulong Height)? roles;
    private readonly FlowPayload? payload;

    private FlowTransaction(
        PublicKey key, FlowRequest request, TransactionSummary summary, (FlowKey, FlowKey, string, ulong)? roles = null, FlowPayload? payload = null) =>
        (this.key, this.request, Summary, this.roles, this.payload) = (key, request, summary, roles, payload);

    /// <inheritdoc/>
    public override TransactionSummary Summary { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<NodeCall> Missing => (roles, payload) switch
    {
        (null, _) => [FlowCalls.PayerKey, FlowCalls.ProposerKey, FlowCalls.FinalBlock],
        ({ } known, null) => [FlowCalls.Account(known.Proposer.Address)],
        _ => [],
    };

    /// <summary>The payload once it is complete.</summary>
    internal FlowPayload Payload => payload!;

    public static FlowTransaction Read(
        PendingTransaction pending, PublicKey key, ChainInfo info, SigningContext context)
    {
        var request = FlowRequest.Read(pending.SerializedTransaction, context.Network);
        return new(key, request, Summarise(request, info.Code, context.Network));
    }

    /// <inheritdoc/>
    public override UnsignedTransaction Complete(NodeAnswers answers)
    {
        var bodies = answers.Bodies;
        if (roles is not { } known)
        {
            var (payer, proposer) = (FlowCalls.Key(bodies[0], "payer"), FlowCalls.Key(bodies[1], "proposal"));
            var (block, height) = FlowCalls.Block(bodies[2])
                ?? throw new KmsException(Failure.Gateway, "Flow's access node gave no reference block");
            return payer.Address == Authorizer.Address || proposer.Address == Authorizer.Address
                ? throw KmsException.Refused("the gateway names our own account as proposer or payer of the Flow transaction")
                : new FlowTransaction(key, request, Summary, (payer, proposer, block, height));
        }

        var sequence = FlowCalls.SequenceNumber(bodies[0], known.Proposer.KeyId)
            ?? throw new KmsException(Failure.Gateway, "Flow's access node gave no sequence number of the proposer's key");
        return new FlowTransaction(key, request, Summary, roles, new FlowPayload
        {
            Script = request.Script,
            Arguments = request.Arguments,
            ReferenceBlock = known.Block,
            ReferenceHeight = known.Height,
            Proposer = known.Proposer,
            SequenceNumber = sequence,
            Payer = known.Payer,
            Authorizer = Authorizer,
        });
    }

    /// <inheritdoc/>
    public override byte[] SigningBytes => Payload.Message();

    /// <inheritdoc/>
    public override SignedTransaction Sign(ISigningKeys keys) =>
        new(new FlowSigned(Payload, keys.Open(key).SignEcdsa(Keccak256.Sha3(SigningBytes))).Write(), null) { IsDated = true, ValidFor = ReferenceLife };

    // 600 blocks of about a second, and twice that when the network is slow
    private static readonly TimeSpan ReferenceLife = TimeSpan.FromMinutes(20);

    private FlowKey Authorizer => new(request.Account[2..].ToLowerInvariant(), 0);

    private static TransactionSummary Summarise(FlowRequest request, string code, Network network)
    {
        var isTransfer = request.Transfer is not null;
        var hash = Hex.Lower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Script)));
        var details = new Dictionary<string, string> { ["script SHA-256"] = hash, ["fee"] = "paid by the gateway" };
        if (!isTransfer)
        {
            details["script"] = string.Join('\n', request.Script.Split('\n').Select(line => Shown(line.Replace("\t", "    ", StringComparison.Ordinal).TrimEnd('\r'))));
            for (var i = 0; i < request.Arguments.Count; i++)
            {
                details[$"argument {i + 1}"] = Shown(request.Arguments[i]);
            }
        }

        return new()
        {
            Chain = code,
            Network = network,
            Kind = isTransfer ? "transfer" : "script",
            From = [request.Account.ToLowerInvariant()],
            Transfers = isTransfer ? [request.Transfer!] : [],
            Method = isTransfer ? null : hash,
            Understood = isTransfer,
            Warnings = isTransfer
                ? request.Transfer!.Amount.Asset == "FUSD" ? ["whether FUSD still moves on Flow since Cadence 1.0 is not known"] : []
                : ["runs a script, which can do anything with the account"],
            Details = details,
        };
    }

    private static string Shown(string text) => Printable.Text(Encoding.UTF8.GetBytes(text));
}

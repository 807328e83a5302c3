namespace KmsCloud.Chains.Flow;

/// <summary>
/// What an access node of the operator's own must show before a transaction counts as expired: 600 blocks and more
/// sealed since its reference block, which the node has, and its proposer's sequence number still unused. Then it is in
/// no block under any id: the gateway, whose signatures are part of the id, is not asked which one it is.
/// </summary>
internal static class FlowPast
{
    private const ulong Lifetime = 600 + 200; // blocks; the margin is FlowSubmission's

    internal static SecondProof Proof(SignedDates dates)
    {
        var payload = FlowSigned.Read(dates.Data).Payload;
        return new(
            NodeCall.Get($"/v1/blocks/{payload.ReferenceBlock}", "the reference block"),
            answer => Block(answer) is { } block && block.Id == payload.ReferenceBlock ? IsSealed(payload, block.Height) : null);
    }

    private static SecondProof IsSealed(FlowPayload payload, ulong reference) => new(
        NodeCall.Get("/v1/blocks?height=sealed", "the newest sealed block"),
        answer => Block(answer) is { } block && block.Height > reference + Lifetime ? IsUnused(payload) : null);

    private static SecondProof IsUnused(FlowPayload payload) => new(
        NodeCall.Get(FlowCalls.Account(payload.Proposer.Address, "sealed").Path, "the proposer's sequence number"),
        answer => answer.IsSuccess && FlowCalls.SequenceNumber(answer.Json, payload.Proposer.KeyId) == payload.SequenceNumber ? SecondProof.Given : null);

    private static (string Id, ulong Height)? Block(NodeAnswer answer) =>
        answer.IsSuccess ? FlowCalls.Block(answer.Json) : null;
}

namespace KmsCloud.Chains.Xrp;

/// <summary>
/// Engine results of rippled (TER.h; xrpl.org, transaction results): only <c>tem</c> is for good; <c>tes</c>,
/// <c>tec</c>, <c>ter</c> are provisional, <c>tef</c> and <c>tel</c> as the ledger says.
/// </summary>
internal static class XrpRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Permanent =
        [
            "temarray_*", "tembad*", "temcannot_preauth_self", "temdisabled", "temdst_*", "temempty_did", "teminvalid*", "teminvalid_*", "temmalformed",
            "temredundant", "temripple_empty", "temseq_*", "temuncertain", "temunknown", "temxchain_*", "invalidTransaction", "fails local checks", "badSignature",
        ],
        Passing =
        [
            "tel*", "tooBusy", "noNetwork", "noCurrent", "highFee",
        ],
        Known =
        [
            "tes*", "tec*", "ter*", "tef*",
        ],
        LookRoute = "/v3/xrp/transaction/",
    };
}

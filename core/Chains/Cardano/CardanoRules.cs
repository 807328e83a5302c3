namespace KmsCloud.Chains.Cardano;

/// <summary>Ledger predicate failures of cardano-ledger (Shelley to Conway) as cardano-submit-api writes them.</summary>
internal static class CardanoRules
{
    /// <summary>The rules.</summary>
    internal static BroadcastRules All { get; } = new()
    {
        Permanent =
        [
            "FeeTooSmallUTxO", "OutputTooSmallUTxO", "BabbageOutputTooSmallUTxO", "OutputBootAddrAttrsTooBig",
            "InvalidWitnessesUTXOW", "MissingVKeyWitnessesUTXOW", "WrongNetwork", "WrongNetworkInTxBody",
            "WrongNetworkWithdrawal", "MaxTxSizeUTxO", "InputSetEmptyUTxO", "OutputTooBigUTxO",
            "ConflictingMetadataHash", "MissingTxBodyMetadataHash", "DecoderError*", "DecoderFailure*",
        ],
        Completable = ["InvalidWitnessesUTXOW", "MissingVKeyWitnessesUTXOW"],
        Passing =
        [
            "mempool is full", "MempoolTxTooSlow", "mempool full", "node is not synced", "connection refused",
        ],
        Known =
        [
            "BadInputsUTxO", "all inputs are spent", "already been included", "ValueNotConservedUTxO",
            "OutsideValidityIntervalUTxO", "ConwayMempoolFailure",
        ],
        LookRoute = "/v3/ada/transaction/",
    };
}

using System.CommandLine;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Cli.Commands;

/// <summary>Arguments that several commands share.</summary>
internal static class Arguments
{
    internal static Argument<string> Chain() => new("chain")
    {
        Description = "Chain code in any letter case, one of " + string.Join(' ', ChainCatalog.All.Keys.Order(StringComparer.Ordinal)),
        HelpName = "CHAIN",
    };

    internal static Argument<string> SignatureId() =>
        new("signatureId") { Description = "Signature id of a stored wallet", HelpName = "ID" };

    internal static Argument<long?> Index() => new("index")
    {
        Description = "Derivation index 0..2147483647: required for mnemonic wallets, refused for others",
        HelpName = "INDEX",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The key a command names by wallet and index.</summary>
    /// <exception cref="KmsException">
    /// The index is missing, out of range, or given for a wallet that has none.
    /// </exception>
    internal static PublicKey Key(Wallet wallet, long? index, int variant = 0)
    {
        if (!wallet.IsMnemonic)
        {
            return index is null
                ? wallet.Key()
                : throw new KmsException(Failure.Usage, $"wallet '{wallet.SignatureId}' holds one key and takes no index", "leave INDEX out");
        }

        return index switch
        {
            null => throw new KmsException(Failure.Usage, $"wallet '{wallet.SignatureId}' is mnemonic-based and needs an index", "add INDEX, for example 0"),
            < 0 or > IWalletKeys.LargestIndex => throw new KmsException(Failure.Usage, $"the index is not in 0..{IWalletKeys.LargestIndex}"),
            _ => wallet.Key((uint)index, variant),
        };
    }
}

using System.Numerics;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;
using KmsCloud.Readers;

namespace KmsCloud.Cli.Sandbox;

/// <summary>
/// Signed transactions of the Ethereum family: types 0, 1 and 2 read by Nethereum (<see cref="EvmReading"/>), CELO's and Klaytn's own by
/// <see cref="EvmEnvelope"/>.
/// </summary>
internal static class EthereumReader
{
    private static readonly Dictionary<string, string> Coins = new() { ["BSC"] = "BNB", ["MATIC"] = "POL", ["KLAY"] = "KAIA" }; // of which the code is not the coin

    internal static Reading Read(string txData, SandboxScenario scenario)
    {
        var bytes = Hex.Read0x(txData, "the transaction");
        if (EvmEnvelope.Reads(bytes))
        {
            return Read(EvmEnvelope.Read(bytes), Hex.Lower0x(Keccak256.Hash(bytes)), scenario.Chain);
        }

        var read = EvmReading.Read(txData);
        return new(read.TransactionId, Pays(read.To, read.Value, read.Data.Span, scenario.Chain), [read.Signer.PublicKey]);
    }

    private static Reading Read(EvmEnvelope envelope, string id, string chain)
    {
        var fields = envelope.Fields;
        if (chain == "CELO")
        {
            var paid = Pays(Address(fields[5]), RlpTree.Number(fields[6]), (byte[])fields[7], chain);
            return new(id, $"{paid}, the fee in token {Address(fields[9])}", [envelope.Signer.PublicKey]);
        }

        IndependentReader.Require(Address(fields[5]) == envelope.Signer.Address, "the sender is not who signed");
        var pays = Pays(Address(fields[3]), RlpTree.Number(fields[4]), fields.Count > 6 ? (byte[])fields[6] : [], chain);
        return new(id, pays, [envelope.Signer.PublicKey]);
    }

    /// <summary>What a call pays, by the one selector that matters here: transfer(address,uint256).</summary>
    internal static string Pays(string? to, BigInteger value, ReadOnlySpan<byte> data, string coin)
    {
        if (to is null)
        {
            return $"a new contract of {Counted.Of(data.Length, "byte")}";
        }

        return data is [0xa9, 0x05, 0x9c, 0xbb, ..] && data.Length == 68
            ? $"{Counted.Of(new BigInteger(data[36..], isUnsigned: true, isBigEndian: true), "unit")} of token {to} to {Hex.Lower0x(data.Slice(16, 20))}"
            : $"{new Amount(value, 18, Coins.GetValueOrDefault(coin, coin))} to {to}" + (data.Length > 0 ? $" with {Counted.Of(data.Length, "byte")} of data" : "");
    }

    /// <summary>An address, or null where the item is empty: a contract is made.</summary>
    internal static string? Address(object item) => item is byte[] { Length: > 0 } bytes ? Hex.Lower0x(bytes) : null;
}

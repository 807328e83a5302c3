using System.Numerics;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Cardano;

/// <summary>
/// A transaction body as the ledger reads it (Cardano CDDL), out of the bytes that are hashed. Payments only: whatever
/// else a body can hold is refused.
/// </summary>
internal sealed class CardanoBody
{
    private const string What = "the Cardano transaction's body";
    private const ulong SetTag = 258;
    private const int FeeBase = 155_381; // lovelace: txFeeFixed
    private const int FeePerByte = 44; // txFeePerByte
    private const int LovelacePerByte = 4310; // utxoCostPerByte
    private const int OutputOverhead = 160; // bytes of an entry of the ledger's set beside the output (CIP-55)
    private const int LargestTransaction = 16_384; // maxTxSize
    private const int Envelope = 6; // around body and witnesses, with up to 23 of them
    private const int Witness = 101; // a key and its signature

    public CardanoBody(byte[] bytes)
    {
        Bytes = bytes;
        if (bytes.Length > LargestTransaction)
        {
            throw KmsException.Refused(
                $"{What} has {bytes.Length} bytes, and no transaction has more than {LargestTransaction}");
        }

        var cbor = new CborReader(bytes, What);
        var seen = new HashSet<ulong>();
        for (var count = cbor.Map(); cbor.Next(ref count);)
        {
            var key = cbor.UInt();
            if (!seen.Add(key))
            {
                throw cbor.Malformed("holds a member twice");
            }

            switch (key)
            {
                case 0:
                    Inputs = ReadInputs(ref cbor);
                    break;
                case 1:
                    Outputs = ReadOutputs(ref cbor);
                    break;
                case 2:
                    Fee = cbor.UInt();
                    break;
                case 3:
                    Expires = cbor.UInt();
                    break;
                case 8:
                    ValidFrom = cbor.UInt();
                    break;
                case 15:
                    NetworkId = cbor.UInt();
                    break;
                default:
                    throw cbor.Malformed($"does more than pay: it holds member {key}");
            }
        }

        cbor.Done();
        if (!seen.IsSupersetOf([0, 1, 2]))
        {
            throw cbor.Malformed("lacks inputs, outputs or fee");
        }
    }

    /// <summary>The bytes, never encoded again.</summary>
    public byte[] Bytes { get; }

    public IReadOnlyList<CardanoCoin> Inputs { get; } = [];

    public IReadOnlyList<CardanoOutput> Outputs { get; } = [];

    public BigInteger Fee { get; }

    /// <summary>The last slot it can be included in; null for ever.</summary>
    public ulong? Expires { get; }

    public ulong? ValidFrom { get; }

    public ulong? NetworkId { get; }

    /// <summary>Refuses the body unless it does exactly what the operations say.</summary>
    public void MustBe(CardanoOperations operations, Network network)
    {
        var sameInputs = Inputs.Count == operations.Inputs.Count
            && Inputs.ToHashSet().SetEquals(operations.Inputs.Select(input => input.Coin));
        var sameOutputs = Outputs.Count == operations.Outputs.Count && Outputs.Zip(operations.Outputs).All(pair =>
            pair.First.Address.AsSpan().SequenceEqual(pair.Second.Content.Address) && pair.First.Value.Is(pair.Second.Content.Value));
        if (!sameInputs || !sameOutputs || Fee != operations.Fee || (NetworkId is { } id && id != CardanoAddress.NetworkId(network)))
        {
            throw KmsException.Refused("the transaction that the gateway built differs from the operations it asked for: "
                + (!sameInputs ? "it spends other inputs" : !sameOutputs ? "it pays others or other amounts" : Fee != operations.Fee ? "its fee is another" : "it is for another network"));
        }
    }

    /// <summary>
    /// What a reviewer should know of outputs below the least of the network's parameters (epoch 600): nodes refuse
    /// them.
    /// </summary>
    public IEnumerable<string> SmallOutputs() => Outputs.Index().Where(output => output.Item.Value.Lovelace < Least(output.Item))
        .Select(output => $"output {output.Index} holds {output.Item.Value.Lovelace} lovelace, and one of {output.Item.Size} bytes needs {Least(output.Item)} at least");

    private static BigInteger Least(CardanoOutput output) => (OutputOverhead + output.Size) * LovelacePerByte;

    /// <summary>Refuses a fee below the least of the network's parameters (epoch 600), which no node takes.</summary>
    /// <param name="signers">How many keys sign.</param>
    public void RequireLeast(int signers)
    {
        var size = Bytes.Length + Envelope + (signers * Witness);
        var fee = FeeBase + (FeePerByte * size);
        if (Fee < fee)
        {
            throw KmsException.Refused($"the fee of {Fee} lovelace is below the {fee} that a transaction of {size} bytes costs at least ({FeeBase} and {FeePerByte} for each byte)");
        }
    }

    private static List<CardanoCoin> ReadInputs(ref CborReader cbor)
    {
        if (cbor.Type is CborType.Tag && cbor.Tag() != SetTag)
        {
            throw cbor.Malformed("holds inputs of an unknown form");
        }

        var (inputs, seen) = (new List<CardanoCoin>(), new HashSet<CardanoCoin>());
        for (var count = cbor.Array(); cbor.Next(ref count);)
        {
            var parts = cbor.Array();
            MustFollow(ref cbor, ref parts);
            var id = cbor.Bytes();
            MustFollow(ref cbor, ref parts);
            var coin = new CardanoCoin(Hex.Lower(id), cbor.UInt());
            if (cbor.Next(ref parts) || id.Length != 32 || !seen.Add(coin))
            {
                throw cbor.Malformed("holds an input of a wrong form, or one twice");
            }

            inputs.Add(coin);
        }

        return inputs;
    }

    private static List<CardanoOutput> ReadOutputs(ref CborReader cbor)
    {
        var outputs = new List<CardanoOutput>();
        for (var count = cbor.Array(); cbor.Next(ref count);)
        {
            var bytes = cbor.Raw();
            var one = new CborReader(bytes, What);
            outputs.Add((one.Type is CborType.Map ? ReadMapOutput(ref one) : ReadArrayOutput(ref one)) with { Size = bytes.Length });
        }

        return outputs;
    }

    // [address, value]: a third element would be a datum
    private static CardanoOutput ReadArrayOutput(ref CborReader cbor)
    {
        var parts = cbor.Array();
        MustFollow(ref cbor, ref parts);
        var address = cbor.Bytes();
        MustFollow(ref cbor, ref parts);
        var value = ReadValue(ref cbor);
        return cbor.Next(ref parts) ? throw cbor.Malformed("holds an output with a datum") : new(address, value);
    }

    // {0: address, 1: value}: 2 would be a datum, 3 a script
    private static CardanoOutput ReadMapOutput(ref CborReader cbor)
    {
        byte[]? address = null;
        CardanoValue? value = null;
        for (var count = cbor.Map(); cbor.Next(ref count);)
        {
            switch (cbor.UInt())
            {
                case 0 when address is null:
                    address = cbor.Bytes();
                    break;
                case 1 when value is null:
                    value = ReadValue(ref cbor);
                    break;
                default:
                    throw cbor.Malformed("holds an output with a datum or script, or a member twice");
            }
        }

        return address is not null && value is not null
            ? new(address, value)
            : throw cbor.Malformed("holds an output without address or value");
    }

    // lovelace, or [lovelace, {policy: {name: units}}]
    private static CardanoValue ReadValue(ref CborReader cbor)
    {
        if (cbor.Type is CborType.UInt)
        {
            return CardanoValue.Zero with { Lovelace = cbor.UInt() };
        }

        var parts = cbor.Array();
        MustFollow(ref cbor, ref parts);
        var lovelace = cbor.UInt();
        MustFollow(ref cbor, ref parts);
        var tokens = new Dictionary<string, BigInteger>();
        for (var policies = cbor.Map(); cbor.Next(ref policies);)
        {
            var policy = Hex.Lower(cbor.Bytes());
            for (var names = cbor.Map(); cbor.Next(ref names);)
            {
                if (!tokens.TryAdd($"{policy}.{Hex.Lower(cbor.Bytes())}", cbor.UInt()))
                {
                    throw cbor.Malformed("holds a token twice in one output");
                }
            }
        }

        return cbor.Next(ref parts) ? throw cbor.Malformed("holds a value of an unknown form") : new(lovelace, tokens);
    }

    private static void MustFollow(ref CborReader cbor, ref int parts)
    {
        if (!cbor.Next(ref parts))
        {
            throw cbor.Malformed("is shorter than it says");
        }
    }
}

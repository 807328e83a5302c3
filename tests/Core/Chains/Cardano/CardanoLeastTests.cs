using KmsCloud.Chains.Cardano;
using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Tests.Chains.Cardano;

/// <summary>A fee below the ledger's least is refused before anything is signed, and an output below its own least is said.</summary>
public static class CardanoLeastTests
{
    private const ulong Least = 155_381 + (44 * (BodySize + 6 + 101)); // one signer
    private const int BodySize = 1 + 1 + 1 + 1 + 34 + 1 + 1 + 1 + 1 + 59 + 5 + 1 + 5;

    [Fact]
    public static void Refuses_a_fee_below_the_least()
    {
        Body(Least, 1_000_000).RequireLeast(1);
        Assert.Equal(BodySize, Body(Least, 1_000_000).Bytes.Length);
        var refused = Assert.Throws<KmsException>(() => Body(Least - 1, 1_000_000).RequireLeast(1));
        Assert.Contains($"below the {Least}", refused.Message, StringComparison.Ordinal);
        Assert.Throws<KmsException>(() => Body(Least, 1_000_000).RequireLeast(2)); // a witness more
    }

    [Fact]
    public static void Says_which_output_is_too_small()
    {
        const ulong least = (160 + 65) * 4310; // 57 bytes of address
        Assert.Empty(Body(Least, least).SmallOutputs());
        Assert.Contains($"needs {least}", Assert.Single(Body(Least, least - 1).SmallOutputs()), StringComparison.Ordinal);
    }

    private static CardanoBody Body(ulong fee, ulong lovelace) => new(
    [
        .. Cbor.Head(CborType.Map, 3),
        0, .. Cbor.Head(CborType.Array, 1), .. Cbor.Head(CborType.Array, 2), .. Cbor.Bytes(new byte[32]), 0,
        1, .. Cbor.Head(CborType.Array, 1), .. Cbor.Head(CborType.Array, 2), .. Cbor.Bytes(new byte[57]), .. Cbor.Head(CborType.UInt, lovelace),
        2, .. Cbor.Head(CborType.UInt, fee),
    ]);
}

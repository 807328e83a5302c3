using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Bitcoin;

/// <summary>
/// The token that an output of Bitcoin Cash carries in front of its script (CHIP-2022-02 CashTokens).
/// </summary>
/// <param name="Category">64 hex digits in display order.</param>
/// <param name="Units">Fungible units; 0 for none.</param>
/// <param name="Capability">"immutable", "mutable" or "minting" for a non-fungible token, else null.</param>
/// <param name="Commitment">What the non-fungible token says, as hex.</param>
internal sealed record CashToken(string Category, long Units, string? Capability, string Commitment)
{
    private const byte Prefix = 0xef;
    private const byte HasCommitment = 0x40;
    private const byte HasNft = 0x20;
    private const byte HasAmount = 0x10;
    private const int Reserved = 0x80;
    private static readonly string[] Capabilities = ["immutable", "mutable", "minting"];

    /// <summary>Divides a locking script into token and script.</summary>
    /// <exception cref="KmsException">A malformed prefix, which makes a transaction invalid.</exception>
    public static (byte[] Script, CashToken? Token) Split(byte[] script)
    {
        if (script is not [Prefix, ..])
        {
            return (script, null);
        }

        var wire = new WireReader(script.AsSpan(1), "a token prefix");
        var category = wire.Bytes(32).ToArray();
        Array.Reverse(category);
        int bits = wire.Bytes(1)[0];
        var capability = bits & 0x0f;
        var commitment = (bits & HasCommitment) != 0 ? wire.Slice().ToArray() : null;
        var units = (bits & HasAmount) != 0 ? wire.Size() : 0;
        var nft = (bits & HasNft) != 0;
        var sound = (bits & Reserved) == 0
            && (nft ? capability < Capabilities.Length : capability == 0 && commitment is null)
            && (nft || (bits & HasAmount) != 0)
            && commitment is not { Length: 0 }
            && units <= long.MaxValue && (units > 0 || (bits & HasAmount) == 0);
        return sound
            ? (wire.Bytes(wire.Left).ToArray(), new(Hex.Lower(category), (long)units, nft ? Capabilities[capability] : null, Hex.Lower(commitment)))
            : throw KmsException.Refused("an output has a malformed token prefix");
    }

    /// <summary>What is transferred.</summary>
    public IEnumerable<Amount> Amounts()
    {
        if (Units > 0)
        {
            yield return new(Units, null, $"token {Category}");
        }

        if (Capability is not null)
        {
            yield return new(
                1,
                0,
                $"{Capability} NFT of {Category}" + (Commitment.Length > 0 ? $" with commitment {Commitment}" : ""));
        }
    }
}

using KmsCloud.Codecs;
using KmsCloud.Errors;

namespace KmsCloud.Chains.Stellar;

/// <summary>
/// The types that Stellar's operations are made of (Stellar-ledger-entries.x, Stellar-transaction.x), read into text.
/// </summary>
internal static class StellarTypes
{
    private const int MostPredicates = 2;
    private const int DeepestPredicate = 4;

    /// <summary>An AccountID: a public key of type 0.</summary>
    public static string Account(ref XdrReader xdr) => xdr.UInt32() == 0
        ? StrKey.PublicKey(xdr.Fixed(32))
        : throw xdr.Malformed("names an account by an unknown kind of key");

    /// <summary>A MuxedAccount: the public key, and the address with the id where it has one.</summary>
    public static (byte[] PublicKey, string Address) MuxedAccount(ref XdrReader xdr)
    {
        var id = xdr.UInt32() switch
        {
            0 => (ulong?)null,
            0x100 => xdr.UInt64(),
            _ => throw xdr.Malformed("names an account by an unknown kind of key"),
        };
        var key = xdr.Fixed(32).ToArray();
        return (key, id is { } number ? StrKey.Muxed(key, number) : StrKey.PublicKey(key));
    }

    /// <summary>An Asset, as XLM or "USD:G…".</summary>
    public static string Asset(ref XdrReader xdr) => Asset(ref xdr, xdr.UInt32());

    /// <summary>An asset of a trust line, or a liquidity pool by its parameters.</summary>
    public static string ChangeTrustAsset(ref XdrReader xdr)
    {
        var type = xdr.UInt32();
        if (type != 3)
        {
            return Asset(ref xdr, type);
        }

        return xdr.UInt32() == 0
            ? $"liquidity pool of {Asset(ref xdr)} and {Asset(ref xdr)} with fee {xdr.Int32()} bp"
            : throw xdr.Malformed("names an unknown kind of liquidity pool");
    }

    /// <summary>An asset of a trust line, or a liquidity pool by its id.</summary>
    public static string TrustLineAsset(ref XdrReader xdr)
    {
        var type = xdr.UInt32();
        return type == 3 ? $"liquidity pool {Hex.Lower(xdr.Fixed(32))}" : Asset(ref xdr, type);
    }

    /// <summary>An amount in stroops; every asset has seven decimals.</summary>
    public static Amount Amount(ref XdrReader xdr, string asset) =>
        xdr.Int64() is >= 0 and var stroops ? new(stroops, 7, asset) : throw xdr.Malformed("holds a negative amount");

    /// <summary>A price as a fraction.</summary>
    public static (int Numerator, int Denominator) Price(ref XdrReader xdr)
    {
        var (numerator, denominator) = (xdr.Int32(), xdr.Int32());
        return numerator > 0 && denominator > 0
            ? (numerator, denominator)
            : throw xdr.Malformed("holds a price that is not positive");
    }

    /// <summary>A SignerKey.</summary>
    public static string SignerKey(ref XdrReader xdr) => xdr.UInt32() switch
    {
        0 => StrKey.PublicKey(xdr.Fixed(32)),
        1 => StrKey.PreAuthorised(xdr.Fixed(32)),
        2 => StrKey.HashX(xdr.Fixed(32)),
        3 => $"{StrKey.PublicKey(xdr.Fixed(32))} with payload {Hex.Lower(xdr.Opaque(64))}",
        _ => throw xdr.Malformed("names an unknown kind of signer"),
    };

    /// <summary>A ClaimableBalanceID.</summary>
    public static string BalanceId(ref XdrReader xdr) => xdr.UInt32() == 0
        ? Hex.Lower(xdr.Fixed(32))
        : throw xdr.Malformed("names an unknown kind of claimable balance");

    /// <summary>A Claimant: who may claim, and when.</summary>
    public static string Claimant(ref XdrReader xdr)
    {
        if (xdr.UInt32() != 0)
        {
            throw xdr.Malformed("names an unknown kind of claimant");
        }

        var account = Account(ref xdr);
        var predicate = Predicate(ref xdr, 0);
        return predicate.Length > 0 ? $"{account} {predicate}" : account;
    }

    /// <summary>A LedgerKey whose sponsorship is revoked.</summary>
    public static string LedgerKey(ref XdrReader xdr) => xdr.UInt32() switch
    {
        0 => $"account {Account(ref xdr)}",
        1 => $"trust line of {Account(ref xdr)} for {TrustLineAsset(ref xdr)}",
        2 => $"offer of {Account(ref xdr)} number {xdr.Int64()}",
        3 => $"data of {Account(ref xdr)} named {Printable.Text(xdr.Opaque(64))}",
        4 => $"claimable balance {BalanceId(ref xdr)}",
        5 => $"liquidity pool {Hex.Lower(xdr.Fixed(32))}",
        _ => throw xdr.Malformed("names an unknown kind of ledger entry"),
    };

    private static string Asset(ref XdrReader xdr, uint type) => type switch
    {
        0 => "XLM",
        1 => $"{Code(ref xdr, 4, 1)}:{Account(ref xdr)}",
        2 => $"{Code(ref xdr, 12, 5)}:{Account(ref xdr)}",
        _ => throw xdr.Malformed("names an unknown kind of asset"),
    };

    /// <summary>An asset code of <paramref name="size"/> bytes: letters and digits, then zeros.</summary>
    public static string Code(ref XdrReader xdr, int size, int shortest)
    {
        var code = xdr.Fixed(size).TrimEnd((byte)0);
        foreach (var character in code)
        {
            if (!char.IsAsciiLetterOrDigit((char)character))
            {
                throw xdr.Malformed("holds an asset code that is not letters and digits");
            }
        }

        return code.Length >= shortest
            ? System.Text.Encoding.ASCII.GetString(code)
            : throw xdr.Malformed("holds an asset code of a wrong length");
    }

    private static string Predicate(ref XdrReader xdr, int depth)
    {
        if (depth == DeepestPredicate)
        {
            throw xdr.Malformed("nests claim conditions too deep");
        }

        switch (xdr.UInt32())
        {
            case 0:
                return "";
            case 1:
                return $"({string.Join(" and ", Predicates(ref xdr, depth))})";
            case 2:
                return $"({string.Join(" or ", Predicates(ref xdr, depth))})";
            case 3:
                return xdr.Bool()
                    ? $"not {Predicate(ref xdr, depth + 1)}"
                    : throw xdr.Malformed("holds an empty claim condition");
            case 4:
                return $"before {xdr.Int64()}";
            case 5:
                return $"within {xdr.Int64()} s";
            default:
                throw xdr.Malformed("holds an unknown claim condition");
        }
    }

    private static List<string> Predicates(ref XdrReader xdr, int depth)
    {
        var list = new List<string>();
        for (var left = xdr.Count(MostPredicates); left > 0; left--)
        {
            list.Add(Predicate(ref xdr, depth + 1) is { Length: > 0 } text ? text : "any time");
        }

        return list;
    }
}

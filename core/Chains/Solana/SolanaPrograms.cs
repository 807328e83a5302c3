using System.Buffers.Binary;
using System.Security.Cryptography;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Chains.Solana;

/// <summary>What one instruction does.</summary>
/// <param name="Name">In a few words.</param>
internal sealed record SolanaAction(string Name)
{
    /// <summary>All of it, for people.</summary>
    public string Text { get; init; } = Name;

    public Transfer? Transfer { get; init; }

    /// <summary>What the payer puts into an account of somebody else, who gets it by closing the account.</summary>
    public Transfer? Rent { get; init; }

    /// <summary>Who gets, or may take, an amount that only the ledger knows.</summary>
    public string? Uncounted { get; init; }

    public string? Warning { get; init; }

    public string? Memo { get; init; }

    /// <summary>Whether it is a payment or goes with any payment: not shown as a method.</summary>
    public bool IsUsual { get; init; }

    public bool Understood { get; init; } = true;

    /// <summary>Set by a compute budget: the most units, or the price in millionths of a lamport.</summary>
    public (uint? Limit, ulong? Price) Budget { get; init; }

    /// <summary>An account that the instruction creates for whoever holds its key.</summary>
    public string? Creates { get; init; }

    /// <summary>A token account that is created: its owner and its token.</summary>
    public (string Account, string Owner, string Mint)? TokenAccount { get; init; }
}

/// <summary>Instructions of the programs that payments are made of, in words.</summary>
internal static class SolanaPrograms
{
    public const string System = "11111111111111111111111111111111";
    public const string Token = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    public const string AssociatedToken = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL";
    public const string ComputeBudget = "ComputeBudget111111111111111111111111111111";
    private const ulong TokenAccountRent = 2_039_280; // (128 + 165 bytes) times 3480 lamports a byte-year times 2 years

    private const byte OwnerOfAccount = 2; // AuthorityType of the token program
    private const byte CloserOfAccount = 3;

    public const string Memo = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";

    public static SolanaAction Read(SolanaMessage message, SolanaInstruction instruction)
    {
        var data = instruction.Data;
        string[] accounts = [.. instruction.Accounts.Select(place => message.Accounts[place])];
        return instruction.Program switch
        {
            System => ReadSystem(data, accounts),
            Token => ReadToken(data, accounts),
            AssociatedToken => ReadAssociatedToken(data, accounts),
            ComputeBudget => ReadComputeBudget(data),
            Memo => new("memo") { Memo = Printable.Text(data), IsUsual = true },
            _ => Unknown($"calls program {instruction.Program}, which is not known here"),
        };
    }

    /// <summary>The token account of an owner: an address off the curve, of the associated token program.</summary>
    public static string AssociatedAccount(string owner, string mint)
    {
        var (ownerKey, mintKey) = (Key(owner), Key(mint));
        for (var bump = 255; bump >= 0; bump--)
        {
            var address = SHA256.HashData(
                [.. ownerKey, .. Key(Token), .. mintKey, (byte)bump, .. Key(AssociatedToken), .. "ProgramDerivedAddress"u8]);
            if (!Ed25519.IsOnCurve(address))
            {
                return Base58.Encode(address);
            }
        }

        throw KmsException.Refused("no token account can belong to this owner"); // chance 2^-256
    }

    private static byte[] Key(string address) => Base58.TryDecode(address)!;

    private static SolanaAction ReadSystem(byte[] data, string[] accounts) => (Tag(data), accounts) switch
    {
        (0, [var from, var to, ..]) when data.Length == 4 + 8 + 8 + 32 => new("account creation")
        {
            Text = $"creates account {to} of {U64(data, 12)} bytes for program {Base58.Encode(data.AsSpan(20))}",
            Transfer = Lamports(from, to, U64(data, 4)),
            Creates = to,
            Warning = IsKnown(Base58.Encode(data.AsSpan(20))) ? null : $"creates an account for program {Base58.Encode(data.AsSpan(20))}, which is not known here",
        },
        (1, [var account, ..]) when data.Length == 4 + 32 => new("account assignment")
        {
            Text = $"hands account {account} over to program {Base58.Encode(data.AsSpan(4))}",
            Warning = $"hands account {account} over to program {Base58.Encode(data.AsSpan(4))}",
        },
        (2, [var from, var to, ..]) when data.Length == 4 + 8 => new("transfer") { Transfer = Lamports(from, to, U64(data, 4)), IsUsual = true },
        (4, [var account, _, var authority, ..]) when data.Length == 4 => new("durable nonce") { Text = $"uses the nonce account {account} of {authority}", IsUsual = true },
        _ => Unknown("holds a system instruction that is not known here"),
    };

    private static SolanaAction ReadToken(byte[] data, string[] accounts) => (data.Length > 0 ? data[0] : -1, accounts) switch
    {
        (0 or 20, [var mint, ..]) when data.Length is 35 or 67 => new("token creation")
        {
            Text = $"makes {mint} a token of {data[1]} decimals, issued by {Base58.Encode(data.AsSpan(2, 32))}",
        },
        (3, [var source, var destination, var owner, ..]) when data.Length == 9 => new("token transfer")
        {
            Text = $"moves {U64(data, 1)} raw units from token account {source} to token account {destination}",
            Transfer = new(destination, new(U64(data, 1), null, $"token of account {source}")) { From = owner },
            IsUsual = true,
        },
        (12, [var source, var mint, var destination, var owner, ..]) when data.Length == 10 => new("token transfer")
        {
            Text = $"moves {new Amount(U64(data, 1), data[9], mint)} from token account {source} to token account {destination}",
            Transfer = new(destination, new(U64(data, 1), data[9], mint) { CountsUnits = true }) { From = owner },
            IsUsual = true,
        },
        (4, [var source, var spender, ..]) when data.Length == 9 => new("token approval")
        {
            Text = $"lets {spender} take {U64(data, 1)} raw units from token account {source}",
            Warning = $"lets {spender} take tokens from {source} at any time",
            Uncounted = spender,
            Understood = false, // the token and what is there later are the ledger's
        },
        (6, [var account, ..]) when data.Length is 3 or 35 => new("token authority change")
        {
            Text = $"changes authority {data[1]} over {account} to {(data.Length == 35 ? Base58.Encode(data.AsSpan(3)) : "nobody")}",
            Warning = $"hands authority over {account} to another key",
            Uncounted = data.Length == 35 && data[1] is OwnerOfAccount or CloserOfAccount
                ? Base58.Encode(data.AsSpan(3))
                : null,
        },
        (7, [var mint, var destination, ..]) when data.Length == 9 => new("token issue")
        {
            Text = $"issues {U64(data, 1)} raw units of {mint} to token account {destination}",
        },
        (8, [var source, var mint, ..]) when data.Length == 9 => new("token destruction")
        {
            Transfer = new("(destroyed)", new(U64(data, 1), null, mint)),
            Text = $"destroys {U64(data, 1)} raw units of {mint} in token account {source}",
        },
        (9, [var account, var destination, ..]) when data.Length == 1 => new("token account closing")
        {
            Text = $"closes token account {account}; its lamports go to {destination}",
            Warning = $"closes token account {account} and sends its lamports, which for wrapped SOL are all of it, to {destination}",
            Uncounted = destination,
            Understood = false, // how much that is the ledger alone knows
        },
        _ => Unknown("holds a token instruction that is not known here"),
    };

    private static SolanaAction ReadAssociatedToken(byte[] data, string[] accounts)
    {
        if (data is not ([] or [0] or [1]) || accounts is not [var payer, var account, var owner, var mint, _, Token, ..])
        {
            return Unknown("holds a token account instruction that is not known here");
        }

        if (((string[])[account, owner, mint]).Any(name => name.StartsWith('(')))
        {
            return Unknown("creates a token account whose owner or token comes from a lookup table");
        }

        return AssociatedAccount(owner, mint) == account
            ? new("token account creation")
            {
                Text = $"creates token account {account} of {owner} for token {mint}; {payer} pays its rent",
                TokenAccount = (account, owner, mint),
                Rent = payer == owner ? null : Lamports(payer, owner, TokenAccountRent),
                IsUsual = true,
            }
            : throw KmsException.Refused("the Solana message creates a token account at an address that is not its owner's");
    }

    private static SolanaAction ReadComputeBudget(byte[] data) => data switch
    {
        [1, _, _, _, _] => new("heap size") { IsUsual = true },
        [2, _, _, _, _] => new("compute limit") { Budget = (BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(1)), null), IsUsual = true },
        [3, _, _, _, _, _, _, _, _] => new("compute price") { Budget = (null, U64(data, 1)), IsUsual = true },
        [4, _, _, _, _] => new("account size limit") { IsUsual = true },
        _ => Unknown("holds a compute budget instruction that is not known here"),
    };

    private static Transfer Lamports(string from, string to, ulong lamports) => new(to, new(lamports, 9, "SOL")) { From = from };

    private static SolanaAction Unknown(string warning) => new("unknown instruction") { Warning = warning, Text = warning, Understood = false };

    private static bool IsKnown(string program) => program is System or Token or AssociatedToken;

    private static long Tag(byte[] data) => data.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(data) : -1;

    private static ulong U64(byte[] data, int at) => BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(at));
}

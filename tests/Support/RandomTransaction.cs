using System.Globalization;
using System.Numerics;
using System.Text;
using KmsCloud.Chains;
using KmsCloud.Codecs;

namespace KmsCloud.Tests.Support;

/// <summary>A random pending transaction of Ethereum's family: what it says, and how a server might write it down.</summary>
internal sealed record RandomTransaction
{
    /// <summary>Chain code and type byte of every kind that is signed.</summary>
    public static IReadOnlyList<(string Code, byte Type)> Kinds { get; } =
    [
        ("ETH", 0), ("ETH", 1), ("ETH", 2), ("CELO", 0x7b),
        ("KLAY", 0x08), ("KLAY", 0x09), ("KLAY", 0x10), ("KLAY", 0x28), ("KLAY", 0x30), ("KLAY", 0x38),
    ];

    private static readonly Dictionary<byte, string> KlaytnNames = new()
    {
        [0x08] = "VALUE_TRANSFER",
        [0x09] = "FEE_DELEGATED_VALUE_TRANSFER",
        [0x10] = "VALUE_TRANSFER_MEMO",
        [0x28] = "SMART_CONTRACT_DEPLOY",
        [0x30] = "SMART_CONTRACT_EXECUTION",
        [0x38] = "CANCEL",
    };

    public required string Code { get; init; }

    public required byte Type { get; init; }

    public required ulong ChainId { get; init; }

    public required ulong Nonce { get; init; }

    public required ulong Gas { get; init; }

    public required BigInteger Price { get; init; }

    public required BigInteger Tip { get; init; }

    public byte[] To { get; init; } = [];

    public BigInteger Value { get; init; }

    public byte[] Data { get; init; } = [];

    public IReadOnlyList<(byte[] Address, IReadOnlyList<byte[]> Keys)> AccessList { get; init; } = [];

    public byte[] FeeCurrency { get; init; } = [];

    /// <summary>The currencies chosen from, with zeros where RLP could lose them.</summary>
    private static byte[][] FeeCurrencies { get; } = [.. Enumerable.Range(0, 40).Select(seed => Sparse(new((ulong)seed), 20))];

    /// <summary>No bound on fees, in the coin or in a currency.</summary>
    public static ChainOptions AnyFee { get; } = new()
    {
        AllowLowFee = true,
        FeeCeiling = BigInteger.Pow(2, 120),
        FeeCurrencyCeilings = FeeCurrencies.DistinctBy(currency => Hex.Lower0x(currency)).ToDictionary(currency => Hex.Lower0x(currency), _ => BigInteger.Pow(2, 120)),
    };

    public string Json { get; private init; } = "";

    /// <summary>A transaction of a kind.</summary>
    /// <param name="random">Where it comes from.</param>
    /// <param name="code">Chain code.</param>
    /// <param name="type">Type byte.</param>
    /// <param name="nonceBits">Most bits of the nonce; JavaScript's libraries hold 53.</param>
    public static RandomTransaction Next(SeededRandom random, string code, byte type, int nonceBits = 63)
    {
        var klaytn = KlaytnNames.ContainsKey(type) && code == "KLAY";
        var creates = type == 0x28 || (!klaytn && random.Below(8) == 0);
        var hasTo = !creates && type != 0x38;
        var hasData = creates || (type is not (0x08 or 0x09 or 0x38) && random.Coin());
        var data = hasData ? random.Bytes(1 + random.Below(random.Below(20) == 0 ? 600 : 80)) : [];
        var price = Number(random, 39);
        var transaction = new RandomTransaction
        {
            Code = code,
            Type = type,
            ChainId = code switch { "CELO" => 44787, "KLAY" => 1001, _ => random.Coin() ? 11155111UL : 560048 },
            Nonce = random.Below(10) == 0 ? 0 : (ulong)Number(random, nonceBits),
            Gas = 200_000 + ((ulong)data.Length * 16) + (ulong)Number(random, code == "ETH" ? 23 : 60), // EIP-7825
            Price = price,
            Tip = type is 2 or 0x7b && random.Coin() ? price * random.Below(101) / 100 : price,
            To = hasTo ? Sparse(random, 20) : [],
            Value = type == 0x38 ? 0 : Number(random, 256),
            Data = data,
            AccessList = type is 1 or 2 or 0x7b && random.Coin()
                ? [.. Enumerable.Range(0, random.Below(4)).Select(_ => (Sparse(random, 20), (IReadOnlyList<byte[]>)[.. Enumerable.Range(0, random.Below(3)).Select(_ => Sparse(random, 32))]))]
                : [],
            FeeCurrency = type == 0x7b ? random.Pick(FeeCurrencies) : [],
        };
        return transaction with { Json = transaction.Write(random, klaytn) };
    }

    private string Write(SeededRandom random, bool klaytn)
    {
        var json = new StringBuilder("{\"from\":0");
        Member("nonce", Quantity(random, Nonce));
        Member(random.Coin() ? "gas" : "gasLimit", Quantity(random, Gas));
        Member("chainId", ChainId.ToString(CultureInfo.InvariantCulture));
        if (To.Length > 0)
        {
            Member("to", $"\"{(random.Coin() ? "0x" : "")}{Hex.Lower(To)}\"");
        }

        if (Type != 0x38)
        {
            Member("value", Quantity(random, Value));
        }

        if (Data.Length > 0)
        {
            Member(random.Coin() ? "data" : "input", $"\"{(random.Coin() ? "0x" : "")}{Hex.Lower(Data)}\"");
        }

        if (Type == 2 || (Type == 0x7b && Price != Tip))
        {
            Member("maxFeePerGas", Quantity(random, Price));
            Member("maxPriorityFeePerGas", Quantity(random, Tip));
        }
        else
        {
            Member("gasPrice", Quantity(random, Price));
        }

        if (klaytn)
        {
            Member("type", $"\"{KlaytnNames[Type]}\"");
        }

        if (FeeCurrency.Length > 0)
        {
            Member("feeCurrency", $"\"0x{Hex.Lower(FeeCurrency)}\"");
        }

        if (Type == 1 || AccessList.Count > 0)
        {
            Member("accessList", "[" + string.Join(',', AccessList.Select(entry =>
                $"{{\"address\":\"0x{Hex.Lower(entry.Address)}\",\"storageKeys\":[{string.Join(',', entry.Keys.Select(key => $"\"0x{Hex.Lower(key)}\""))}]}}")) + "]");
        }

        return json.Append('}').ToString();

        void Member(string name, string value) => json.Append(CultureInfo.InvariantCulture, $",\"{name}\":{value}");
    }

    /// <summary>1 to 2^bits - 1, of every size alike.</summary>
    private static BigInteger Number(SeededRandom random, int bits)
    {
        var size = 1 + random.Below(bits);
        var number = new BigInteger(random.Bytes((size + 7) / 8), isUnsigned: true) & ((BigInteger.One << size) - 1);
        return number | (BigInteger.One << (size - 1));
    }

    /// <summary>Bytes of which some are zero, in front too.</summary>
    private static byte[] Sparse(SeededRandom random, int length)
    {
        var bytes = random.Bytes(length);
        bytes.AsSpan(0, random.Below(8) == 0 ? random.Below(length) : 0).Clear();
        return bytes;
    }

    private static string Quantity(SeededRandom random, BigInteger value) => random.Below(3) switch
    {
        0 => $"\"{value.ToString(CultureInfo.InvariantCulture)}\"",
        1 when value < (1L << 53) => value.ToString(CultureInfo.InvariantCulture),
        _ => $"\"0x{value.ToString("x", CultureInfo.InvariantCulture)}\"",
    };
}

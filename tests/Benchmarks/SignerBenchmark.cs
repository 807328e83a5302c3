using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using KmsCloud.Primitives.Native;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>The signer alone, one core: parse, decode, fill from recorded answers, sign, verify, encode; against the native sign and verify.</summary>
public class SignerBenchmark
{
    private static readonly (string Chain, string Case, bool Ed25519, double? Bar)[] Rows =
    [
        ("ETH", "native-transfer-private-key", false, 0.70),
        ("BTC", "p2wpkh-one-input-change", false, 0.60),
        ("LTC", "p2pkh-one-input-change", false, null),
        ("BCH", "one-input-two-outputs", false, null),
        ("TRON", "trx-transfer", false, null),
        ("VET", "transfer-all-fields", false, null),
        ("XRP", "payment-native-ed25519-mainnet-tags", true, 0.70),
        ("XLM", "payment-native", true, 0.70),
        ("ALGO", "payment", true, 0.70),
        ("EGLD", "transfer-mnemonic-index", true, 0.70),
        ("SOL", "native-transfer-generated-wallet", true, 0.70),
        ("ADA", "one-input-change-private-key", true, null),
    ];

    private SigningRun run = null!;
    private Action native = null!;

    /// <summary>The chain whose transaction is signed; the native calls are measured beside each.</summary>
    [ParamsSource(nameof(Chains))]
    public string Chain { get; set; } = "";

    public static IEnumerable<string> Chains => Rows.Select(row => row.Chain);

    internal static void Run(Table table)
    {
        using var part = Part.Small<SignerBenchmark>();
        foreach (var (chain, name, isEd25519, bar) in Rows)
        {
            // the native calls are the same for all rows of a curve: the fastest of them is the bound of each
            var bound = Rows.Where(row => row.Ed25519 == isEd25519).Min(row => part.Time(nameof(Native), row.Chain));
            table.Share($"sign {chain} ({name})", part.Time(nameof(Sign), chain), bound, bar);
        }

        table.Figure("allocated for each ETH signature", part.Allocated(nameof(Sign), "ETH") / 1024, "KiB", atMost: 8);
    }

    [GlobalSetup]
    public void SetUp()
    {
        var (chain, name, isEd25519, _) = Rows.Single(row => row.Chain == Chain);
        run = SigningRun.Sign(Vectors.Case(chain, "signing", name));
        native = isEd25519 ? Ed25519() : Secp256k1();
    }

    [GlobalCleanup]
    public void CleanUp() => run.Dispose();

    [Benchmark(Baseline = true)]
    public void Native() => native();

    [Benchmark]
    public void Sign()
    {
        var transaction = run.Chain.Decode(run.Pending, run.Keys, run.Context);
        for (var round = 0; transaction.Missing.Count > 0; round++)
        {
            transaction = transaction.Complete(new(run.RecordedRounds[round]));
        }

        transaction.Sign(run.PrivateKeys);
    }

    /// <summary>The bare native calls: one signature, made and verified.</summary>
    internal static Action Secp256k1()
    {
        var (secret, digest) = (new byte[32], SHA256.HashData("digest"u8));
        secret[31] = 7;
        var (point, recoverable, opaque, compact) = (new byte[64], new byte[65], new byte[64], new byte[64]);
        LibSecp256k1.secp256k1_ec_pubkey_create(LibSecp256k1.Context, point, secret);
        return () =>
        {
            LibSecp256k1.secp256k1_ecdsa_sign_recoverable(LibSecp256k1.Context, recoverable, digest, secret, 0, 0);
            LibSecp256k1.secp256k1_ecdsa_recoverable_signature_serialize_compact(LibSecp256k1.Context, compact, out _, recoverable);
            LibSecp256k1.secp256k1_ecdsa_signature_parse_compact(LibSecp256k1.Context, opaque, compact);
            if (LibSecp256k1.secp256k1_ecdsa_verify(LibSecp256k1.Context, opaque, digest, point) != 1)
            {
                throw new InvalidOperationException("the bare call failed");
            }
        };
    }

    private static Action Ed25519()
    {
        var (seed, message) = (new byte[32], new byte[200]);
        var (publicKey, expanded, signature) = (new byte[32], new byte[64], new byte[64]);
        Sodium.crypto_sign_seed_keypair(publicKey, expanded, seed);
        return () =>
        {
            Sodium.crypto_sign_detached(signature, 0, message, (ulong)message.Length, expanded);
            if (Sodium.crypto_sign_verify_detached(signature, message, (ulong)message.Length, publicKey) != 0)
            {
                throw new InvalidOperationException("the bare call failed");
            }
        };
    }
}

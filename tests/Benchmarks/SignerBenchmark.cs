using System.Security.Cryptography;
using KmsCloud.Chains;
using KmsCloud.Primitives.Native;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>The signer alone, one core: parse, decode, fill from recorded answers, sign, verify, encode; against the native sign and verify.</summary>
internal static class SignerBenchmark
{
    private static readonly (string Chain, string Case, bool Ed25519, double? Bar)[] Cases =
    [
        ("ETH", "native-transfer-private-key", false, 0.70),
        ("BTC", "p2wpkh-one-input-change", false, 0.60),
        ("LTC", "p2pkh-one-input-change", false, null),
        ("BCH", "one-input-two-outputs", false, null),
        ("TRON", "trx-transfer", false, null),
        ("VET", "transfer-private-key", false, null),
        ("XRP", "payment-xrp-ed25519", true, 0.70),
        ("XLM", "payment-native", true, 0.70),
        ("ALGO", "pay", true, 0.70),
        ("EGLD", "native", true, 0.70),
        ("SOL", "transfer", true, 0.70),
        ("ADA", "private-key", true, null),
    ];

    public static void Run(Table table)
    {
        var (secp, ed) = (Clock.Of(Secp256k1()), Clock.Of(Ed25519()));
        foreach (var (chain, preferred, isEd25519, bar) in Cases.Where(item => ChainCatalog.All.ContainsKey(item.Chain)))
        {
            var names = Vectors.Names(chain, "signing").ToList();
            var name = names.Contains(preferred) ? preferred : names[0];
            using var run = SigningRun.Sign(Vectors.Case(chain, "signing", name));
            var ours = Clock.Of(() => Sign(run));
            table.Share($"sign {chain} ({name})", ours, isEd25519 ? ed : secp, bar);
        }

        using var ether = SigningRun.Sign(Vectors.Case("ETH", "signing", "native-transfer-private-key"));
        Sign(ether);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Sign(ether);
        }

        table.Figure("allocated for each ETH signature", (GC.GetAllocatedBytesForCurrentThread() - before) / 100.0 / 1024, "KiB", atMost: 8);
    }

    private static void Sign(SigningRun run)
    {
        var transaction = run.Chain.Decode(run.Pending, run.Keys, run.Context);
        for (var round = 0; transaction.Missing.Count > 0; round++)
        {
            transaction = transaction.Complete(new(run.RecordedRounds[round]));
        }

        transaction.Sign();
    }

    private static Action Secp256k1()
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

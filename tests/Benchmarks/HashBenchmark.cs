using System.Security.Cryptography;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>The hash functions that are our own, against SHA-256 of the platform over the same bytes.</summary>
internal static class HashBenchmark
{
    public static void Run(Table table)
    {
        var data = new byte[4096];
        var bound = Clock.Of(() => SHA256.HashData(data));
        table.Multiple("Keccak-256 of 4 KiB, against SHA-256 of the platform", Clock.Of(() => Keccak256.Hash(data)), bound);
        table.Multiple("RIPEMD-160 of 4 KiB, against SHA-256 of the platform", Clock.Of(() => Ripemd160.Hash(data)), bound);
        table.Figure("Keccak-256 of 100 bytes (an Ethereum sighash)", Clock.Of(() => Keccak256.Hash(data.AsSpan(0, 100))).TotalMicroseconds, "µs");
    }
}

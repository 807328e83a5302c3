using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using KmsCloud.Primitives;

namespace KmsCloud.Tests.Benchmarks;

/// <summary>
/// The hash functions that are our own, against SHA-256 of the platform over the same bytes. A transaction hashes some hundred
/// bytes beside a signature of 50 µs: their budget is a tenth of that.
/// </summary>
public class HashBenchmark
{
    private readonly byte[] data = new byte[4096];

    internal static void Run(Table table)
    {
        using var part = Part.Small<HashBenchmark>();
        table.Multiple("Keccak-256 of 4 KiB, against SHA-256 of the platform", part.Time(nameof(Keccak)), part.Time(nameof(Sha256)));
        table.Multiple("RIPEMD-160 of 4 KiB, against SHA-256 of the platform", part.Time(nameof(Ripemd)), part.Time(nameof(Sha256)));
        table.Figure("Keccak-256 of 100 bytes (an Ethereum sighash)", part.Time(nameof(Sighash)).TotalMicroseconds, "µs", atMost: 5);
        table.Figure("RIPEMD-160 of 32 bytes (a Bitcoin key hash)", part.Time(nameof(KeyHash)).TotalMicroseconds, "µs", atMost: 5);
    }

    [Benchmark(Baseline = true)]
    public byte[] Sha256() => SHA256.HashData(data);

    [Benchmark]
    public byte[] Keccak() => Keccak256.Hash(data);

    [Benchmark]
    public byte[] Ripemd() => Ripemd160.Hash(data);

    [Benchmark]
    public byte[] Sighash() => Keccak256.Hash(data.AsSpan(0, 100));

    [Benchmark]
    public byte[] KeyHash() => Ripemd160.Hash(data.AsSpan(0, 32));
}

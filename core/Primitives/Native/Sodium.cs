using System.Runtime.InteropServices;

namespace KmsCloud.Primitives.Native;

/// <summary>
/// libsodium, named as in its headers. Only Primitives and Secrets call it; they check lengths, this does not.
/// </summary>
internal static partial class Sodium
{
    private const string Library = "libsodium.so";

    static Sodium()
    {
        if (sodium_init() < 0)
        {
            throw new PlatformNotSupportedException("libsodium did not start");
        }
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    internal static partial nint sodium_version_string();

    [LibraryImport(Library)]
    internal static partial nint sodium_malloc(nuint size);

    [LibraryImport(Library)]
    internal static partial int sodium_mlock(nint pointer, nuint size);

    [LibraryImport(Library)]
    internal static partial void sodium_free(nint pointer);

    [LibraryImport(Library)]
    internal static partial void sodium_add(Span<byte> a, ReadOnlySpan<byte> b, nuint length);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_seed_keypair(
        Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_detached(
        Span<byte> signature, nint signatureLength, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_verify_detached(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int crypto_core_ed25519_is_valid_point(ReadOnlySpan<byte> point);

    [LibraryImport(Library)]
    internal static partial int crypto_core_ed25519_add(Span<byte> sum, ReadOnlySpan<byte> p, ReadOnlySpan<byte> q);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_ed25519_base_noclamp(Span<byte> point, ReadOnlySpan<byte> scalar);

    [LibraryImport(Library)]
    internal static partial void crypto_core_ed25519_scalar_reduce(Span<byte> reduced, ReadOnlySpan<byte> wide);

    [LibraryImport(Library)]
    internal static partial void crypto_core_ed25519_scalar_mul(
        Span<byte> product, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y);

    [LibraryImport(Library)]
    internal static partial void crypto_core_ed25519_scalar_add(
        Span<byte> sum, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y);

    [LibraryImport(Library)]
    internal static partial int crypto_generichash_blake2b(
        Span<byte> output, nuint outputLength, ReadOnlySpan<byte> input, ulong inputLength, ReadOnlySpan<byte> key, nuint keyLength);

    [LibraryImport(Library)]
    internal static partial int crypto_pwhash(
        Span<byte> output, ulong outputLength, ReadOnlySpan<byte> password, ulong passwordLength, ReadOnlySpan<byte> salt,
        ulong opslimit, nuint memlimit, int algorithm);
}

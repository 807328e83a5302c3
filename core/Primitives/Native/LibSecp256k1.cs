using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace KmsCloud.Primitives.Native;

/// <summary>
/// libsecp256k1, named as in its headers. Only Primitives calls it; it checks lengths, this does not.
/// </summary>
internal static partial class LibSecp256k1
{
    internal const uint Compressed = 0x102;
    internal const uint Uncompressed = 0x002;
    internal const string Soname = "libsecp256k1.so";
    private const string Library = Soname;
    private const uint SignAndVerify = 0x301;

    /// <summary>The one context: read-only after start, so every thread may use it.</summary>
    internal static readonly nint Context = Create();

    /// <summary><c>secp256k1_nonce_function_rfc6979</c>: a function pointer the library exports as data.</summary>
    internal static readonly unsafe delegate* unmanaged<byte*, byte*, byte*, byte*, void*, uint, int> NonceRfc6979 =
        *(delegate* unmanaged<byte*, byte*, byte*, byte*, void*, uint, int>*)NativeLibrary.GetExport(
            NativeLibrary.Load(Library, typeof(LibSecp256k1).Assembly, DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories), "secp256k1_nonce_function_rfc6979");

    private static nint Create()
    {
        var context = secp256k1_context_create(SignAndVerify);
        Span<byte> seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(seed); // blinds the scalar multiplications against side channels
        var randomised = context == 0 ? 0 : secp256k1_context_randomize(context, seed);
        CryptographicOperations.ZeroMemory(seed);
        return randomised == 1 ? context : throw new PlatformNotSupportedException("libsecp256k1 did not start");
    }

    [LibraryImport(Library)]
    private static partial nint secp256k1_context_create(uint flags);

    [LibraryImport(Library)]
    private static partial int secp256k1_context_randomize(nint context, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_seckey_verify(nint context, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_pubkey_create(
        nint context, Span<byte> publicKey, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_pubkey_parse(
        nint context, Span<byte> publicKey, ReadOnlySpan<byte> input, nuint inputLength);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_pubkey_serialize(
        nint context, Span<byte> output, ref nuint outputLength, ReadOnlySpan<byte> publicKey, uint flags);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_seckey_negate(nint context, Span<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_seckey_tweak_add(
        nint context, Span<byte> secretKey, ReadOnlySpan<byte> tweak);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_seckey_tweak_mul(
        nint context, Span<byte> secretKey, ReadOnlySpan<byte> tweak);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_pubkey_tweak_add(
        nint context, Span<byte> publicKey, ReadOnlySpan<byte> tweak);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_pubkey_tweak_mul(
        nint context, Span<byte> publicKey, ReadOnlySpan<byte> tweak);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ec_pubkey_negate(nint context, Span<byte> publicKey);

    [LibraryImport(Library)]
    internal static unsafe partial int secp256k1_ec_pubkey_combine(
        nint context, Span<byte> sum, byte** publicKeys, nuint count);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_sign_recoverable(
        nint context, Span<byte> signature, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> secretKey, nint nonceFunction, nint nonceData);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_recoverable_signature_serialize_compact(
        nint context, Span<byte> output, out int recoveryId, ReadOnlySpan<byte> signature);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_recoverable_signature_parse_compact(
        nint context, Span<byte> signature, ReadOnlySpan<byte> input, int recoveryId);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_recover(
        nint context, Span<byte> publicKey, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> digest);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_signature_parse_compact(
        nint context, Span<byte> signature, ReadOnlySpan<byte> input);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_signature_serialize_compact(
        nint context, Span<byte> output, ReadOnlySpan<byte> signature);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_signature_parse_der(
        nint context, Span<byte> signature, ReadOnlySpan<byte> input, nuint inputLength);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_signature_serialize_der(
        nint context, Span<byte> output, ref nuint outputLength, ReadOnlySpan<byte> signature);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_signature_normalize(
        nint context, Span<byte> output, ReadOnlySpan<byte> input);

    [LibraryImport(Library)]
    internal static partial int secp256k1_ecdsa_verify(
        nint context, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int secp256k1_xonly_pubkey_parse(
        nint context, Span<byte> publicKey, ReadOnlySpan<byte> input);

    [LibraryImport(Library)]
    internal static partial int secp256k1_xonly_pubkey_serialize(
        nint context, Span<byte> output, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int secp256k1_xonly_pubkey_from_pubkey(
        nint context, Span<byte> xOnly, out int parity, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int secp256k1_xonly_pubkey_tweak_add(
        nint context, Span<byte> publicKey, ReadOnlySpan<byte> xOnly, ReadOnlySpan<byte> tweak);

    [LibraryImport(Library)]
    internal static partial int secp256k1_keypair_create(nint context, Span<byte> pair, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int secp256k1_keypair_xonly_tweak_add(
        nint context, Span<byte> pair, ReadOnlySpan<byte> tweak);

    [LibraryImport(Library)]
    internal static partial int secp256k1_schnorrsig_sign32(
        nint context, Span<byte> signature, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> pair, nint auxiliary);

    [LibraryImport(Library)]
    internal static partial int secp256k1_schnorrsig_verify(
        nint context, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, nuint messageLength, ReadOnlySpan<byte> xOnly);
}

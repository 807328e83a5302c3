using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Keys;

/// <summary>How the wallets of one chain are made, read and written.</summary>
public interface IWalletScheme
{
    /// <summary>Whether <see cref="Generate"/> makes mnemonic wallets whose keys need an index.</summary>
    bool HasMnemonic { get; }

    /// <summary>A new wallet from the system's random generator: 24 words where the chain has mnemonics.</summary>
    WalletEntry Generate(Network network);

    /// <summary>A wallet entry of a given mnemonic, whose checksum is verified. Takes ownership of the secret.</summary>
    /// <exception cref="KmsException">Refused: bad words or checksum, or the chain has no mnemonics (the hint names the right command).</exception>
    WalletEntry FromMnemonic(SecretBytes mnemonic, Network network);

    /// <summary>A wallet entry of one private key or secret in the chain's form. Takes ownership of the secret.</summary>
    /// <exception cref="KmsException">Refused: the text is no key of this chain and network.</exception>
    WalletEntry FromKey(SecretBytes key, Network network);

    /// <summary>A new random single key in the form of <see cref="FromKey"/>, for batches.</summary>
    WalletEntry GenerateKey(Network network);

    /// <summary>The keys of a mnemonic entry. The mnemonic stays the entry's; its checksum is not asked for again.</summary>
    IKeyDeriver OpenMnemonic(WalletEntry entry);

    /// <summary>The public keys of a mnemonic entry by its extended public key alone, or null where the chain or the entry has none.</summary>
    IPublicKeyDeriver? OpenXpub(WalletEntry entry) => null;

    /// <summary>The extended public key of a mnemonic entry derived afresh, or null where the chain has none.</summary>
    string? Xpub(WalletEntry entry) => null;

    /// <summary>The key of an entry without mnemonic, or of text in the chain's form.</summary>
    /// <exception cref="KmsException">Refused: the text is no key of this chain and network.</exception>
    SoftwareKey ParseKey(ReadOnlySpan<byte> text, Network network);

    /// <summary>A private key as <c>getprivatekey</c> prints it (WIF, hex …).</summary>
    SecretBytes FormatKey(SoftwareKey key, Network network);

    /// <summary>The address <c>getaddress</c> prints for a public key in the form of <see cref="PublicKey"/>.</summary>
    string Address(ReadOnlySpan<byte> publicKey, Network network);

    /// <summary>Which of the chain's paths hold keys (<see cref="IKeyDeriver.Derive"/>).</summary>
    IReadOnlyList<int> Variants => [0];

    /// <summary>Further types of address, which <c>getaddress --type</c> prints.</summary>
    IReadOnlyList<AddressType> AddressTypes => [];
}

/// <summary>A type of address beside a chain's usual one.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Variant">Which of the chain's paths has its keys (<see cref="IKeyDeriver.Derive"/>).</param>
/// <param name="Address">Writes it; refuses a key that can have none.</param>
public sealed record AddressType(string Name, int Variant, Func<PublicKey, Network, string> Address);

/// <summary>The keys below one mnemonic. Owns the derived parent key.</summary>
public interface IKeyDeriver : IDisposable
{
    /// <summary>The key at an index.</summary>
    /// <param name="index">0..2^31-1.</param>
    /// <param name="variant">0 for the chain's usual path; chains with a further path number it (Cardano: 1 = CIP-1852; Bitcoin: 1 = BIP-86).</param>
    SoftwareKey Derive(uint index, int variant = 0);
}

/// <summary>The public keys below one extended public key.</summary>
public interface IPublicKeyDeriver
{
    /// <summary>The public key at an index, or null where a variant has no public derivation.</summary>
    byte[]? Derive(uint index, int variant);
}

using KmsCloud.Errors;
using KmsCloud.Secrets;

namespace KmsCloud.Wallets;

/// <summary>The bytes of a wallet file, and the version they are of: a time of writing, or an ETag.</summary>
/// <param name="Bytes">The whole file, where it will be decrypted. Whoever asked for it owns it.</param>
/// <param name="Version">Changes with every write.</param>
public sealed record WalletBytes(SecretBytes Bytes, string Version);

/// <summary>Where a wallet file lives.</summary>
public interface IWalletStorage
{
    /// <summary>As messages name it.</summary>
    string Name { get; }

    /// <summary>Whether there is a file.</summary>
    bool Exists();

    /// <summary>Reads the whole file.</summary>
    /// <exception cref="KmsException">No such file, empty, larger than 256 MiB, or not readable.</exception>
    WalletBytes Read();

    /// <summary>Whether a version is still the newest. Cheap: asked before every cycle.</summary>
    bool IsCurrent(string version);

    /// <summary>Keeps others from changing the file until it is disposed, where the storage can.</summary>
    IDisposable Lock();

    /// <summary>Replaces the whole file.</summary>
    /// <param name="bytes">The new file.</param>
    /// <param name="version">The version it replaces, or null when there must be none.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="KmsException">
    /// Somebody else changed it since, or it cannot be written: the old file is untouched.
    /// </exception>
    string Replace(ReadOnlySpan<byte> bytes, string? version);
}

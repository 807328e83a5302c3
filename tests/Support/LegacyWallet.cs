using System.Security.Cryptography;
using System.Text;

namespace KmsCloud.Tests.Support;

/// <summary>The wallet.dat of tatum-kms, made anew.</summary>
internal static class LegacyWallet
{
    /// <summary>The format written a second time, for tests only: the product never writes it.</summary>
    internal static byte[] Encrypt(string json, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(8);
        var (secret, derived, block) = (Encoding.UTF8.GetBytes(password), new List<byte>(), Array.Empty<byte>());
        while (derived.Count < 48)
        {
            derived.AddRange(block = MD5.HashData([.. block, .. secret, .. salt]));
        }

        using var aes = Aes.Create();
        aes.Key = [.. derived[..32]];
        return Encoding.ASCII.GetBytes(Convert.ToBase64String([.. "Salted__"u8, .. salt, .. aes.EncryptCbc(Encoding.UTF8.GetBytes(json), derived[32..].ToArray())]));
    }
}

using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace KmsCloud.Tests.Support;

/// <summary>Recognisable secrets in every form a program could let them out in. None may be where it was not asked for.</summary>
internal sealed class Canaries
{
    public const string Password = "canary-password-5f1d0c";
    public const string NewPassword = "canary-other-password-71";
    public const string Mnemonic = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    public const string Key = "ca9a2b5c7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e01";
    public const string Wif = "cUNXvFrWso7egBhQf15FouCQcXj7QK8be8JcNgNSnFbpjkAzZsKJ"; // the key for testnet, compressed
    public const string MainnetWif = "L41YTLrfSjRPWkE9GbG8SahLzJRhjs2ua6A9GFuwH8wpV16Tf8Wm";
    public const string KeyInBase58 = "EdshnKvMcNsTCG4rLP4dtFZdPnzoaTbEhS8R8DwpPa4G";
    public const string XrpSecret = "sEdSoYB9S1nNn9g5gx9kxHKovRjJsA5";
    public const string XlmSecret = "SCET3MEUKOVQ4JW5KZHVAN4WBK4EZM7EOL27J2GUL7TG4CMVG7WGU25V";
    public const string ApiKey = "canary-api-key-90ab";
    public const string ApprovalSecret = "canary-approval-secret-2b";
    public const string AwsSecret = "canary-aws-secret-access-key";
    public const string VgsPassword = "canary-vgs-password";
    public const string Rolls = "6225113431524522553164363331646425216422154463155532651143622346615124551431662335416266334155214432165";

    /// <summary>Seed of <see cref="Mnemonic"/> without a passphrase (BIP-39).</summary>
    private const string Seed = "878386efb78845b3355bd15ea4d39ef97d179cb712b77d5c12b6be415fffeffe5f377ba02bf3f8544ab800b955e51fbff09828f682052a20faa6addbbddfb096";

    private static readonly string[] Printers = ["generatewallet", "getmanagedwallet", "getprivatekey", "export"];
    private static readonly (string Name, string Text)[] All = [.. Texts().SelectMany(Forms)];

    /// <summary>Whether printing secrets on stdout is what a command is for.</summary>
    public static bool MayPrint(string commandLine) => !commandLine.Contains(" --public", StringComparison.Ordinal) && Printers.Contains(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var command, ..] ? command : "");

    /// <summary>Fails when a text holds a secret in any form; says which and where, not the text.</summary>
    public void RequireNone(string text, string where)
    {
        foreach (var (name, secret) in All)
        {
            Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"{name} in {where}");
        }
    }

    /// <summary>Looks into every file below a folder but those that a test put there.</summary>
    public void RequireNoneInFiles(string folder, string where, IReadOnlyCollection<string> except)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !except.Contains(Path.GetRelativePath(folder, file))))
        {
            RequireNone(Encoding.Latin1.GetString(File.ReadAllBytes(file)), $"{Path.GetRelativePath(folder, file)} after {where}");
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes, bool IsText)> Texts()
    {
        foreach (var (name, text) in new[]
        {
            ("password", Password), ("new password", NewPassword), ("mnemonic", Mnemonic), ("WIF", Wif), ("mainnet WIF", MainnetWif), ("key in base58", KeyInBase58),
            ("XRP secret", XrpSecret), ("XLM secret", XlmSecret), ("API key", ApiKey), ("approval secret", ApprovalSecret), ("AWS secret", AwsSecret), ("VGS password", VgsPassword), ("dice rolls", Rolls),
        })
        {
            yield return (name, Encoding.UTF8.GetBytes(text), true);
        }

        yield return ("a word of the mnemonic", "sausage"u8.ToArray(), true);
        yield return ("private key", Convert.FromHexString(Key), false);
        yield return ("entropy", Convert.FromHexString("7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"), false);
        yield return ("seed", Convert.FromHexString(Seed), false);
    }

    private static IEnumerable<(string Name, string Text)> Forms((string Name, byte[] Bytes, bool IsText) secret)
    {
        var (name, bytes, isText) = secret;
        if (isText)
        {
            yield return (name, Encoding.UTF8.GetString(bytes));
        }
        else
        {
            yield return (name + " as raw bytes", Encoding.Latin1.GetString(bytes));
            yield return (name + " as a number", new BigInteger(bytes, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture));
            yield return (name + " as a JSON array", string.Join(',', bytes));
        }

        if (bytes.Length < 8)
        {
            yield break;
        }

        yield return (name + " in hex", Convert.ToHexString(bytes));
        yield return (name + " in base64", Convert.ToBase64String(bytes).TrimEnd('=')[..^1]); // the last character depends on what follows
        yield return (name + " in base64url", Base64Url.EncodeToString(bytes)[..^1]);
    }
}

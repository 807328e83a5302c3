using System.Globalization;
using KmsCloud.Errors;

namespace KmsCloud.Keys;

/// <summary>A BIP-32 derivation path: child numbers, hardened ones with the top bit set.</summary>
internal static class DerivationPath
{
    /// <summary>The bit that marks a hardened child.</summary>
    public const uint Hardened = 0x80000000;

    /// <summary>Reads "m/44'/60'/0'/0".</summary>
    public static uint[] Parse(string path)
    {
        var steps = path.Split('/');
        return steps[0] == "m"
            ? [.. steps.Skip(1).Select(Step)]
            : throw KmsException.Refused($"'{path}' is no derivation path");

        uint Step(string text)
        {
            var hardened = text.EndsWith('\'');
            return uint.TryParse(hardened ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < Hardened
                ? number | (hardened ? Hardened : 0)
                : throw KmsException.Refused($"'{path}' is no derivation path");
        }
    }
}

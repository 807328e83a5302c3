using System.Security.Cryptography;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;

namespace KmsCloud.Cli;

/// <summary>Entropy from dice an officer rolls: at least 99 throws of a six-sided die, typed as digits 1 to 6.</summary>
internal static class Dice
{
    private const int FewestRolls = 99; // 99 · log2 6 = 255.9 bits
    private const double FacesLimit = 30; // chi-squared, 5 degrees of freedom: fair dice exceed it once in 70,000 times
    private const double PairsLimit = 95; // 35 degrees of freedom: once in some millions of times

    /// <summary>Asks for the rolls and makes a mnemonic of 24 words.</summary>
    /// <param name="alone">
    /// True: the entropy is SHA-256 of the rolls as typed, so that a second machine comes to the same words. False: SHA-256 of
    /// 32 bytes from the operating system and SHA-256 of the rolls, good if either is.
    /// </param>
    internal static SecretBytes AskMnemonic(bool alone)
    {
        using var rolls = Terminal.AskSecret($"Enter at least {FewestRolls} dice rolls (digits 1 to 6):", "type the rolls on one line");
        Check(rolls.Span);
        using var entropy = new SecretBytes(32);
        SHA256.HashData(rolls.Span, entropy.Span);
        if (!alone)
        {
            using var both = new SecretBytes(64);
            RandomNumberGenerator.Fill(both.Span[..32]);
            entropy.Span.CopyTo(both.Span[32..]);
            SHA256.HashData(both.Span, entropy.Span);
        }

        return Mnemonic.FromEntropy(entropy.Span);
    }

    /// <exception cref="KmsException">Too few rolls, foreign characters, or a bias that fair dice do not show.</exception>
    internal static void Check(ReadOnlySpan<byte> rolls)
    {
        if (rolls.ContainsAnyExceptInRange((byte)'1', (byte)'6'))
        {
            throw KmsException.Refused("the dice rolls hold something other than the digits 1 to 6", "type the digits without spaces");
        }

        if (rolls.Length < FewestRolls)
        {
            throw KmsException.Refused($"{rolls.Length} dice rolls are too few, {FewestRolls} are needed", "go on rolling, and type all of them on one line");
        }

        Span<int> faces = stackalloc int[6];
        Span<int> pairs = stackalloc int[36];
        faces.Clear();
        pairs.Clear();
        for (var i = 0; i < rolls.Length; i++)
        {
            faces[rolls[i] - '1']++;
            if (i > 0)
            {
                pairs[((rolls[i - 1] - '1') * 6) + rolls[i] - '1']++;
            }
        }

        if (ChiSquared(faces, rolls.Length) > FacesLimit || ChiSquared(pairs, rolls.Length - 1) > PairsLimit)
        {
            throw KmsException.Refused("the dice rolls are biased: no fair die rolls like this", "roll a casino die, and type what it shows");
        }
    }

    private static double ChiSquared(ReadOnlySpan<int> counts, int total)
    {
        var expected = (double)total / counts.Length;
        var sum = 0.0;
        foreach (var count in counts)
        {
            sum += (count - expected) * (count - expected) / expected;
        }

        return sum;
    }
}

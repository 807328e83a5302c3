using System.Security.Cryptography;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Primitives.Native;
using KmsCloud.Secrets;

namespace KmsCloud.Cli;

/// <summary>
/// Entropy from dice an officer rolls: at least 99 throws of a six-sided die, typed as digits 1 to 6, with or without
/// blanks, a few a line. After each line the count is said, and the last line can be taken back.
/// </summary>
internal static class Dice
{
    private const int FewestRolls = 99; // 99 · log2 6 = 255.9 bits
    private const int MostRolls = 4096;
    private const string Question = "Enter at least 99 dice rolls (digits 1 to 6), some a line; - takes the last line back:";
    private const double FacesLimit = 30; // chi-squared, 5 degrees of freedom: fair dice exceed it once in 70,000 times
    private const double PairsLimit = 95; // 35 degrees of freedom: once in some millions of times

    /// <summary>Asks for the rolls and makes a mnemonic of 24 words.</summary>
    /// <param name="alone">
    /// True: the entropy is SHA-256 of the rolls as typed, so that a second machine comes to the same words. False:
    /// SHA-256 of
    /// 32 bytes from the operating system and SHA-256 of the rolls, good if either is.
    /// </param>
    internal static SecretBytes AskMnemonic(bool alone)
    {
        using var buffer = new SecretBytes(MostRolls);
        var rolls = buffer.Span[..Ask(buffer.Span)];
        Check(rolls);
        using var entropy = new SecretBytes(32);
        SHA256.HashData(rolls, entropy.Span);
        if (!alone)
        {
            using var both = new SecretBytes(64);
            RandomNumberGenerator.Fill(both.Span[..32]);
            entropy.Span.CopyTo(both.Span[32..]);
            SHA256.HashData(both.Span, entropy.Span);
        }

        return Mnemonic.FromEntropy(entropy.Span);
    }

    /// <summary>Reads lines until there are enough, or none comes or an empty one.</summary>
    /// <returns>How many rolls there are.</returns>
    private static int Ask(Span<byte> rolls)
    {
        var lines = new Stack<int>();
        using (var first = Terminal.AskSecret(Question, "type the rolls, a few a line"))
        {
            Take(first.Span, rolls, lines);
        }

        while (lines.Sum() < FewestRolls)
        {
            using var line = Terminal.TryAskSecret($"{lines.Sum()} of {FewestRolls} rolls:");
            if (line is null || line.Length == 0)
            {
                break;
            }

            Take(line.Span, rolls, lines);
        }

        if (lines.Sum() >= FewestRolls)
        {
            Terminal.Say($"{lines.Sum()} rolls");
        }

        return lines.Sum();
    }

    /// <summary>
    /// Adds a line, or takes the last one back. At a terminal a line with a slip is typed again; the others stay.
    /// </summary>
    private static void Take(Span<byte> line, Span<byte> rolls, Stack<int> lines)
    {
        if (line.SequenceEqual("-"u8))
        {
            lines.TryPop(out _);
            return;
        }

        var (start, length) = (lines.Sum(), 0);
        foreach (var one in line)
        {
            if (one is (byte)' ' or (byte)'\t')
            {
                continue;
            }

            if (one is < (byte)'1' or > (byte)'6' || start + length == rolls.Length)
            {
                var error = KmsException.Refused(
                    "the dice rolls hold something other than the digits 1 to 6",
                    "type digits, with or without blanks");
                if (!StandardInput.IsTerminal)
                {
                    throw error;
                }

                Terminal.Warn($"{error.Message}: this line was not taken, type it again");
                return;
            }

            rolls[start + length++] = one;
        }

        lines.Push(length);
    }

    /// <exception cref="KmsException">Too few rolls, or a bias that fair dice do not show.</exception>
    internal static void Check(ReadOnlySpan<byte> rolls)
    {
        if (rolls.Length < FewestRolls)
        {
            throw KmsException.Refused(
                $"{rolls.Length} dice rolls are too few, {FewestRolls} are needed",
                "start again, and go on rolling until there are enough");
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
            throw KmsException.Refused(
                "the dice rolls are biased: no fair die rolls like this", "roll a casino die, and type what it shows");
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

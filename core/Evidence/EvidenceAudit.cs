using System.Globalization;
using System.Numerics;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Evidence;

/// <summary>
/// Goes through an audit log line by line and proves again, from the lines and the approvers files alone, that people
/// said yes to what was signed.
/// Which rule a transaction falls under is the daemon's word: the line does not hold all that rules look at.
/// </summary>
public sealed class EvidenceAudit
{
    private readonly Dictionary<string, Approvers> files;
    private readonly List<string> problems = [];
    private bool isInForce;

    /// <summary>Starts with the approvers files that were in force at some time.</summary>
    public EvidenceAudit(IEnumerable<Approvers> files) =>
        this.files = files.DistinctBy(file => file.Digest).ToDictionary(file => file.Digest, StringComparer.Ordinal);

    /// <summary>What is wrong, in the order of the lines.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>Signatures whose evidence holds.</summary>
    public long Proved { get; private set; }

    /// <summary>Signatures without evidence from before an approvers file was in force.</summary>
    public long Without { get; private set; }

    /// <summary>Looks at the next line.</summary>
    public void Next(JsonElement line)
    {
        var (n, decision) = ("?", "");
        try
        {
            var json = new StrictObject(line, "the line");
            n = json.Integer("n", 0, long.MaxValue).ToString(CultureInfo.InvariantCulture);
            decision = json.String("decision");
            Look(json, decision);
        }
        catch (KmsException error) when (decision is "signing" or "")
        {
            problems.Add($"line {n} of the audit log: {error.Message}");
        }
    }

    private void Look(StrictObject json, string decision)
    {
        isInForce |= decision == EvidenceRecord.InForceDecision;
        if (decision != "signing")
        {
            return;
        }

        if (json.Optional("evidence") is { } evidence)
        {
            Prove(json, ApprovalEvidence.Read(evidence));
            Proved++;
            return;
        }

        if (isInForce)
        {
            throw KmsException.Refused("signed without evidence, and an approvers file was in force before");
        }

        Without++;
    }

    private void Prove(StrictObject json, ApprovalEvidence evidence)
    {
        var digest = json.String("approvers");
        if (!files.TryGetValue(digest, out var approvers))
        {
            throw KmsException.Refused($"approved under an approvers file that was not given, of the digest {digest}");
        }

        var question = new EvidenceQuestion(
            json.String("network") == "mainnet" ? Network.Mainnet : Network.Testnet,
            json.String("id"),
            json.String("request"),
            evidence.Number,
            json.OptionalString("transaction"),
            Fee(json));
        var said = EvidenceCheck.Verify(approvers, question, evidence, Time(json));
        var name = json.String("rule");
        var rule = approvers.Rules.FirstOrDefault(rule => rule.Name == name)
            ?? throw KmsException.Refused("approved under a rule that the approvers file does not have");
        var verdict = new QuorumVerdict(rule, Quorum.Counted(rule, said));
        if (!verdict.IsMet)
        {
            throw KmsException.Refused(EvidenceCheck.TooFew(rule, verdict));
        }

        if (!json.Array("people").Select(item => item.ToString()).SequenceEqual(verdict.Counted))
        {
            throw KmsException.Refused("the people it names are not those who said yes");
        }
    }

    private static DateTimeOffset Time(StrictObject json) =>
        DateTimeOffset.TryParse(json.String("time"), CultureInfo.InvariantCulture, out var time)
            ? time
            : throw json.Bad("time", "is no time");

    /// <summary>The most it could cost, in base units, as the line says it; null where it does not.</summary>
    private static BigInteger? Fee(StrictObject json)
    {
        if (json.OptionalString("fee") is not { } fee
            || json.OptionalInteger("feeDecimals", 0, 100) is not { } decimals)
        {
            return null;
        }

        var onTop = json.OptionalString("feeOnTop") ?? "0";
        return ExactDecimal.Units(fee, (int)decimals) is { } units
            && ExactDecimal.Units(onTop, (int)decimals) is { } more
                ? units + more
                : null;
    }
}

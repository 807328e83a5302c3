using System.Text.RegularExpressions;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Architecture;

/// <summary>
/// A class of core has a test that names it, or a line here: then what it does is seen through the class that uses it. Chains are tested through the
/// catalog (vectors, numbers, fuzzing), commands through their transcripts. The list only gets shorter.
/// </summary>
public static partial class NamedByTestsTests
{
    private const int Small = 40; // lines of a file

    private static readonly string[] NotYet =
    [
        "Allowance", "AnswerBudget", "Anomaly", "ApprovalAnswer", "ApprovalQuestion", "ApproverStep", "AssetLimit", "AwsSecretPlace",
        "AzureClient", "Bip32Branch", "Bip32Public", "Bip32Wallets", "BlobAnswer", "BlobContent", "BlobLease", "BoundedAnswers", "ChainRound",
        "CycleMemory", "CycleSums", "DamagedLine", "DecodedPending", "Delivery", "DisagreementException", "FailureReport", "FileStatus",
        "FullQuestion", "HandOver", "HeadRecord", "IdClaims", "JournalDamage", "JournalDelta", "JournalIndex", "JournalRecord", "JournalRepair",
        "KeptNote", "LegacyPurpose", "LibC", "LineLimit", "LocalWallet", "LogHead", "NumberSpan", "OwnFile", "PasswordVault", "PendingContent",
        "PendingReader", "PendingRecord", "PendingWork", "PeopleEncoder", "PolicyRecipients", "PolicyWindow", "Reservation", "SecretHex",
        "SecretJson", "SequenceState", "SettledPlace", "SignedAmounts", "SingleKeyWallets", "Slip10Wallets", "SoftwareKey", "StringifyEncoder",
        "TransactionAudit", "TransactionFiller", "TransactionReport", "VaultHttp", "VaultReply", "WalletHeader", "WalletKeys", "WalletSlot",
        "WithdrawalSum", "AccountNumbers", "Bip32Paths", "AddressType",
    ];

    [Fact]
    public static void Every_class_of_core_is_named_by_a_test_or_listed_here()
    {
        var words = Sources("tests").Where(path => Path.GetFileName(path) != "NamedByTestsTests.cs").SelectMany(path => Word().Matches(File.ReadAllText(path))).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        var missing =
            from path in Sources("core")
            where !path.Contains("/core/Chains/", StringComparison.Ordinal) && !path.Contains("/core/SecondReader/", StringComparison.Ordinal)
            let text = File.ReadAllText(path)
            where text.Count(character => character == '\n') > Small
            from Match type in Class().Matches(text)
            let name = type.Groups[1].Value
            where !words.Contains(name) && !NotYet.Contains(name)
            select $"no test names {name} of {Path.GetRelativePath(Peer.SourceRoot, path)}";
        Assert.Empty(missing);
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Peer.SourceRoot, folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/node_modules/", StringComparison.Ordinal));

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?m)^(?:public|internal) (?:(?:static|sealed|abstract|readonly|partial|unsafe|ref) )*(?:class|record struct|record|struct)\s+(\w+)")]
    private static partial Regex Class();
}

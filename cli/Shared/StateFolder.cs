using System.CommandLine;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Cli;

/// <summary>Where journal, audit log and policy counters live.</summary>
internal static class StateFolder
{
    internal static readonly Option<string?> Option = new("--state") { Description = "Folder of journal and audit log [default: TATUM_KMS_STATE, or state/ beside the wallet file]", HelpName = "DIR" };

    internal static string Of(Session session) => session.Arguments.GetValue(Option) ?? session.Settings["TATUM_KMS_STATE"]
        ?? (session.WalletPath.StartsWith("https://", StringComparison.Ordinal)
            ? throw new KmsException(Failure.Usage, "a daemon with its wallet file in a blob needs a state folder", "give it with --state")
            : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(session.WalletPath))!, "state"));

    /// <summary>What KMS_STATE_ID says, or null.</summary>
    internal static string? ExpectedId(Session session) => session.Settings["KMS_STATE_ID"];

    /// <summary>Takes the folder. Nobody else signs with it until it is given back.</summary>
    internal static LocalStateFolder Open(Session session) => new(Of(session), ExpectedId(session));

    internal static string Journal(string folder) => Path.Combine(folder, "journal.jsonl");

    internal static string Audit(string folder) => Path.Combine(folder, "audit.jsonl");
}

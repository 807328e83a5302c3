using System.CommandLine;
using KmsCloud.Errors;

namespace KmsCloud.Cli;

/// <summary>Where journal, audit log and policy counters live.</summary>
internal static class StateFolder
{
    internal static readonly Option<string?> Option = new("--state") { Description = "Folder of journal and audit log [default: TATUM_KMS_STATE, or state/ beside the wallet file]", HelpName = "DIR" };

    internal static string Of(Session session) => session.Arguments.GetValue(Option) ?? session.Settings["TATUM_KMS_STATE"]
        ?? (session.WalletPath.StartsWith("https://", StringComparison.Ordinal)
            ? throw new KmsException(Failure.Usage, "a daemon with its wallet file in a blob needs a state folder", "give it with --state")
            : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(session.WalletPath))!, "state"));

    internal static string Journal(string folder) => Path.Combine(folder, "journal.jsonl");

    internal static string Audit(string folder) => Path.Combine(folder, "audit.jsonl");
}

using System.CommandLine;
using System.Reflection;
using KmsCloud.Errors;
using KmsCloud.Primitives;

namespace KmsCloud.Cli.Commands;

internal static class VersionCommand
{
    private static readonly string[] Informational = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+');

    /// <summary>The version without the commit.</summary>
    internal static string Version => Informational[0];

    internal static Command Create()
    {
        var asJson = new Option<bool>("--json") { Description = "The same as --output json" };
        var form = new Option<string?>("--output") { Description = "Form of the result [default: text]", HelpName = "json|text" };
        form.AcceptOnlyFromAmong("json", "text");
        var command = new Command("version", "Print version, commit, build flavour, library versions and the self-test's result") { form, asJson };
        command.SetAction(arguments =>
        {
            var commit = Informational.Length > 1 ? Informational[1] : "unknown";
            var flavour = KmsRoot.EditionOf(arguments).Flavour;
            var selfTest = Passes();
            if (!arguments.GetValue(asJson) && arguments.GetValue(form) != "json")
            {
                Console.Out.WriteLine($"kms {Version} ({flavour}, {commit}), .NET {Environment.Version}, libsodium {NativeVersions.Sodium}, libsecp256k1 {NativeVersions.Secp256k1}, self-test {(selfTest ? "passed" : "FAILED")}");
                return selfTest ? 0 : (int)Failure.Internal;
            }

            Terminal.PrintJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("version", Version);
                json.WriteString("commit", commit);
                json.WriteString("flavour", flavour);
                json.WriteString("runtime", Environment.Version.ToString());
                json.WriteStartObject("libraries");
                json.WriteString("libsodium", NativeVersions.Sodium);
                json.WriteString("libsecp256k1", NativeVersions.Secp256k1);
                json.WriteEndObject();
                json.WriteString("selfTest", selfTest ? "passed" : "failed");
                json.WriteEndObject();
            });
            return selfTest ? 0 : (int)Failure.Internal;
        });
        return command;
    }

    private static bool Passes()
    {
        try
        {
            SelfTest.Run();
            return true;
        }
        catch (KmsException)
        {
            return false;
        }
    }
}

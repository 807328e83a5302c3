using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using KmsCloud.Chains;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Signing;
using KmsCloud.Wallets;

namespace KmsCloud.Cli.Commands;

/// <summary>kms show: what an approver's page shows, found out again on another machine.</summary>
internal static class ShowCommand
{
    internal static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "A pending transaction as the gateway lists it",
            HelpName = "PENDING.json",
        };
        var index = new Option<string?>("--public")
        {
            Description = "Index of public keys, of: kms export --public [default: the wallet file]",
            HelpName = "FILE",
        };
        var digest = new Option<bool>("--digest") { Description = "Print the digests alone" };
        var command = new Command(
            "show", "Show what a pending transaction does, and the digests that an approver shows")
        {
            file, index, digest,
        };
        foreach (var option in ChainChoices.Options)
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            var session = new Session(arguments);
            var element = Read(arguments.GetRequiredValue(file));
            var pending = PendingJson.Read(element, anyId: true);
            var context = ChainChoices.Context(session);
            if (arguments.GetValue(index) is { } path)
            {
                Show(pending, Decode(pending, LoadIndex(path).Find, context), arguments.GetValue(digest));
                return 0;
            }

            using var store = session.OpenStore();
            Show(pending, Decode(pending, store.Find, context), arguments.GetValue(digest));
            return 0;
        });
        return command;
    }

    private static JsonElement Read(string path) =>
        StrictJson.Parse(Bytes(path, "check its name"), "the pending transaction");

    private static PublicIndex LoadIndex(string path)
    {
        try
        {
            return PublicIndex.Read(Bytes(path, "check --public"), ChainCatalog.WalletsOf);
        }
        catch (KmsException error) when (error.Failure is Failure.Refused)
        {
            throw new KmsException(
                Failure.Usage,
                $"'{path}' is no index of public keys: {error.Message}",
                "make it with: kms export --public",
                error);
        }
    }

    private static byte[] Bytes(string path, string hint)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(Failure.Usage, $"'{path}' cannot be read", hint, error);
        }
    }

    private static UnsignedTransaction Decode(
        PendingTransaction pending, Func<string, IWalletKeys?> wallets, SigningContext context)
    {
        var chain = ChainCatalog.Get(pending.Chain);
        chain.Info.RequireSize(pending);
        return chain.Decode(pending, KeyMatch.Find(pending, wallets, context.Network), context);
    }

    private static void Show(PendingTransaction pending, UnsignedTransaction draft, bool digestsAlone)
    {
        Terminal.PrintJson(json =>
        {
            json.WriteStartObject();
            if (!digestsAlone)
            {
                json.WriteString("id", pending.Id);
                json.WriteStartObject("summary");
                SummaryJson.WriteSigners(json, draft.Summary, pending.SignatureIds);
                SummaryJson.Write(json, draft.Summary);
                json.WriteEndObject();
            }

            json.WriteString("requestDigest", Hex.Lower(SHA256.HashData(CanonicalJson.Bytes(pending.Raw))));
            json.WriteString(
                "transactionDigest", draft.Missing.Count == 0 ? new CompleteTransaction(draft).Digest : null);
            json.WriteEndObject();
        });
        if (draft.Missing.Count > 0)
        {
            Terminal.Say(
                "the daemon fills in what the request leaves open (nonce, price …), so the transaction has no digest "
                + "yet; the request has one");
        }
    }
}

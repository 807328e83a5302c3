using System.Text;
using Azure.Core;
using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Cloud;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Cloud;

/// <summary>An insider with all rights on the storage account and none on the vault: every blob of the state older, deleted, emptied, changed, or another's.</summary>
public sealed class BlobTamperTests(BlobTamperTests.World world) : IClassFixture<BlobTamperTests.World>
{
    private static readonly string[] Logs = ["journal.jsonl.00000", "policy.jsonl.00000", "audit.jsonl.00000"];
    private static readonly string[] Heads = ["state.head", "audit.head"];

    public static TheoryData<string, string> Matrix()
    {
        var matrix = new TheoryData<string, string>();
        foreach (var blob in Logs.Concat(Heads))
        {
            foreach (var how in new[] { "older", "deleted", "emptied", "a line more", "a line less", "the first line away", "a line changed", "another state's" })
            {
                if (Logs.Contains(blob) || !how.Contains("line", StringComparison.Ordinal) || how == "a line changed")
                {
                    matrix.Add(blob, how);
                }
            }
        }

        foreach (var how in new[] { "older", "deleted" })
        {
            matrix.Add("journal.jsonl.00000 state.head", how);
            matrix.Add("policy.jsonl.00000 state.head", how);
            matrix.Add("journal.jsonl.00000 policy.jsonl.00000 state.head", how);
            matrix.Add("audit.jsonl.00000 audit.head", how);
            matrix.Add("audit.jsonl.00000 audit.head journal.jsonl.00000", how);
        }

        return matrix;
    }

    [Theory, MemberData(nameof(Matrix))]
    public void What_was_changed_does_not_open(string blobs, string how)
    {
        var container = world.Azurite.Make($"state-{Guid.NewGuid():N}");
        world.Write(container, "default", "id-1", "id-2");
        var older = world.Read(container, "default");
        world.Write(container, "default", "id-3");
        world.Write(container, "other", "id-1", "id-5", "id-6");
        var (now, others) = (world.Read(container, "default"), world.Read(container, "other"));
        foreach (var blob in blobs.Split(' '))
        {
            world.Put(container, $"default/{blob}", Changed(now[blob], how, older[blob], others[blob]), blob);
        }

        var error = Assert.Throws<KmsException>(() => world.Write(container, "default"));
        Assert.Equal(Failure.WalletFile, error.Failure);
        Shown.Line("state in a container, changes that are seen", $"{blobs}: {how}: {error.Message}");
    }

    [Fact]
    public void What_was_not_changed_opens_again_and_again()
    {
        var container = world.Azurite.Make($"state-{Guid.NewGuid():N}");
        world.Write(container, "default", "id-1");
        world.Write(container, "default", "id-2");
        world.Write(container, "default");
    }

    /// <summary>Null for deleted.</summary>
    private static byte[]? Changed(byte[] now, string how, byte[] older, byte[] others)
    {
        var lines = Encoding.UTF8.GetString(now).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return how switch
        {
            "older" => older,
            "deleted" => null,
            "emptied" => [],
            "a line more" => Lines([.. lines, lines[^1]]),
            "a line less" => Lines(lines[..^1]),
            "the first line away" => Lines(lines[1..]),
            "a line changed" => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(now).Replace("id-1", "id-9", StringComparison.Ordinal).Replace("\"head\"", "\"haed\"", StringComparison.Ordinal).Replace("\"counter\"", "\"countre\"", StringComparison.Ordinal)),
            _ => others,
        };
    }

    private static byte[] Lines(string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    /// <summary>A storage account and a wallet file for all of them.</summary>
    public sealed class World : IDisposable
    {
        private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);
        private readonly CloudNames names = new();
        private readonly TempFolder folder = new();
        private readonly SecretBytes password = SecretBytes.FromString("canary-password-77aa");
        private readonly WalletStore store;

        public World()
        {
            Azurite = new(names);
            using (var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password, new PasswordCost(1, 8192)))
            {
                edit.Add(ChainCatalog.Get("ETH").Wallets.GenerateKey(Network.Testnet));
                edit.Save();
            }

            store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        }

        internal AzuriteServer Azurite { get; }

        public void Dispose()
        {
            store.Dispose();
            Azurite.Dispose();
            names.Dispose();
            folder.Dispose();
            password.Dispose();
        }

        /// <summary>Opens the state and signs.</summary>
        internal void Write(Uri container, string owner, params string[] ids)
        {
            using var state = new BlobStateFolder(Azurite.Store, container, owner, [], Life, TimeProvider.System);
            using var books = StateBooks.Open(state, store, TimeProvider.System);
            var policy = books.OpenPolicyLog();
            _ = policy.ReadLines().Count();
            foreach (var id in ids)
            {
                Note(books.Audit, "signing", id);
                policy.AppendAsync([Encoding.UTF8.GetBytes($$"""{"key":"{{id}}"}""")]).GetAwaiter().GetResult();
                var pending = new PendingTransaction { Id = id, Chain = "ETH", SerializedTransaction = "{}" };
                books.Journal.RecordSignedAsync(pending, "00", new SignedTransaction("0x" + id, "0xab")).GetAwaiter().GetResult();
                Note(books.Audit, "broadcast", id);
            }
        }

        internal Dictionary<string, byte[]> Read(Uri container, string owner) =>
            Logs.Concat(Heads).ToDictionary(blob => blob, blob => Encoding.UTF8.GetBytes(Azurite.Text(BlobStore.Below(container, $"{owner}/{blob}"))));

        internal void Put(Uri container, string name, byte[]? content, string blob)
        {
            var url = BlobStore.Below(container, name);
            using (var deleted = Azurite.Rest.Send(RequestMethod.Delete, url))
            {
                Assert.Equal(202, deleted.Status);
            }

            if (content is null)
            {
                return;
            }

            var isLog = Logs.Contains(blob);
            using (var made = Azurite.Rest.Send(RequestMethod.Put, url, request =>
            {
                request.Headers.SetValue("x-ms-blob-type", isLog ? "AppendBlob" : "BlockBlob");
                request.Content = RequestContent.Create(isLog ? [] : content);
            }))
            {
                Assert.Equal(201, made.Status);
            }

            if (isLog && content.Length > 0)
            {
                using var appended = Azurite.Rest.Send(RequestMethod.Put, new(url.AbsoluteUri + "?comp=appendblock"), request => request.Content = RequestContent.Create(content));
                Assert.Equal(201, appended.Status);
            }
        }

        private static void Note(AuditLog audit, string decision, string id) => audit.AppendAsync(json =>
        {
            json.WriteString("decision", decision);
            json.WriteString("id", id);
        }).GetAwaiter().GetResult();
    }
}

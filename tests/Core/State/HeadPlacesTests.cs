using KmsCloud.Chains;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.State;

/// <summary>A freeze that a daemon has seen, undone without the password: the head has two places, and only one of them knows of it.</summary>
public sealed class HeadPlacesTests : IDisposable
{
    private readonly CycleWorld world = new();
    private readonly TempFolder folder = new();
    private readonly SecretBytes password;

    public HeadPlacesTests() => password = SecretBytes.FromString(world.Password);

    private string State => folder.File("state");

    public void Dispose()
    {
        world.Dispose();
        folder.Dispose();
        password.Dispose();
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task A_freeze_that_a_daemon_has_seen_outlives_its_note_and_a_place_of_the_head(bool spoilsHead, bool hasHistory)
    {
        world.Add("ETH", "native-transfer-private-key");
        await DaemonAsync(2);
        var signedBefore = world.Broadcasts.Count();
        world.Pending["ETH"].Clear();
        await DaemonAsync(3, () =>
        {
            new Freeze(State).Set("a key is stolen", "alice", TimeProvider.System.GetUtcNow());
            if (hasHistory)
            {
                new FreezeHistory(State).Add("frozen", "alice", "a key is stolen", TimeProvider.System.GetUtcNow());
            }
        });

        // the attacker: takes the note away, and spoils the place of the head that says frozen
        File.Delete(Path.Combine(State, "frozen.json"));
        File.Delete(Path.Combine(State, "frozen.json.bak"));
        var head = Path.Combine(State, "state.head");
        var bytes = File.ReadAllBytes(head);
        var places = bytes.Length / StateHead.Size;
        var frozen = Enumerable.Range(0, places).Where(place => System.Text.Encoding.ASCII.GetString(bytes, place * StateHead.Size, StateHead.Size).Contains("frozen", StringComparison.Ordinal)).ToList();
        if (spoilsHead)
        {
            foreach (var place in frozen.Take(places - 1))
            {
                bytes.AsSpan(place * StateHead.Size, StateHead.Size).Clear();
            }

            File.WriteAllBytes(head, bytes);
        }

        var said = "";
        try
        {
            using var store = WalletStore.Open(world.WalletPath, password, ChainCatalog.WalletsOf);
            using var local = new LocalStateFolder(State);
            using var books = StateBooks.Open(local, store, TimeProvider.System);
            said = new Freeze(State, books.Head).Reason ?? "THAWED";
        }
        catch (KmsCloud.Errors.KmsException error)
        {
            said = error.Message;
        }

        Assert.True(said != "THAWED", $"nothing is frozen any more; {frozen.Count} of {places} places of the head knew of it; signed before: {signedBefore}");
    }

    // The same for a key that was removed: the running daemon has taken the new file over, and the head has it in one place.
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_removed_key_stays_removed_when_a_daemon_has_taken_the_new_file_over(bool spoilsHead)
    {
        world.Add("ETH", "native-transfer-private-key");
        await DaemonAsync(2);
        var old = File.ReadAllBytes(world.WalletPath);
        await world.WithServicesAsync(async plain =>
        {
            using var local = new LocalStateFolder(State);
            using var books = StateBooks.Open(local, plain.Wallets, TimeProvider.System);
            var services = plain with { Journal = books.Journal, Audit = books.Audit, Head = books.Head, Freeze = new(State, books.Head) };
            var cycle = new SigningCycle(services, world.Options with { Chains = ["ETH"] });
            await cycle.RunOnceAsync(CancellationToken.None);
            using (var edit = WalletEdit.OpenOrCreate(world.WalletPath, password, new PasswordCost(1, 8192)))
            {
                edit.Contents.Remove(edit.Contents.Entries.Keys.First());
                edit.Save();
            }

            Assert.True(services.ReloadWallets());
            await cycle.RunOnceAsync(CancellationToken.None);
            await books.Journal.DrainAsync();
            return 0;
        });

        File.WriteAllBytes(world.WalletPath, old);
        if (spoilsHead)
        {
            var head = Path.Combine(State, "state.head");
            var bytes = File.ReadAllBytes(head);
            var newest = Enumerable.Range(0, bytes.Length / StateHead.Size).MaxBy(place =>
                System.Text.Json.JsonDocument.Parse(System.Text.Encoding.ASCII.GetString(bytes, place * StateHead.Size, StateHead.Size).Trim()).RootElement.GetProperty("generation").GetInt64());
            bytes.AsSpan(newest * StateHead.Size, StateHead.Size).Clear();
            File.WriteAllBytes(head, bytes);
        }

        var broadcasts = world.Broadcasts.Count();
        var pending = System.Text.Json.Nodes.JsonNode.Parse(Vectors.Case("ETH", "signing", "native-transfer-private-key").GetProperty("pending").GetRawText())!;
        pending["id"] = "00112233445566778899aabb";
        world.List("ETH", pending.ToJsonString());
        var said = "";
        try
        {
            await DaemonAsync(1);
        }
        catch (KmsCloud.Errors.KmsException error)
        {
            said = error.Message;
        }

        Assert.True(world.Broadcasts.Count() == broadcasts, $"the removed key signed and broadcast; '{said}'");
    }

    // The last line of the audit log, erased: the same step back in both records.
    [Fact]
    public async Task The_last_line_of_the_audit_log_cannot_be_taken_away()
    {
        world.Add("ETH", "native-transfer-private-key");
        await DaemonAsync(1);
        var audit = Path.Combine(State, "audit.jsonl");
        var lines = File.ReadAllLines(audit);
        var opened = new List<string>();
        var names = new[] { "state.head", KmsCloud.Audit.AuditHead.RecordName };
        var files = names.Append("audit.jsonl").ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(State, name)));
        foreach (var (first, second) in new[] { (0, 0), (0, 1), (1, 0), (1, 1) })
        {
            foreach (var (name, bytes) in files)
            {
                File.WriteAllBytes(Path.Combine(State, name), bytes);
            }

            File.WriteAllText(audit, string.Concat(lines[..^1].Select(line => line + "\n")));
            Spoil(names[0], first);
            Spoil(names[1], second);
            try
            {
                using var store = WalletStore.Open(world.WalletPath, password, ChainCatalog.WalletsOf);
                using var local = new LocalStateFolder(State);
                using var books = StateBooks.Open(local, store, TimeProvider.System);
                opened.Add($"{first}{second}");
            }
            catch (KmsCloud.Errors.KmsException)
            {
                // as it should be
            }
        }

        Assert.True(opened.Count == 0, $"opens without its last line: {lines[^1]}");
    }

    private void Spoil(string name, int place)
    {
        var path = Path.Combine(State, name);
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(place * (bytes.Length / 2), bytes.Length / 2).Clear();
        File.WriteAllBytes(path, bytes);
    }

    private Task<int> DaemonAsync(int rounds, Action? meanwhile = null) => world.WithServicesAsync(async plain =>
    {
        using var store = WalletStore.Open(world.WalletPath, password, ChainCatalog.WalletsOf);
        using var local = new LocalStateFolder(State);
        using var books = StateBooks.Open(local, store, TimeProvider.System);
        var cycle = new SigningCycle(plain with { Journal = books.Journal, Audit = books.Audit, Head = books.Head, Freeze = new(State, books.Head) }, world.Options with { Chains = ["ETH"] });
        for (var round = 0; round < rounds; round++)
        {
            await cycle.RunOnceAsync(CancellationToken.None);
            if (round == 0)
            {
                meanwhile?.Invoke();
            }
        }

        await books.Journal.DrainAsync();
        return 0;
    });
}

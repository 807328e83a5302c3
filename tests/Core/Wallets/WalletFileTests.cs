using System.Text;
using System.Text.Json;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Store;

/// <summary>wallet.dat, version 1: whole or refused.</summary>
public static class WalletFileTests
{
    private static readonly PasswordCost Cheap = new(1, 8192);
    private static readonly byte[] Password = "correct horse battery staple"u8.ToArray();

    [Fact]
    public static void Opens_what_it_wrote()
    {
        var bytes = Small(out var id);
        var (file, contents) = WalletFile.Open(SecretBytes.Copy(bytes), Password);
        using (file)
        using (contents)
        {
            Assert.Equal(1, file.Generation);
            Assert.Equal(id, Assert.Single(contents.Entries).Key);
            Assert.Equal("0x0101010101010101010101010101010101010101010101010101010101010101", contents.Entries[id].PrivateKey!.Reveal());
        }
    }

    [Fact]
    public static void Refuses_a_flipped_bit_at_every_offset()
    {
        var bytes = Small(out _);
        for (var at = 0; at < bytes.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var bent = bytes.ToArray();
                bent[at] ^= (byte)(1 << bit);
                Refused(bent);
            }
        }
    }

    [Fact]
    public static void Refuses_a_cut_at_every_length_and_anything_behind()
    {
        var bytes = Small(out _);
        for (var length = 0; length < bytes.Length; length++)
        {
            Refused(bytes[..length]);
        }

        Refused([.. bytes, 0]);
    }

    [Fact]
    public static void Says_when_a_newer_version_wrote_it()
    {
        var text = Encoding.Latin1.GetString(Small(out _)).Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal);
        var error = Assert.Throws<KmsException>(() => WalletFile.Open(SecretBytes.Copy(Encoding.Latin1.GetBytes(text)), Password));
        Assert.Equal(Failure.WalletFile, error.Failure);
        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
    }

    [Theory] // limits are checked before memory is spent
    [InlineData("\"memlimit\":8192", "\"memlimit\":4294967297")]
    [InlineData("\"opslimit\":1", "\"opslimit\":1001")]
    [InlineData("\"generation\":1", "\"generation\":0")]
    [InlineData("aes-256-gcm", "aes-128-gcm")]
    [InlineData("argon2id", "argon2iD")]
    [InlineData("kmscloud-wallet", "kmscloud-walle7")]
    public static void Refuses_a_header_beyond_its_limits(string from, string to)
    {
        var text = Encoding.Latin1.GetString(Small(out _)).Replace(from, to, StringComparison.Ordinal);
        Assert.Equal(Failure.WalletFile, Assert.Throws<KmsException>(() => WalletFile.Open(SecretBytes.Copy(Encoding.Latin1.GetBytes(text)), Password)).Failure);
    }

    [Fact]
    public static void Says_wrong_password() => Assert.Equal(
        Failure.WrongPassword, Assert.Throws<KmsException>(() => WalletFile.Open(SecretBytes.Copy(Small(out _)), "another"u8)).Failure);

    [Fact]
    public static void A_new_password_leaves_the_old_one_useless()
    {
        using var contents = new WalletContents();
        using var file = WalletFile.New(Password, Cheap);
        file.Write(contents);
        file.ChangePassword("the new one"u8, Cheap);
        var bytes = file.Write(contents);
        Assert.Equal(Failure.WrongPassword, Assert.Throws<KmsException>(() => WalletFile.Open(SecretBytes.Copy(bytes), Password)).Failure);
        var (again, empty) = WalletFile.Open(SecretBytes.Copy(bytes), "the new one"u8);
        again.Dispose();
        empty.Dispose();
    }

    [Fact]
    public static void A_new_password_takes_the_old_data_key_away_and_keeps_the_keys_for_other_purposes()
    {
        using var contents = new WalletContents();
        using var file = WalletFile.New(Password, Cheap);
        var before = file.Write(contents);
        using var mac = file.PurposeKey("kmscloud audit mac v1"u8);
        for (var change = 0; change < 2; change++)
        {
            var (old, nothing) = WalletFile.Open(SecretBytes.Copy(before), change == 0 ? Password : "number 0"u8);
            file.ChangePassword(change == 0 ? "number 0"u8 : "number 1"u8, Cheap);
            var after = file.Write(contents);
            Assert.Throws<KmsException>(() => old.Read(SecretBytes.Copy(after))); // with the data key of the copy made before
            var (again, empty) = WalletFile.Open(SecretBytes.Copy(after), change == 0 ? "number 0"u8 : "number 1"u8);
            using var same = again.PurposeKey("kmscloud audit mac v1"u8);
            Assert.Equal(mac.Span, same.Span);
            (old as IDisposable).Dispose();
            nothing.Dispose();
            again.Dispose();
            empty.Dispose();
            before = after;
        }
    }

    [Fact]
    public static void Slots_that_would_take_for_ever_or_share_an_id_are_refused_before_any_memory_is_spent()
    {
        var text = Encoding.Latin1.GetString(Small(out _));
        var slot = text[(text.IndexOf("[{", StringComparison.Ordinal) + 1)..text.IndexOf("}]", StringComparison.Ordinal)] + "}";
        var many = string.Join(',', Enumerable.Range(0, 16).Select(number => slot.Replace("password-1", $"password-{number}", StringComparison.Ordinal)
            .Replace("\"opslimit\":1,", "\"opslimit\":1000,", StringComparison.Ordinal).Replace("\"memlimit\":8192", "\"memlimit\":4294967296", StringComparison.Ordinal)));
        foreach (var slots in new[] { many, slot + "," + slot })
        {
            var changed = text.Replace(slot, slots, StringComparison.Ordinal);
            Assert.NotEqual(text, changed);
            Assert.Equal(Failure.WalletFile, Assert.Throws<KmsException>(() => WalletFile.Open(SecretBytes.Copy(Encoding.Latin1.GetBytes(changed)), Password)).Failure);
        }
    }

    [Fact]
    public static void No_content_key_is_used_twice()
    {
        using var contents = new WalletContents();
        using var file = WalletFile.New(Password, Cheap);
        Assert.NotEqual(Salt(file.Write(contents)), Salt(file.Write(contents)));
    }

    [Fact]
    public static void An_independent_program_opens_it_from_the_description_alone()
    {
        using var folder = new TempFolder();
        using var password = SecretBytes.Copy(Password);
        using (var edit = WalletEdit.OpenOrCreate(folder.File("wallet.dat"), password)) // the real cost
        {
            edit.Add(Entry());
            edit.Save();
        }

        var run = Run.Program("/usr/bin/python3", [Path.Combine(Peer.Scripts, "open_wallet.py"), folder.File("wallet.dat"), Encoding.UTF8.GetString(Password)]);
        Assert.SkipWhen(run.Error.Contains("ModuleNotFoundError", StringComparison.Ordinal), "NOT CHECKED: python3-argon2 or python3-cryptography is not installed");
        Assert.True(run.ExitCode == 0, run.Error);
        var entry = JsonDocument.Parse(run.Output).RootElement.EnumerateObject().Single().Value;
        Assert.Equal("ETH", entry.GetProperty("chain").GetString());
        Assert.True(entry.GetProperty("testnet").GetBoolean());
        Assert.StartsWith("0x01", entry.GetProperty("privateKey").GetString(), StringComparison.Ordinal);
    }

    internal static WalletEntry Entry(string chain = "ETH", Network network = Network.Testnet) => new()
    {
        Chain = chain,
        Network = network,
        PrivateKey = SecretBytes.FromString("0x" + string.Concat(Enumerable.Repeat("01", 32))),
    };

    [Fact]
    public static void Lists_ids_by_chain_in_the_order_of_storing_whatever_comes_between()
    {
        using var contents = new WalletContents();
        foreach (var (id, chain, network) in new[]
        {
            ("a", "ETH", Network.Testnet), ("b", "BTC", Network.Testnet), ("c", "ETH", Network.Testnet), ("d", "ETH", Network.Mainnet), ("e", "ETH", Network.Testnet),
        })
        {
            contents.Add(id, Entry(chain, network));
        }

        Assert.True(contents.Remove("c"));
        Assert.False(contents.Remove("c"));
        contents.Add("c", Entry("ETH", Network.Testnet));
        using var file = WalletFile.New(Password, Cheap);
        using var again = file.Read(SecretBytes.Copy(file.Write(contents)));
        foreach (var one in new[] { contents, again })
        {
            Assert.Equal(["a", "e", "c"], one.IdsByChain[("ETH", Network.Testnet)]);
            Assert.Equal(["d"], one.IdsByChain[("ETH", Network.Mainnet)]);
            Assert.Equal(["b"], one.IdsByChain[("BTC", Network.Testnet)]);
        }
    }

    [Theory]
    [InlineData("""{"a":{"privateKey":"0x01","testnet":true,"chain":"ETH"}}""", true)]
    [InlineData("""{"\u0061":{"private\u004bey":"0x01","t\u0065stnet":true,"ch\u0061in":"\u0045TH"}}""", true)]
    [InlineData("""{"a":{"privateKey":"0x01","testnet":true,"chain":"ETH","ch\u0061in":"ETH"}}""", false)]
    [InlineData("""{"a":{"privateKey":"0x01","testnet":true,"chain":"ETH","chainX":"ETH"}}""", false)]
    [InlineData("""{"a":{"privateKey":"0x01","testnet":true,"Chain":"ETH"}}""", false)]
    public static void Reads_contents_however_their_text_is_escaped_and_each_member_once(string json, bool valid)
    {
        using var contents = WalletContents.TryRead(SecretBytes.FromString(json));
        Assert.Equal(valid ? ["a"] : null, contents?.IdsByChain[("ETH", Network.Testnet)]);
        Assert.Equal(valid ? "0x01" : null, contents?.Entries["a"].PrivateKey!.Reveal());
    }

    [Fact]
    public static void An_id_that_is_there_twice_is_named_however_it_is_escaped()
    {
        const string json = """{"a":{"privateKey":"0x01","testnet":true,"chain":"ETH"},"\u0061":{"privateKey":"0x02","testnet":true,"chain":"ETH"}}""";
        Assert.Contains("'a' twice", Assert.Throws<KmsException>(() => WalletContents.TryRead(SecretBytes.FromString(json))).Message, StringComparison.Ordinal);
    }

    private static byte[] Small(out string id)
    {
        using var contents = new WalletContents();
        contents.Add(id = "11111111-2222-3333-4444-555555555555", Entry());
        using var file = WalletFile.New(Password, Cheap);
        return file.Write(contents);
    }

    private static string Salt(byte[] bytes) => JsonDocument.Parse(bytes.AsMemory(0, bytes.AsSpan().IndexOf((byte)'\n'))).RootElement.GetProperty("contentSalt").GetString()!;

    private static void Refused(byte[] bytes)
    {
        var error = Assert.Throws<KmsException>(() => WalletFile.Open(SecretBytes.Copy(bytes), Password));
        Assert.Contains(error.Failure, new[] { Failure.WalletFile, Failure.WrongPassword });
    }
}

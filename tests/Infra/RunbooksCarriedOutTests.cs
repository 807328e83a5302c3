using System.Text.RegularExpressions;
using System.Xml.Linq;
using Azure.Core;
using KmsCloud.Cloud;
using KmsCloud.Tests.Support;
using KmsCloud.Tests.Support.Cloud;

namespace KmsCloud.Tests.Infra;

/// <summary>"An operator's copy" of docs/cloud.md, "Restore wallet.dat from a version" and "Rotate the password" of infra/README.md, carried out as they are written.</summary>
public sealed partial class RunbooksCarriedOutTests : IDisposable
{
    private const string Policy = """{"version":1,"requireVerifiedFee":false,"rules":[{"name":"eth","chains":["ETH"],"recipients":"any","assets":{"ETH":{"perDay":"1000"}}}]}""";
    private readonly CloudWorld cloud = new();
    private readonly TempFolder folder = new();

    public void Dispose()
    {
        cloud.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Reads_and_verifies_what_the_function_wrote()
    {
        await SignOneAsync();
        Copy();
        Assert.Contains("\"chain\": \"ETH\"", Kms("journal", "list", "--state", "state").Output, StringComparison.Ordinal);
        var verified = Kms("audit", "verify", "--state", "state", "--azure", "--path", cloud.Wallet.AbsoluteUri);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        Assert.Contains("nothing is behind", Kms("state", "accept-restore", "--state", "state", "--azure", "--path", cloud.Wallet.AbsoluteUri).Error, StringComparison.Ordinal);
        File.Delete(folder.File("state/policy.jsonl")); // a copy without it would take the windows of the policy for empty
        Assert.Contains("policy.jsonl", Kms(["state", "accept-restore", "--state", "state", "--azure", "--path", cloud.Wallet.AbsoluteUri], "no\n").Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_wallet_file_is_refused_until_the_copy_has_taken_it_and_is_put_back()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        var old = Blob(cloud.Wallet);
        Assert.Equal(0, Kms("generatemanagedwallet", "BTC", "--testnet", "--azure", "--path", cloud.Wallet.AbsoluteUri).ExitCode); // a newer generation
        await TickAsync(isGood: true);
        Put(cloud.Wallet, old, "BlockBlob");
        await TickAsync(isGood: false);
        Copy();
        var taken = Kms(["state", "accept-restore", "--state", "state", "--azure", "--path", cloud.Wallet.AbsoluteUri], "accept\n");
        Assert.True(taken.ExitCode == 0, taken.Error);
        PutBack();
        await TickAsync(isGood: true);
    }

    [Fact]
    public async Task A_running_app_goes_on_when_file_and_vault_have_the_new_password()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        using var host = new FunctionsHost(cloud.Package(), cloud.Settings());
        await host.StartAsync();
        Assert.True((await host.TickAsync()).IsSuccess);
        var made = Run.Program("/bin/bash", ["-euc", "umask 077\n" + Line("Rotate the password", "openssl ")], folder: folder.Root);
        Assert.True(made.ExitCode == 0, made.Error);
        var password = File.ReadAllText(folder.File("new.txt"));
        Assert.Equal(44, password.Length); // and no newline, which the vault would keep
        var changed = Kms([.. Line("Rotate the password", "kms passwd ").Replace("https://ACCOUNT.blob.core.windows.net/kms-wallet/wallet.dat", cloud.Wallet.AbsoluteUri, StringComparison.Ordinal).Split(' ')[1..]]);
        Assert.True(changed.ExitCode == 0, changed.Error);
        var between = await host.TickAsync();
        Assert.False(between.IsSuccess);
        Assert.Contains("Wrong password.", between.Text + string.Concat(host.Output), StringComparison.Ordinal);
        cloud.Vault.Secrets["kms-password"] = [.. cloud.Vault.Secrets["kms-password"], password]; // az keyvault secret set
        var after = await host.TickAsync();
        Assert.True(after.IsSuccess, after.Text);
        Assert.Equal(0, Kms("verify", "--azure", "--path", cloud.Wallet.AbsoluteUri).ExitCode);
    }

    /// <summary>A line of a runbook.</summary>
    private static string Line(string runbook, string begins)
    {
        var text = File.ReadAllText(Path.Combine(Bicep.Folder, "README.md"));
        var section = text[text.IndexOf($"\n## {runbook}\n", StringComparison.Ordinal)..];
        return section.Split('\n').Select(line => line.Trim()).First(line => line.StartsWith(begins, StringComparison.Ordinal));
    }

    private async Task SignOneAsync()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.Upload();
        await TickAsync(isGood: true);
    }

    private async Task TickAsync(bool isGood)
    {
        File.WriteAllText(folder.File("policy.json"), Policy);
        using var host = new FunctionsHost(cloud.Package(), cloud.Settings([("KMS_STATE_NAME", "main"), ("KMS_POLICY", folder.File("policy.json"))]));
        await host.StartAsync();
        var tick = await host.TickAsync();
        Assert.True(tick.IsSuccess == isGood, tick.Text);
        await host.StopAsync();
    }

    /// <summary>The page's first block: what az does is done here, the rest by a shell as it is written.</summary>
    private void Copy()
    {
        var block = Blocks()[0];
        Assert.Matches("^az storage blob download-batch .* --source kms-state --pattern 'NAME/\\*' --destination copy$", block[0]);
        foreach (var name in Names())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File("copy/" + name))!);
            File.WriteAllBytes(folder.File("copy/" + name), Blob(BlobStore.Below(cloud.State, name)));
        }

        var lines = block[1..].TakeWhile(line => !line.StartsWith("kms ", StringComparison.Ordinal));
        var run = Run.Program("/bin/bash", ["-euc", string.Join('\n', lines).Replace("NAME", "main", StringComparison.Ordinal)], folder: folder.Root);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    /// <summary>The page's second block: each upload and deletion of it.</summary>
    private void PutBack()
    {
        var block = Blocks()[1].Select(line => line.Replace("NAME", "main", StringComparison.Ordinal)).ToList();
        var uploads = block.Select(line => Upload().Match(line)).Where(match => match.Success).ToList();
        Assert.Equal(5, uploads.Count);
        foreach (var upload in uploads)
        {
            var file = folder.File(upload.Groups["file"].Value);
            Put(BlobStore.Below(cloud.State, upload.Groups["name"].Value), File.ReadAllBytes(file), upload.Groups["type"].Value == "append" ? "AppendBlob" : "BlockBlob");
        }
    }

    private static List<string[]> Blocks()
    {
        var text = File.ReadAllText(Path.Combine(CloudWorld.Repository, "docs", "cloud.md"));
        var section = text[text.IndexOf("## An operator's copy", StringComparison.Ordinal)..text.IndexOf("## Scale out", StringComparison.Ordinal)];
        return [.. Fence().Matches(section).Select(match => match.Groups[1].Value.TrimEnd().Split('\n'))];
    }

    private List<string> Names()
    {
        using var response = cloud.Azurite.Rest.Send(RequestMethod.Get, new(cloud.State.AbsoluteUri + "?restype=container&comp=list"));
        Assert.Equal(200, response.Status);
        return [.. XDocument.Parse(response.Content.ToString().TrimStart('\uFEFF')).Descendants("Blob").Select(blob => blob.Element("Name")!.Value).Where(name => name.StartsWith("main/", StringComparison.Ordinal))];
    }

    private byte[] Blob(Uri url)
    {
        using var response = cloud.Azurite.Rest.Send(RequestMethod.Get, url);
        Assert.Equal(200, response.Status);
        return response.Content.ToArray();
    }

    private void Put(Uri url, byte[] content, string type)
    {
        using var made = cloud.Azurite.Rest.Send(RequestMethod.Put, url, request =>
        {
            request.Headers.SetValue("x-ms-blob-type", type);
            request.Content = RequestContent.Create(type == "AppendBlob" ? [] : content);
        });
        Assert.True(made.Status == 201, $"{url} {made.Status}");
        if (type == "AppendBlob" && content.Length > 0)
        {
            using var appended = cloud.Azurite.Rest.Send(RequestMethod.Put, new(url.AbsoluteUri + "?comp=appendblock"), request => request.Content = RequestContent.Create(content));
            Assert.Equal(201, appended.Status);
        }
    }

    private Run Kms(params string[] arguments) => Kms(arguments, null);

    private Run Kms(string[] arguments, string? input) => Run.Kms(arguments, input, cloud.Settings(), folder.Root);

    [GeneratedRegex("^ *```\n(.*?)^ *```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^az storage blob upload .* --name (?<name>\S+) --file (?<file>\S+) --type (?<type>append|block) --overwrite$")]
    private static partial Regex Upload();
}

using KmsCloud.Secrets;
using KmsCloud.Tests.Support.Cloud;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Functions;

/// <summary>An insider with all rights on the storage account and none on the vault brings a removed key back to a function that had seen it go.</summary>
public sealed class OlderWalletTests : IDisposable
{
    private readonly CloudWorld cloud = new();
    private FunctionsHost? host;

    public void Dispose()
    {
        host?.Dispose();
        cloud.Dispose();
    }

    [Fact]
    public async Task A_wallet_file_older_than_one_that_a_running_function_took_over_is_not_taken_by_the_next()
    {
        cloud.World.Add("ETH", "native-transfer-private-key");
        cloud.World.Add("BTC", "p2wpkh-one-input-change");
        var btc = cloud.World.Pending["BTC"].ToList();
        cloud.World.Pending["BTC"].Clear();
        cloud.Upload();
        var older = File.ReadAllBytes(cloud.World.WalletPath);
        host = await StartAsync();
        Assert.Equal(1, (await host.TickAsync()).Count("broadcast"));

        using (var password = SecretBytes.FromString(cloud.World.Password))
        using (var edit = WalletEdit.OpenOrCreate(cloud.World.WalletPath, password, new PasswordCost(1, 8192)))
        {
            foreach (var id in edit.Contents.Entries.Where(entry => entry.Value.Chain == "BTC").Select(entry => entry.Key).ToList())
            {
                edit.Contents.Remove(id); // kms removewallet
            }

            edit.Save();
        }

        cloud.Upload();
        var reloaded = await host.TickAsync();
        Assert.Contains(reloaded.Logs, line => line.Contains("replaced and read again", StringComparison.Ordinal));
        await host.StopAsync();
        host.Dispose();

        File.WriteAllBytes(cloud.World.WalletPath, older); // an earlier version of the blob, put back
        cloud.Upload();
        btc.ForEach(text => cloud.World.List("BTC", text));
        await Task.Delay(TimeSpan.FromSeconds(16), TestContext.Current.CancellationToken); // the lease
        host = await StartAsync();
        var tick = await host.TickAsync();
        Assert.DoesNotContain(cloud.World.Broadcasts, request => request.Path.Contains("bitcoin", StringComparison.Ordinal));
        Assert.False(tick.IsSuccess, tick.Text);
    }

    private async Task<FunctionsHost> StartAsync()
    {
        var started = new FunctionsHost(cloud.Package(), cloud.Settings());
        await started.StartAsync();
        return started;
    }
}

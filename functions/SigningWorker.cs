using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Azure.Core;
using KmsCloud.Cloud;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Gateway;
using KmsCloud.Passwords;
using KmsCloud.Policy;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.Wallets;

namespace KmsCloud.Functions;

/// <summary>
/// What lives between invocations: wallets, journal, connections. Opened by the first tick, kept, and opened afresh when the wallet
/// file came under another key or the lease was lost; only then is the password asked for again. One invocation works at a time.
/// </summary>
internal sealed class SigningWorker(FunctionSettings settings, TimeProvider clock, ILogger log) : IDisposable
{
    private static readonly TimeSpan EmitAgain = TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim one = new(1, 1);
    private readonly CancellationTokenSource draining = new();
    private readonly ConcurrentDictionary<string, long> emitted = new(StringComparer.Ordinal);
    private readonly Lazy<TokenCredential> identity = new(() => AzureSignIn.Create(settings.Setting));
    private WalletStore? store;
    private SigningService? service;
    private SigningCycle? cycle;
    private BlobStateFolder? blobState;

    /// <summary>Whether wallets and journal are open.</summary>
    internal bool IsReady => service is not null && !draining.IsCancellationRequested;

    /// <summary>One cycle over every chain.</summary>
    internal Task<Outcome> SignAsync() => AloneAsync(TimeSpan.Zero, async stop => Summed(await cycle!.RunOnceAsync(stop)));

    /// <summary>One transaction that a queue message points to.</summary>
    internal Task<Outcome> SignOneAsync(PendingPointer pointer) => AloneAsync(settings.TickLimit, async stop =>
    {
        if (!settings.Chains.Contains(pointer.Chain))
        {
            return new(500, $"{pointer.Chain} is not among the chains of this app");
        }

        var report = await new SigningCycle(service!.Services, service.Options.Cycle with
        {
            Chains = [pointer.Chain],
            OnlyWallets = pointer.Wallets.ToHashSet(),
            OnlyTransactions = new HashSet<string> { pointer.Id },
        }).RunOnceAsync(stop);
        var repeat = report.Count(Verdict.Unknown) + report.Count(Verdict.Failed) + report.FailedPolls.Count > 0;
        return Summed(report) with { Code = repeat ? 500 : 200 }; // 500 brings the message back
    });

    /// <summary>Looks what is pending and emits one message for each.</summary>
    internal Task<Outcome> EnqueueAsync() => AloneAsync(TimeSpan.Zero, async stop =>
    {
        var lists = await Task.WhenAll(settings.Chains.Select(chain => ListAsync(chain, stop)));
        var now = clock.GetTimestamp();
        foreach (var old in emitted.Where(entry => clock.GetElapsedTime(entry.Value, now) > EmitAgain))
        {
            emitted.TryRemove(old);
        }

        var pointers = lists.SelectMany(list => list ?? []).Where(pointer => emitted.TryAdd($"{pointer.Chain} {pointer.Id}", now)).ToList();
        var failed = lists.Count(list => list is null);
        return new(failed == lists.Length ? 500 : 200, $"{pointers.Count} put into the queue, {failed} polls failed")
        {
            Outputs = json =>
            {
                json.WriteStartArray("pendingTransactions");
                pointers.ForEach(pointer => pointer.WriteTo(json));
                json.WriteEndArray();
            },
        };
    });

    /// <summary>Begins nothing new and waits for what is under way.</summary>
    internal async Task DrainAsync()
    {
        await draining.CancelAsync();
        await one.WaitAsync(settings.TickLimit * 2);
    }

    public void Dispose()
    {
        Close();
        draining.Dispose();
        one.Dispose();
    }

    private static Outcome Summed(CycleReport report)
    {
        var (signed, unknown, waiting, refused, failed) = (
            report.Count(Verdict.Accepted), report.Count(Verdict.Unknown), report.Count(Verdict.NotApproved), report.Count(Verdict.Refused), report.Count(Verdict.Failed));
        var useless = report.Transactions.Count == 0 && report.FailedPolls.Count > 0;
        return new(useless ? 500 : 200, string.Create(
            CultureInfo.InvariantCulture,
            $"{signed} broadcast, {unknown} unknown, {waiting} waiting, {refused} refused, {failed} failed, {report.FailedPolls.Count} polls failed"))
        {
            Counts = json => WriteCounts(json, ("broadcast", signed), ("unknown", unknown), ("waiting", waiting), ("refused", refused), ("failed", failed), ("failedPolls", report.FailedPolls.Count)),
        };
    }

    private static void WriteCounts(Utf8JsonWriter json, params (string Name, int Count)[] counts)
    {
        foreach (var (name, count) in counts)
        {
            json.WriteNumber(name, count);
        }
    }

    private async Task<Outcome> AloneAsync(TimeSpan patience, Func<CancellationToken, Task<Outcome>> work)
    {
        if (draining.IsCancellationRequested || !await one.WaitAsync(patience))
        {
            return new(patience == TimeSpan.Zero ? 200 : 500, draining.IsCancellationRequested ? "stopping" : "busy with another invocation");
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(draining.Token);
            limit.CancelAfter(settings.TickLimit);
            await EnsureOpenAsync(limit.Token);
            return await work(limit.Token);
        }
        catch (KmsException error)
        {
            log.NotReady(error.Message);
            throw;
        }
        catch (OperationCanceledException)
        {
            return new(500, "it took too long, or the process is stopping");
        }
        finally
        {
            if (blobState is { IsLost: true })
            {
                log.LeaseLost();
                Close();
            }

            one.Release();
        }
    }

    private async Task<IReadOnlyList<PendingPointer>?> ListAsync(string chain, CancellationToken stop)
    {
        var ids = store!.Ids(chain, settings.Network);
        if (ids.Count == 0)
        {
            return [];
        }

        try
        {
            var listed = await service!.Services.Gateway.PendingAsync(chain, ids, stop);
            return [.. listed.Select(bytes => StrictJson.TryParse(System.Text.Encoding.UTF8.GetString(bytes.Span), out var json) ? PendingPointer.Of(chain, json.Value) : null).OfType<PendingPointer>()];
        }
        catch (KmsException error)
        {
            log.ListFailed(chain, error.Message);
            return null;
        }
    }

    private async Task EnsureOpenAsync(CancellationToken cancel)
    {
        if (blobState is { IsLost: true })
        {
            log.LeaseLost();
            Close();
        }

        if (service is not null && !Reload())
        {
            Close();
        }

        if (service is not null)
        {
            return;
        }

        try
        {
            using (var password = await PasswordAsync(cancel))
            {
                store = WalletStore.Open(Storage(), password);
            }

            var options = await OptionsAsync(cancel);
            service = SigningService.Open(options, store, clock, log);
            cycle = new(service.Services, options.Cycle);
            log.Opened(store.Count, store.Generation);
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>False when the file is there but no longer under the key in memory.</summary>
    private bool Reload()
    {
        try
        {
            if (store!.ReloadIfReplaced())
            {
                log.WalletReloaded(store.Generation);
            }

            return true;
        }
        catch (KmsException error)
        {
            log.WalletNotReloaded(error.Message);
            return error.Failure is Failure.Gateway; // the network: the wallets in memory are still good
        }
    }

    private void Close()
    {
        cycle = null;
        service?.Dispose();
        service = null;
        blobState = null;
        store?.Dispose();
        store = null;
    }

    private IWalletStorage Storage() => BlobStore.IsBlobUrl(settings.Wallet)
        ? new BlobWallet(new BlobStore(identity.Value), BlobStore.CheckUrl(settings.Wallet, "KMS_WALLET"))
        : new LocalWallet(settings.Wallet);

    private async Task<SecretBytes> PasswordAsync(CancellationToken cancel)
    {
        if (settings.Vault is not { } kind)
        {
            return settings["TATUM_KMS_PASSWORD"] is { } password
                ? SecretBytes.FromString(password)
                : throw new KmsException(Failure.Usage, "TATUM_KMS_PASSWORD is not set", "or choose a vault with KMS_PASSWORD_SOURCE");
        }

        var vault = PasswordVaults.Create(kind, settings.Setting, clock);
        using (vault as IDisposable)
        {
            return await vault.RequireAsync(cancel);
        }
    }

    private async Task<ApiKey> ApiKeyAsync(CancellationToken cancel)
    {
        if (settings["KMS_API_KEY_SECRETNAME"] is not { } name)
        {
            return new(settings["TATUM_API_KEY"] ?? throw new KmsException(Failure.Usage, "there is no Tatum API key", "set KMS_API_KEY_SECRETNAME to its secret in the Key Vault, or TATUM_API_KEY"));
        }

        var vault = settings["TATUM_KMS_AZURE_VAULTURL"] ?? throw new KmsException(Failure.Usage, "TATUM_KMS_AZURE_VAULTURL is not set", "KMS_API_KEY_SECRETNAME names a secret of that vault");
        using var key = await new KeyVaultPassword(vault, name, null, identity.Value).RequireAsync(cancel);
        return new(key.Reveal());
    }

    private async Task<ServiceOptions> OptionsAsync(CancellationToken cancel) => new(
        new(new(settings.Network)) { Chains = settings.Chains, ApproverUrl = settings.Approver?.AbsoluteUri, TransactionLimit = settings.TickLimit },
        new(await ApiKeyAsync(cancel)) { Api = settings.Api, Nodes = settings.Nodes },
        settings.State)
    {
        Approver = settings.Approver,
        ApproverPost = settings.ApproverPost,
        Policy = settings["KMS_POLICY"] is { } policy ? PolicyFile.Load(Path.Combine(AppContext.BaseDirectory, policy)) : null,
        ApproverSigning = settings["KMS_APPROVAL_SECRET"] is { } secret ? new(SecretBytes.FromString(secret), clock) : null,
        ApprovalSigned = settings.NeedsSignedApproval,
        OpenState = BlobStore.IsBlobUrl(settings.State) ? OpenBlobState : null,
    };

    private BlobStateFolder OpenBlobState() => blobState = new(
        new BlobStore(identity.Value),
        BlobStore.CheckUrl(settings.State, "KMS_STATE"),
        settings.StateName,
        settings.Chains.Select(chain => $"{settings.Network.ToString().ToLowerInvariant()}-{chain}"),
        settings.LeaseLife,
        clock);
}

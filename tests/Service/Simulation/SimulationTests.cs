using System.Globalization;
using KmsCloud.Audit;
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Tests.Support;
using KmsCloud.Wallets;

namespace KmsCloud.Tests.Simulation;

/// <summary>
/// The whole cycle through thousands of bad days, from a seed (KMS_SIM_SEED, printed). KMS_SIM_CYCLES sets how many faulted
/// cycles there are: 20,000 by default, 1,000,000 with tests/run --long.
/// </summary>
[Collection(typeof(MeasuresMemory))]
public sealed class SimulationTests
{
    private const int SideBySide = 2;
    private const int SettledAfter = 20; // worlds, before memory is looked at
    private const int CyclesPerWorld = 60;
    private const int MostPending = 6;
    private const int QuietCycles = 8;

    [Fact]
    public async Task Invariants_hold_through_faulted_cycles()
    {
        var wanted = Number("KMS_SIM_CYCLES", 20_000);
        var seed = (ulong)Number("KMS_SIM_SEED", 20261120);
        using var folder = new TempFolder();
        using var password = SecretBytes.FromString("simulation");
        SimService.WriteWallets(folder.File("wallet.dat"), password);
        using var store = WalletStore.Open(folder.File("wallet.dat"), password, ChainCatalog.WalletsOf);
        var templates = new[] { Network.Testnet, Network.Mainnet }.ToDictionary(network => network, SimService.Templates);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        long faulted = 0, cycles = 0, ids = 0, restarts = 0, memoryBefore = 0;
        for (var number = 0; faulted < wanted; number += SideBySide)
        {
            var worlds = Enumerable.Range(number, SideBySide).Select(world => new SimWorld(unchecked(seed + ((ulong)world * 0x9e3779b97f4a7c15)), templates[Of(world)])).ToList();
            var played = await Task.WhenAll(worlds.Select((world, i) => Task.Run(() => PlayAsync(world, store, Of(number + i)))));
            faulted += played.Sum();
            cycles += SideBySide * (CyclesPerWorld + QuietCycles);
            ids += worlds.Sum(world => world.All.Count);
            restarts += worlds.Sum(world => world.Life - 1);
            foreach (var (what, count) in worlds.SelectMany(world => world.Counts))
            {
                counts[what] = counts.GetValueOrDefault(what) + count;
            }

            foreach (var (i, world) in worlds.Index())
            {
                Assert.True(world.Violations.IsEmpty, $"seed {seed}, world {number + i}:\n{string.Join('\n', world.Violations.Distinct().Take(20))}");
            }

            memoryBefore = number == SettledAfter ? GC.GetTotalMemory(forceFullCollection: true) : memoryBefore;
        }

        var grown = GC.GetTotalMemory(forceFullCollection: true) - memoryBefore;
        Shown.Line("simulation", $"seed {seed}: {cycles} cycles, {faulted} of them faulted, {ids} pending transactions, {restarts} kills and restarts, memory {memoryBefore / 1024} KiB after {SettledAfter} worlds and {(memoryBefore + grown) / 1024} KiB at the end");
        foreach (var (what, count) in counts)
        {
            Shown.Line("simulation, counts", $"{count,9}  {what}");
        }

        Assert.True(grown < 32 * 1024 * 1024, $"memory grew by {grown} bytes");
    }

    private static Network Of(int world) => world % 3 == 2 ? Network.Mainnet : Network.Testnet;

    private static async Task<int> PlayAsync(SimWorld world, WalletStore store, Network network)
    {
        var faulted = 0;
        var service = new SimService(world, store, network);
        try
        {
            for (var cycle = 0; cycle < CyclesPerWorld + QuietCycles; cycle++)
            {
                world.Faults = cycle < CyclesPerWorld;
                world.FaultsThisCycle = 0;
                for (var add = world.Roll("how many are added", 3); add > 0 && world.Faults && world.Pending.Count < MostPending; add--)
                {
                    world.AddPending();
                }

                await service.RunAsync();
                faulted += world.FaultsThisCycle > 0 ? 1 : 0;
                world.Clock.Advance(TimeSpan.FromSeconds(world.Roll("days without work", 20) == 0 ? 200_000 : 15));
                if (world.Restart())
                {
                    service.Dispose();
                    service = new(world, store, network);
                }
            }
        }
        finally
        {
            service.Dispose();
        }

        foreach (var (id, request) in world.All.Where(request => request.Value is { IsDone: false, IsReported: false, HasFailed: false, NeedsOperator: false }))
        {
            world.Violations.Enqueue($"{id} was forgotten (stubborn approver: {request.Stubborn}, changed: {request.IsChanged}, signed: {request.Signed is not null}, last: {world.Audit.Durable.LastOrDefault(line => line.Contains($"\"id\":\"{id}\"", StringComparison.Ordinal))})");
        }

        using var key = store.PurposeKey(AuditLog.KeyPurpose);
        var check = new AuditCheck(key);
        foreach (var line in world.Audit.Durable)
        {
            check.Next(System.Text.Encoding.UTF8.GetBytes(line), head: null);
        }

        foreach (var problem in check.Problems)
        {
            world.Violations.Enqueue(problem);
        }

        return faulted;
    }

    private static long Number(string name, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}

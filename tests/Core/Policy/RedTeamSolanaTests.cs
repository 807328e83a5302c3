using System.Text;
using System.Text.Json.Nodes;
using KmsCloud.Chains.Solana;
using KmsCloud.Codecs;
using KmsCloud.Policy;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Policy;

/// <summary>Lamports sent to a token account that the same message creates are shown and counted as that token.</summary>
public static class RedTeamSolanaTests
{
    private const string Usdc = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";
    private static readonly OneWallet Solana = new("SOL", "5YEMS6F2hhb6JECkSVixYbH9wtPtjasH8MLYhRDC6h77gRcGA8KcVHJcD68H53cC5weovue4Bx3ThuYS7EKwRd2N");
    private static readonly byte[] Ours = Solana.Wallet.Key().Bytes.ToArray();
    private static readonly byte[] Thief = [.. Enumerable.Range(1, 32).Select(value => (byte)value)];

    [Fact]
    public static void Sol_is_never_counted_as_a_token()
    {
        var account = Base58.TryDecode(SolanaPrograms.AssociatedAccount(Base58.Encode(Thief), Usdc))!;
        byte[][] accounts =
        [
            Ours, account, Thief, Base58.TryDecode(Usdc)!, new byte[32], Base58.TryDecode(SolanaPrograms.Token)!, Base58.TryDecode(SolanaPrograms.AssociatedToken)!,
        ];
        var lamports = BitConverter.GetBytes(9_000_000_000_000UL); // 9,000 SOL
        byte[] message =
        [
            1, 0, 5, (byte)accounts.Length, .. accounts.SelectMany(key => key), .. Enumerable.Repeat((byte)9, 32), 2,
            6, 6, 0, 1, 2, 3, 4, 5, 1, 1, // create the thief's USDC account, idempotent
            4, 2, 0, 1, 12, 2, 0, 0, 0, .. lamports, // system transfer of SOL to it; its owner closes it and has them
        ];
        var summary = Solana.Decode(new JsonObject { ["txData"] = Hex.Lower(message) }.ToJsonString()).Summary;
        var rules = PolicyFile.Read(Encoding.UTF8.GetBytes(
            $$"""{"version":1,"rules":[{"name":"usdc payouts","chains":["SOL"],"recipients":"any","assets":{"{{Usdc}}":{"perTransaction":"10000"},"SOL":{"perTransaction":"0.01","perDay":"1"} } }]}"""));
        var verdict = PolicyCheck.Verdict(rules, summary, ["w"], (_, _) => default, DateTimeOffset.UnixEpoch, filled: true);
        Assert.False(verdict.Allowed, $"allowed: {summary.Kind}: {string.Join("; ", summary.Transfers.Select(transfer => $"{transfer.Amount} to {transfer.To}"))}; warnings: {string.Join("; ", summary.Warnings)}; details: {string.Join("; ", summary.Details.Values)}");
    }

    // a token account of wrapped SOL holds any amount of it, and closing sends all of it: only the ledger knows how much (as with ALGO's close, XLM's merge, XRP's AccountDelete);
    // an approval lets the spender take the amount, which is counted on EVM chains
    [Theory]
    [InlineData("token account closing", new byte[] { 9 })]
    [InlineData("token approval", new byte[] { 4, 255, 255, 255, 255, 255, 255, 255, 127 })]
    public static void What_leaves_by_closing_or_approving_is_counted_or_blind(string method, byte[] data)
    {
        byte[][] accounts = [Ours, [.. Enumerable.Repeat((byte)7, 32)], Thief, Base58.TryDecode(SolanaPrograms.Token)!];
        byte[] message = [1, 0, 1, (byte)accounts.Length, .. accounts.SelectMany(key => key), .. Enumerable.Repeat((byte)9, 32), 1, 3, 3, 1, 2, 0, (byte)data.Length, .. data];
        var summary = Solana.Decode(new JsonObject { ["txData"] = Hex.Lower(message) }.ToJsonString()).Summary;
        var rules = PolicyFile.Read(Encoding.UTF8.GetBytes(
            $$"""{"version":1,"rules":[{"name":"r","chains":["SOL"],"recipients":[],"assets":{"SOL":{"perTransaction":"0.01"} },"methods":{"any":["{{method}}"]} }]}"""));
        var verdict = PolicyCheck.Verdict(rules, summary, ["w"], (_, _) => default, DateTimeOffset.UnixEpoch, filled: true);
        Assert.False(verdict.Allowed, $"allowed without recipients: {summary.Kind}, {summary.Transfers.Count} transfers, understood {summary.Understood}; {string.Join("; ", summary.Warnings)}");
    }
}

using System.Globalization;
using System.Numerics;
using KmsCloud.Chains.Contracts;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Tron;

/// <summary>A TRON transaction in human terms.</summary>
internal static class TronSummary
{
    // each byte is paid for with bandwidth, which the fee limit does not count
    private const int MostMemo = 512;
    private const int MostBytes = 4096;

    private const string Tether = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";

    private static readonly CallWords Words = new("TRX", 6, TronAddress.OfCall, contract =>
        TronAddress.OfCall(contract) is var text && text == Tether ? new("USDT", 6) : new(text, null));

    /// <summary>The summary of what is signed.</summary>
    public static TransactionSummary Of(Network network, TronRaw raw)
    {
        var value = raw.Value;
        var action = raw.Contract.Name switch
        {
            "TransferContract" => Pay(raw, "to_address", new(value.Integer("amount"), 6, "TRX")),
            "TransferAssetContract" => Pay(raw, "to_address", Trc10(MemoText.Of(value.Bytes("asset_name")), value.Integer("amount"))),
            "TriggerSmartContract" => WithTokens(raw, Call(value)),
            "CreateSmartContract" => WithTokens(raw, Create(value)),
            "DelegateResourceContract" => Lend(raw, "balance"),
            "FreezeBalanceContract" when value.Bytes("receiver_address").Length > 0 => Lend(raw, "frozen_balance"),
            _ => new CallSummary { Kind = raw.Contract.Kind },
        };
        var details = new Dictionary<string, string> { ["contract type"] = raw.Contract.Name };
        foreach (var (name, text) in value.Texts().Where(pair => pair.Name is not ("owner_address" or "data" or "new_contract")))
        {
            details[name.Replace('_', ' ')] = text;
        }

        foreach (var (name, text) in action.Details)
        {
            details[name] = text;
        }

        details["expiration"] = Time(raw.Expiration);
        if (raw.PermissionId != 0)
        {
            details["permission id"] = raw.PermissionId.ToString(CultureInfo.InvariantCulture);
        }

        var burns = raw.Contract.Name is "TriggerSmartContract" or "CreateSmartContract";
        return new()
        {
            Chain = "TRON",
            Network = network,
            Kind = action.Kind,
            From = [TronAddress.Text(raw.Owner)],
            Transfers = action.Transfers,
            Fee = burns || raw.FeeLimit > 0 ? new(raw.FeeLimit, 6, "TRX") : null,
            FeeOnTop = new(FeeOnTop(raw), 6, "TRX"),
            Memo = MemoText.Of(raw.Data),
            Contract = action.Contract,
            Method = action.Method,
            Understood = action.Understood && raw.Data.Length <= MostMemo && raw.Bytes.Length <= MostBytes,
            Warnings = action.Warnings,
            ValidUntil = ValidTime.FromMilliseconds(raw.Expiration),
            Details = details,
        };
    }

    /// <summary>
    /// What the network burns beyond the fee limit when the account has no bandwidth left, in sun, by the chain's parameters (getTransactionFee,
    /// getCreateAccountFee, getCreateNewAccountFeeInSystemContract, getMemoFee, getAssetIssueFee): each byte of the signed transaction and of the room kept for its
    /// result, the recipient's account when there is none, and a memo.
    /// </summary>
    private static long FeeOnTop(TronRaw raw)
    {
        const int SunPerByte = 1_000;
        const int Signature = 67;
        const int Result = 64;
        const int Wrapping = 5;
        const long Account = 1_100_000;
        const long Memo = 1_000_000;
        const long Issue = 1_024_000_000;
        var opensAccount = raw.Contract.Name is "TransferContract" or "TransferAssetContract" or "AccountCreateContract";
        return ((raw.Bytes.Length + Signature + Result + Wrapping) * SunPerByte)
            + (opensAccount ? Account : 0)
            + (raw.Data.Length > 0 ? Memo : 0)
            + (raw.Contract.Name is "AssetIssueContract" ? Issue : 0);
    }

    private static CallSummary Pay(TronRaw raw, string to, Amount amount) =>
        new() { Kind = raw.Contract.Kind, Transfers = [new(TronAddress.Text(raw.Value.Bytes(to)), amount)] };

    /// <summary>The stake stays the account's, for a time it may not be able to take back; what it yields is the receiver's.</summary>
    private static CallSummary Lend(TronRaw raw, string balance) => Pay(raw, "receiver_address", new(raw.Value.Integer(balance), 6, "delegated TRX"));

    private static CallSummary Call(TronMessage value) => value.Bytes("contract_address") is { Length: TronAddress.Size } contract
        ? CallSummary.Of(Words, contract[1..], value.Integer("call_value"), value.Bytes("data"))
        : new() { Kind = "contract call", Understood = false, Warnings = ["calls no contract at all"] };

    private static CallSummary Create(TronMessage value)
    {
        var contract = value.Message("new_contract");
        var summary = CallSummary.Of(Words, null, contract?.Integer("call_value") ?? 0, contract?.Bytes("bytecode") ?? []);
        return summary with
        {
            Details = new Dictionary<string, string>(summary.Details)
            {
                ["new contract"] = string.Join(", ", contract?.Texts().Where(pair => pair.Name is not "abi").Select(pair => $"{pair.Name}: {pair.Text}") ?? []),
            },
        };
    }

    private static CallSummary WithTokens(TronRaw raw, CallSummary summary)
    {
        var (units, id) = (raw.Value.Integer("call_token_value"), raw.Value.Integer("token_id"));
        return units == 0
            ? summary
            : summary with
            {
                Transfers = [.. summary.Transfers, new(summary.Contract ?? "(the new contract)", Trc10(id.ToString(CultureInfo.InvariantCulture), units))],
                Warnings = [.. summary.Warnings, $"sends {units} raw units of TRC-10 token {id} along with the call"],
            };
    }

    private static Amount Trc10(string? id, BigInteger units) => new(units, null, $"TRC10:{id}");

    private static string Time(long milliseconds) => milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        ? string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.FromUnixTimeMilliseconds(milliseconds):yyyy-MM-dd HH:mm:ss} UTC ({milliseconds})")
        : milliseconds.ToString(CultureInfo.InvariantCulture);
}

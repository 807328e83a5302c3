using System.Collections.Frozen;

namespace KmsCloud.Chains.Tron;

/// <summary>What a field is, in JSON and in the bytes.</summary>
internal enum TronKind
{
    /// <summary>int64, a JSON integer.</summary>
    Integer,

    /// <summary>int64 in sun, a JSON integer.</summary>
    Sun,

    /// <summary>bytes: an address of 21 bytes, in hex or, where the transaction is "visible", Base58Check.</summary>
    Address,

    /// <summary>bytes in hex.</summary>
    Bytes,

    /// <summary>bytes in hex that are text; a node asked for a "visible" transaction writes the text itself.</summary>
    Label,

    /// <summary>string.</summary>
    Text,

    /// <summary>bool.</summary>
    Flag,

    /// <summary>An enumeration, by name or number.</summary>
    Choice,

    /// <summary>A message.</summary>
    Message,

    /// <summary>A list of messages.</summary>
    Messages,
}

/// <summary>A field of a protobuf message.</summary>
/// <param name="Number">Its number on the wire.</param>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Kind">What it is.</param>
internal sealed record TronField(int Number, string Name, TronKind Kind)
{
    /// <summary>Fields of a message.</summary>
    public TronField[] Fields { get; init; } = [];

    /// <summary>Names of an enumeration, in lower case.</summary>
    public FrozenDictionary<string, int> Names { get; init; } = FrozenDictionary<string, int>.Empty;
}

/// <summary>A contract type that is signed.</summary>
/// <param name="Name">Name, which ends the type URL.</param>
/// <param name="Number">Number in the enumeration ContractType.</param>
/// <param name="Kind">What it does in a few words.</param>
/// <param name="Fields">Its fields in the order of their numbers.</param>
internal sealed record TronContract(string Name, int Number, string Kind, TronField[] Fields);

/// <summary>
/// Messages of tronprotocol/protocol (core/Tron.proto, core/contract/*.proto) that are signed.
/// AccountPermissionUpdateContract hands the account to other keys; it and every other type not here is refused.
/// </summary>
internal static class TronSchema
{
    private static readonly FrozenDictionary<string, int> Resources = Names("bandwidth", "energy", "tron_power");

    private static readonly FrozenDictionary<string, int> EntryTypes =
        Names("unknownentrytype", "constructor", "function", "event", "fallback", "receive", "error");

    private static readonly FrozenDictionary<string, int> Mutabilities = Names(
        "unknownmutabilitytype", "pure", "view", "nonpayable", "payable");

    private static readonly TronField Owner = new(1, "owner_address", TronKind.Address);

    private static readonly TronField[] Parameter = [new(1, "indexed", TronKind.Flag), new(2, "name", TronKind.Text), new(3, "type", TronKind.Text)];

    private static readonly TronField[] Entry =
    [
        new(1, "anonymous", TronKind.Flag), new(2, "constant", TronKind.Flag), new(3, "name", TronKind.Text),
        new(4, "inputs", TronKind.Messages) { Fields = Parameter }, new(5, "outputs", TronKind.Messages) { Fields = Parameter },
        new(6, "type", TronKind.Choice) { Names = EntryTypes }, new(7, "payable", TronKind.Flag),
        new(8, "stateMutability", TronKind.Choice) { Names = Mutabilities },
    ];

    private static readonly TronField[] NewContract =
    [
        new(1, "origin_address", TronKind.Address), new(2, "contract_address", TronKind.Address),
        new(3, "abi", TronKind.Message) { Fields = [new(1, "entrys", TronKind.Messages) { Fields = Entry }] },
        new(4, "bytecode", TronKind.Bytes), new(5, "call_value", TronKind.Sun), new(6, "consume_user_resource_percent", TronKind.Integer),
        new(7, "name", TronKind.Text), new(8, "origin_energy_limit", TronKind.Integer),
    ];

    /// <summary>The contract types by name.</summary>
    public static FrozenDictionary<string, TronContract> Contracts { get; } = new TronContract[]
    {
        new("AccountCreateContract", 0, "account creation",
            [Owner, new(2, "account_address", TronKind.Address), new(3, "type", TronKind.Choice) { Names = Names("normal", "assetissue", "contract") }]),
        new("TransferContract", 1, "transfer", [Owner, new(2, "to_address", TronKind.Address), new(3, "amount", TronKind.Sun)]),
        new("TransferAssetContract", 2, "token transfer",
            [new(1, "asset_name", TronKind.Label), Owner with { Number = 2 }, new(3, "to_address", TronKind.Address), new(4, "amount", TronKind.Integer)]),
        new("VoteWitnessContract", 4, "vote",
        [
            Owner,
            new(2, "votes", TronKind.Messages) { Fields = [new(1, "vote_address", TronKind.Address), new(2, "vote_count", TronKind.Integer)] },
            new(3, "support", TronKind.Flag),
        ]),
        new("AssetIssueContract", 6, "token issue",
        [
            Owner, new(2, "name", TronKind.Label), new(3, "abbr", TronKind.Label), new(4, "total_supply", TronKind.Integer),
            new(5, "frozen_supply", TronKind.Messages) { Fields = [new(1, "frozen_amount", TronKind.Integer), new(2, "frozen_days", TronKind.Integer)] },
            new(6, "trx_num", TronKind.Integer), new(7, "precision", TronKind.Integer), new(8, "num", TronKind.Integer),
            new(9, "start_time", TronKind.Integer), new(10, "end_time", TronKind.Integer), new(20, "description", TronKind.Label),
            new(21, "url", TronKind.Label), new(22, "free_asset_net_limit", TronKind.Integer), new(23, "public_free_asset_net_limit", TronKind.Integer),
        ]),
        new("FreezeBalanceContract", 11, "stake",
        [
            Owner, new(2, "frozen_balance", TronKind.Sun), new(3, "frozen_duration", TronKind.Integer), Resource(10),
            new(15, "receiver_address", TronKind.Address),
        ]),
        new("UnfreezeBalanceContract", 12, "unstake", [Owner, Resource(10), new(15, "receiver_address", TronKind.Address)]),
        new("WithdrawBalanceContract", 13, "reward withdrawal", [Owner]),
        new("CreateSmartContract", 30, "contract creation",
            [Owner, new(2, "new_contract", TronKind.Message) { Fields = NewContract }, new(3, "call_token_value", TronKind.Integer), new(4, "token_id", TronKind.Integer)]),
        new("TriggerSmartContract", 31, "contract call",
        [
            Owner, new(2, "contract_address", TronKind.Address), new(3, "call_value", TronKind.Sun), new(4, "data", TronKind.Bytes),
            new(5, "call_token_value", TronKind.Integer), new(6, "token_id", TronKind.Integer),
        ]),
        new("FreezeBalanceV2Contract", 54, "stake", [Owner, new(2, "frozen_balance", TronKind.Sun), Resource(3)]),
        new("UnfreezeBalanceV2Contract", 55, "unstake", [Owner, new(2, "unfreeze_balance", TronKind.Sun), Resource(3)]),
        new("WithdrawExpireUnfreezeContract", 56, "withdrawal of unstaked TRX", [Owner]),
        new("DelegateResourceContract", 57, "resource delegation",
        [
            Owner, Resource(2), new(3, "balance", TronKind.Sun), new(4, "receiver_address", TronKind.Address), new(5, "lock", TronKind.Flag),
            new(6, "lock_period", TronKind.Integer),
        ]),
        new("UnDelegateResourceContract", 58, "end of resource delegation",
            [Owner, Resource(2), new(3, "balance", TronKind.Sun), new(4, "receiver_address", TronKind.Address)]),
        new("CancelAllUnfreezeV2Contract", 59, "cancellation of all unstaking", [Owner]),
    }.ToFrozenDictionary(contract => contract.Name);

    private static TronField Resource(int number) => new(number, "resource", TronKind.Choice) { Names = Resources };

    private static FrozenDictionary<string, int> Names(params string[] names) =>
        names.Select((name, number) => KeyValuePair.Create(name, number)).ToFrozenDictionary();
}

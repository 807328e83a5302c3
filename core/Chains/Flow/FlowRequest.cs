using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Flow;

/// <summary>What is asked for: a transfer, which gets our own script, or a script with arguments.</summary>
/// <param name="Account">Our account, the authorizer: 0x and 16 digits.</param>
/// <param name="Script">The Cadence script.</param>
/// <param name="Arguments">JSON-Cadence texts.</param>
internal sealed record FlowRequest(string Account, string Script, IReadOnlyList<string> Arguments)
{
    private const string What = "the Flow transaction";
    private const long LargestType = 1000;

    /// <summary>The payment of a transfer; null for any other script.</summary>
    public Transfer? Transfer { get; private init; }

    public static FlowRequest Read(string serialized, Network network)
    {
        var json = new StrictObject(StrictJson.Parse(serialized, What), What);
        var type = json.Integer("type", 0, LargestType);
        var body = json.Object("body");
        json.Done();
        var request = type switch
        {
            2 => ReadTransfer(body, network),
            >= 8 => ReadCustom(body),
            _ => throw KmsException.Refused(
                $"{What} is of type {type}, whose built-in script Flow has not run since Cadence 1.0",
                "send it as a custom transaction (type 8) with a script of your own"),
        };
        body.Done();
        return request;
    }

    private static FlowRequest ReadTransfer(StrictObject body, Network network)
    {
        var account = FlowArgument.Address(body.String("account"), $"{What}'s account");
        var to = FlowArgument.Address(body.String("to"), $"{What}'s recipient");
        var amount = FlowArgument.UFix64(body.String("amount"), $"{What}'s amount");
        var currency = body.String("currency");
        return new(account, FlowTransferScript.For(currency, network), [Argument("UFix64", amount), Argument("Address", to)])
        {
            Transfer = new(to.ToLowerInvariant(), new(ExactDecimal.Units(amount, 8)!.Value, 8, currency)),
        };
    }

    private static FlowRequest ReadCustom(StrictObject body) => new(
        FlowArgument.Address(body.String("account"), $"{What}'s account"),
        body.String("transaction") is { Length: > 0 } script ? script : throw body.Bad("transaction", "is empty"),
        [.. (body.OptionalArray("args") ?? []).Select((argument, at) => FlowArgument.Encode(argument, $"{What}'s argument {at + 1}"))]);

    private static string Argument(string type, string value) => CompactJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteString("value", value);
        json.WriteEndObject();
    });
}

/// <summary>Our script for transfers, in Cadence 1.0; the one of tatum-kms is older and no longer runs.</summary>
internal static class FlowTransferScript
{
    public static string For(string currency, Network network)
    {
        var isMain = network is Network.Mainnet;
        var fungible = isMain ? "0xf233dcee88fe0abe" : "0x9a0766d93b6608b7";
        var (token, path, address) = currency switch
        {
            "FLOW" => ("FlowToken", "flowToken", isMain ? "0x1654653399040a61" : "0x7e60df042a9c0868"),
            "FUSD" => ("FUSD", "fusd", isMain ? "0x3c5959b568896393" : "0xe223d8a629e49c68"),
            _ => throw KmsException.Refused("the Flow transaction's currency is neither FLOW nor FUSD"),
        };
        return $$"""
            import FungibleToken from {{fungible}}
            import {{token}} from {{address}}

            transaction(amount: UFix64, recipient: Address) {
                let payment: @{FungibleToken.Vault}

                prepare(sender: auth(BorrowValue) &Account) {
                    let vault = sender.storage.borrow<auth(FungibleToken.Withdraw) &{{token}}.Vault>(from: /storage/{{path}}Vault)
                        ?? panic("sender holds no {{token}} vault")
                    self.payment <- vault.withdraw(amount: amount)
                }

                execute {
                    let receiver = getAccount(recipient).capabilities.borrow<&{FungibleToken.Receiver}>(/public/{{path}}Receiver)
                        ?? panic("recipient cannot receive {{token}}")
                    receiver.deposit(from: <-self.payment)
                }
            }

            """.ReplaceLineEndings("\n");
    }
}

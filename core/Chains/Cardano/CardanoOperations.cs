using System.Globalization;
using System.Numerics;
using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Keys;

namespace KmsCloud.Chains.Cardano;

/// <summary>
/// The pending form: operations of the Rosetta construction API, inputs first. It is what people see and approve; the
/// body that is signed comes from elsewhere and must say the same.
/// </summary>
internal sealed class CardanoOperations
{
    private const string What = "the Cardano transaction";
    private const int MostOperations = 1000;

    private CardanoOperations(JsonElement json, Network network)
    {
        Json = json;
        var (inputs, outputs) = (new List<Input>(), new List<Output>());
        foreach (var (element, at) in json.EnumerateArray().Select((element, at) => (element, at)))
        {
            var operation = new StrictObject(element, $"{What}'s operation {at}");
            var place = Place(operation, at);
            operation.OptionalArray("related_operations");
            operation.OptionalString("status");
            var type = operation.String("type");
            var account = operation.Object("account");
            var address = account.String("address");
            account.OptionalObject("metadata")?.Done();
            account.Done();
            var bytes = CardanoAddress.Read(address, network, $"{What}'s address in operation {at}");
            switch (type)
            {
                case "input" when outputs.Count == 0:
                    inputs.Add(new(Coin(operation, place), address, CardanoAddress.PaymentKeyHash(bytes, $"{What}'s input {at}"), Value(operation, isInput: true)));
                    break;
                case "output" when place == (ulong)outputs.Count:
                    outputs.Add(new(address, new(bytes, Value(operation, isInput: false))));
                    break;
                default:
                    throw operation.Bad("type", "is neither an input nor an output, or out of order");
            }

            operation.Done();
        }

        (Inputs, Outputs) = (inputs, outputs);
        Check();
    }

    /// <summary>One input of the operations.</summary>
    internal sealed record Input(CardanoCoin Coin, string Address, byte[] KeyHash, CardanoValue Value);

    /// <summary>One output of the operations.</summary>
    internal sealed record Output(string Address, CardanoOutput Content);

    /// <summary>As they came, for the gateway's construction calls.</summary>
    public JsonElement Json { get; }

    public IReadOnlyList<Input> Inputs { get; }

    public IReadOnlyList<Output> Outputs { get; }

    /// <summary>What the inputs hold beyond the outputs.</summary>
    public BigInteger Fee { get; private set; }

    public static CardanoOperations Read(string serialized, Network network)
    {
        var json = StrictJson.Parse(serialized, What);
        return json.ValueKind is JsonValueKind.Array && json.GetArrayLength() is > 0 and <= MostOperations
            ? new(json, network)
            : throw KmsException.Refused($"{What} is not a list of operations; tatum-kms before version 8 used another form");
    }

    private void Check()
    {
        if (Inputs.Count == 0 || Outputs.Count == 0 || Inputs.DistinctBy(input => input.Coin).Count() != Inputs.Count)
        {
            throw KmsException.Refused($"{What} has no inputs, no outputs, or the same input twice");
        }

        var spent = CardanoValue.Sum(Inputs.Select(input => input.Value));
        var paid = CardanoValue.Sum(Outputs.Select(output => output.Content.Value));
        Fee = spent.Lovelace - paid.Lovelace;
        if (Fee.Sign <= 0 || !spent.HasTokens(paid))
        {
            throw KmsException.Refused($"{What}'s outputs are not covered by its inputs");
        }
    }

    // network_index may be a number or its text
    private static ulong Place(StrictObject operation, int at)
    {
        var identifier = operation.Object("operation_identifier");
        identifier.Integer("index", at, at);
        var place = identifier.Required("network_index");
        identifier.Done();
        var text = place.ValueKind is JsonValueKind.Number ? place.GetRawText() : place.ValueKind is JsonValueKind.String ? place.GetString()! : "";
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < uint.MaxValue
            ? number
            : throw identifier.Bad("network_index", "is not a whole number");
    }

    private static CardanoCoin Coin(StrictObject operation, ulong place)
    {
        var change = operation.Object("coin_change");
        var identifier = change.Object("coin_identifier");
        var text = identifier.String("identifier");
        identifier.Done();
        if (change.String("coin_action") is not ("coin_created" or "coin_spent")) // the SDK writes the wrong one
        {
            throw change.Bad("coin_action", "is unknown");
        }

        change.Done();
        return text.Split(':') is [{ Length: 64 } id, var index] && index == place.ToString(CultureInfo.InvariantCulture)
            ? new(Hex.Lower(Hex.Read(id, $"{What}'s input")), place)
            : throw identifier.Bad("identifier", "is no transaction id with the number of the operation's network_index");
    }

    private static CardanoValue Value(StrictObject operation, bool isInput)
    {
        var amount = operation.Object("amount");
        var lovelace = Units(amount, isInput);
        var currency = amount.Object("currency");
        if (currency.String("symbol") != "ADA" || currency.Integer("decimals", 6, 6) != 6)
        {
            throw currency.Bad("symbol", "is not ADA");
        }

        currency.Done();
        amount.OptionalObject("metadata")?.Done();
        amount.Done();
        var metadata = operation.OptionalObject("metadata");
        var tokens = Tokens(metadata?.OptionalArray("tokenBundle") ?? [], isInput);
        metadata?.Done();
        return new(lovelace, tokens);
    }

    private static Dictionary<string, BigInteger> Tokens(IReadOnlyList<JsonElement> bundle, bool isInput)
    {
        var all = new Dictionary<string, BigInteger>();
        foreach (var element in bundle)
        {
            var policy = new StrictObject(element, $"{What}'s token bundle");
            var id = Hex.Lower(Hex.Read(policy.String("policyId"), $"{What}'s policy id", 28));
            foreach (var item in policy.Array("tokens"))
            {
                var token = new StrictObject(item, $"{What}'s token");
                var currency = token.Object("currency");
                var name = Hex.Lower(Hex.Read(currency.String("symbol"), $"{What}'s token name"));
                currency.Optional("decimals");
                currency.Done();
                if (!all.TryAdd($"{id}.{name}", Units(token, isInput)))
                {
                    throw token.Bad("currency", "names a token twice");
                }

                token.Done();
            }

            policy.Done();
        }

        return all;
    }

    // spent amounts are written with a minus
    private static BigInteger Units(StrictObject holder, bool isNegative)
    {
        var text = holder.String("value");
        return text.StartsWith('-') == isNegative && ulong.TryParse(isNegative ? text[1..] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var units) && units > 0
            ? units
            : throw holder.Bad("value", isNegative ? "is not a negative whole number" : "is not a positive whole number");
    }
}

using System.Text.Json.Nodes;
using KmsCloud.Policy;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.MultiversX;

/// <summary>What is destroyed leaves the account as surely as what is paid: it is shown with its amount and counted, as on the other chains.</summary>
public static class BurntTokensTests
{
    private static readonly OneWallet Ours = new("EGLD", "d868ed011676f698dd050343f0769f9b8fb92d8117dbbc07a30b0982e3f6b03a");

    [Theory]
    [InlineData("ESDTLocalBurn@544f4b454e2d616263646566@0f4240", "TOKEN-abcdef")]
    [InlineData("ESDTBurn@544f4b454e2d616263646566@0f4240", "TOKEN-abcdef")]
    [InlineData("ESDTNFTBurn@544f4b454e2d616263646566@05@0f4240", "TOKEN-abcdef no. 5")]
    public static void Is_shown_and_counted(string data, string asset)
    {
        var address = Ours.Address;
        var json = new JsonObject { ["from"] = address, ["to"] = address, ["value"] = "0", ["data"] = data };
        var summary = Ours.Decode(json.ToJsonString()).Summary;
        var paid = PolicyCheck.Paid(summary);
        Assert.Equal("1000000", paid[asset].ToString());
        Assert.Contains(summary.Transfers, transfer => transfer.To == "(destroyed)");
    }

    [Theory]
    [InlineData("ESDTLocalBurn@544f4b454e2d616263646566")]
    [InlineData("ESDTLocalBurn@544f4b454e2d616263646566@01@01")]
    [InlineData("ESDTNFTBurn@544f4b454e2d616263646566@05")]
    public static void In_another_form_it_is_blind(string data)
    {
        var json = new JsonObject { ["from"] = Ours.Address, ["to"] = Ours.Address, ["value"] = "0", ["data"] = data };
        Assert.False(Ours.Decode(json.ToJsonString()).Summary.Understood);
    }
}

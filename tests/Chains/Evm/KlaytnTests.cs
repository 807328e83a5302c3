using System.Text;
using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>Klaytn's own types and its wallet key.</summary>
public static class KlaytnTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string Account = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
    private const string Rest = """ "gas":100000,"nonce":5,"gasPrice":"25000000000","chainId":1001""";
    private const string To = """ "to":"0x3535353535353535353535353535353535353535",""";

    [Theory]
    [InlineData("VALUE_TRANSFER", 0x08, To + "\"value\":\"1\",", 6)]
    [InlineData("VALUE_TRANSFER_MEMO", 0x10, To + "\"value\":\"1\",\"data\":\"0x68656c6c6f\",", 7)]
    [InlineData("SMART_CONTRACT_DEPLOY", 0x28, "\"data\":\"0x6000\",", 9)]
    [InlineData("SMART_CONTRACT_DEPLOY", 0x28, "\"data\":\"0x6000\",\"humanReadable\":false,\"codeFormat\":\"EVM\",", 9)]
    [InlineData("SMART_CONTRACT_EXECUTION", 0x30, To + "\"data\":\"0xa9059cbb\",", 7)]
    [InlineData("CANCEL", 0x38, "", 4)]
    [InlineData("FEE_DELEGATED_VALUE_TRANSFER", 0x09, To + "\"value\":\"1\",", 6)]
    public static void Signs_each_type(string type, byte code, string members, int fields)
    {
        using var signer = new SingleKeySigner("KLAY", Key);
        var signed = signer.Sign($$"""{"type":"{{type}}",{{members}}{{Rest}}}""");
        var parts = SignedEvm.Read(signed.Data);
        Assert.Equal(code, parts.Type);
        Assert.Equal(fields, parts.Fields.Count);
        Assert.Equal(Account, "0x" + Convert.ToHexStringLower(parts.Sender));
        Assert.Equal(code == 0x09, signed.TransactionId is null); // the fee payer's signature is still to come
    }

    [Theory]
    [InlineData("ACCOUNT_UPDATE", "")]
    [InlineData("CHAIN_DATA_ANCHORING", To)]
    [InlineData("value_transfer", To)]
    [InlineData("0", To)]
    [InlineData("VALUE_TRANSFER", "")]
    [InlineData("VALUE_TRANSFER", To + "\"data\":\"0x01\",")]
    [InlineData("VALUE_TRANSFER", To + "\"feePayer\":\"0x3535353535353535353535353535353535353535\",")]
    [InlineData("FEE_DELEGATED_VALUE_TRANSFER", To + "\"data\":\"0x01\",")]
    [InlineData("SMART_CONTRACT_DEPLOY", "")]
    [InlineData("SMART_CONTRACT_DEPLOY", To + "\"data\":\"0x6000\",")]
    [InlineData("SMART_CONTRACT_DEPLOY", "\"data\":\"0x6000\",\"humanReadable\":true,")]
    [InlineData("SMART_CONTRACT_DEPLOY", "\"data\":\"0x6000\",\"codeFormat\":1,")]
    [InlineData("SMART_CONTRACT_EXECUTION", "\"data\":\"0x6000\",")]
    [InlineData("CANCEL", To)]
    [InlineData("CANCEL", "\"value\":1,")]
    [InlineData("VALUE_TRANSFER", To + "\"accessList\":[],")]
    [InlineData("LEGACY", "")]
    public static void Refuses_what_does_not_fit_the_type(string type, string members)
    {
        using var signer = new SingleKeySigner("KLAY", Key);
        Assert.Throws<KmsException>(() => signer.Decode($$"""{"type":"{{type}}",{{members}}{{Rest}}}"""));
    }

    [Fact]
    public static void Refuses_the_members_of_eip_1559() // the original does too
    {
        using var signer = new SingleKeySigner("KLAY", Key);
        Assert.Throws<KmsException>(() => signer.Decode(
            $$"""{{{To}}"gas":21000,"nonce":1,"chainId":1001,"maxFeePerGas":1,"maxPriorityFeePerGas":1}"""));
        Assert.Throws<KmsException>(() => signer.Decode($$"""{"type":2,{{To}}{{Rest}}}"""));
    }

    [Fact]
    public static void Shows_memo_cancellation_and_fee_delegation()
    {
        using var signer = new SingleKeySigner("KLAY", Key);
        var memo = Summary("VALUE_TRANSFER_MEMO", To + "\"value\":\"1\",\"data\":\"0x68656c6c6f\",");
        Assert.Equal(("hello", "transfer", true), (memo.Memo, memo.Kind, memo.Understood));
        var hidden = Summary("VALUE_TRANSFER_MEMO", To + "\"data\":\"0xe280ae68656c6c6f\",");
        Assert.Equal("0xe280ae68656c6c6f", hidden.Memo); // text that turns the order around is shown as bytes
        var cancel = Summary("CANCEL", "");
        Assert.Equal("cancellation", cancel.Kind);
        Assert.Empty(cancel.Transfers);
        Assert.NotEmpty(Summary("FEE_DELEGATED_VALUE_TRANSFER", To).Warnings);

        TransactionSummary Summary(string type, string members) => signer.Decode($$"""{"type":"{{type}}",{{members}}{{Rest}}}""").Summary;
    }

    [Fact]
    public static void Reads_a_wallet_key_whose_address_is_the_keys()
    {
        using var signer = new SingleKeySigner("KLAY", Key + "0x00" + Account);
        Assert.Equal(Account, signer.Address);
        using var bare = new SingleKeySigner("KLAY", Key[2..] + "0x00" + Account);
        Assert.Equal(Account, bare.Address);
    }

    [Theory]
    [InlineData(Key + "0x000x3535353535353535353535353535353535353535")]
    [InlineData(Key + "0x00")]
    [InlineData(Key + "0x010x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f")]
    [InlineData(Key + "0x000x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f00")]
    [InlineData(Key + "00")]
    public static void Refuses_a_wallet_key_of_another_account_or_form(string key)
    {
        var wallets = ChainCatalog.Get("KLAY").Wallets;
        Assert.Throws<KmsException>(() => wallets.ParseKey(Encoding.UTF8.GetBytes(key), Network.Testnet).Dispose());
        Assert.Throws<KmsException>(() => ChainCatalog.Get("ETH").Wallets.ParseKey(Encoding.UTF8.GetBytes(key), Network.Testnet).Dispose());
    }
}

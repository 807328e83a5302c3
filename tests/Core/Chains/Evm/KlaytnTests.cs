using System.Text;
using KmsCloud.Chains;
using KmsCloud.Chains.Evm;
using KmsCloud.Cli.Sandbox;
using KmsCloud.Errors;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.Evm;

/// <summary>Klaytn's own types and its wallet key.</summary>
public static class KlaytnTests
{
    private const string Key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    private const string Account = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
    private const string Rest = """ "gas":100000,"nonce":5,"gasPrice":"25000000000","chainId":1001""";
    private const string DocTo = """ "to":"0x7b65B75d204aBed71587c9E519a89277766EE1d0",""";
    private const string To = """ "to":"0x3535353535353535353535353535353535353535",""";

    /// <summary>The examples of Klaytn's documentation, "Transactions": basic types and the sender's part of a fee-delegated one.</summary>
    [Theory]
    [InlineData("VALUE_TRANSFER", DocTo + "\"value\":10,",
        "0x08f87a8204d219830f4240947b65b75d204abed71587c9e519a89277766ee1d00a94a94f5374fce5edbc8e2a8697c15331677e6ebf0bf845f84325a0f3d0cd43661cabf53425535817c5058c27781f478cb5459874feaa462ed3a29aa06748abe186269ff10b8100a4b7d7fea274b53ea2905acbf498dc8b5ab1bf4fbc")]
    [InlineData("VALUE_TRANSFER_MEMO", DocTo + "\"value\":10,\"data\":\"0x68656c6c6f\",",
        "0x10f8808204d219830f4240947b65b75d204abed71587c9e519a89277766ee1d00a94a94f5374fce5edbc8e2a8697c15331677e6ebf0b8568656c6c6ff845f84325a07d2b0c89ee8afa502b3186413983bfe9a31c5776f4f820210cffe44a7d568d1ca02b1cbd587c73b0f54969f6b76ef2fd95cea0c1bb79256a75df9da696278509f3")]
    [InlineData("SMART_CONTRACT_EXECUTION", DocTo + "\"value\":10,\"data\":\"0x6353586b000000000000000000000000bc5951f055a85f41a3b62fd6f68ab7de76d299b2\",",
        "0x30f89f8204d219830f4240947b65b75d204abed71587c9e519a89277766ee1d00a94a94f5374fce5edbc8e2a8697c15331677e6ebf0ba46353586b000000000000000000000000bc5951f055a85f41a3b62fd6f68ab7de76d299b2f845f84326a0e4276df1a779274fbb04bc18a0184809eec1ce9770527cebb3d64f926dc1810ba04103b828a0671a48d64fe1a3879eae229699f05a684d9c5fd939015dcdd9709b")]
    [InlineData("CANCEL", "",
        "0x38f8648204d219830f424094a94f5374fce5edbc8e2a8697c15331677e6ebf0bf845f84325a0fb2c3d53d2f6b7bb1deb5a09f80366a5a45429cc1e3956687b075a9dcad20434a05c6187822ee23b1001e9613d29a5d6002f990498d2902904f7f259ab3358216e")]
    [InlineData("FEE_DELEGATED_VALUE_TRANSFER", DocTo + "\"value\":10,",
        "0x09f8948204d219830f4240947b65b75d204abed71587c9e519a89277766ee1d00a94a94f5374fce5edbc8e2a8697c15331677e6ebf0bf845f84325a09f8e49e2ad84b0732984398749956e807e4b526c786af3c5f7416b293e638956a06bf88342092f6ff9fabe31739b2ebfa1409707ce54a54693e91a6b9bb77df0e7940000000000000000000000000000000000000000c4c3018080")]
    public static void Signs_the_examples_of_the_documentation(string type, string members, string signed)
    {
        const string docKey = "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8";
        using var signer = new SingleKeySigner("KLAY", docKey, options: new() { ExtraChainIds = [1] });
        Assert.Equal(signed, signer.Sign($$"""{"type":"{{type}}",{{members}}"gas":"0xf4240","nonce":1234,"gasPrice":"0x19","chainId":1}""").Data);
    }

    /// <summary>A contract deployed on the test network: the bytes that were signed for it.</summary>
    [Fact]
    public static void Signs_the_bytes_of_a_deployment_on_the_test_network()
    {
        const string code = "0x608060405234801561001057600080fd5b5060f78061001f6000396000f3fe6080604052348015600f57600080fd5b5060043610603c5760003560e01c80633fb5c1cb1460415780638381f58a146053578063d09de08a14606d575b600080fd5b6051604c3660046083565b600055565b005b605b60005481565b60405190815260200160405180910390f35b6051600080549080607c83609b565b9190505550565b600060208284031215609457600080fd5b5035919050565b60006001820160ba57634e487b7160e01b600052601160045260246000fd5b506001019056fea2646970667358221220e0f4e7861cb6d7acf0f61d34896310975b57b5bc109681dbbfb2e548ef7546b364736f6c63430008120033";
        var row = new EvmRow(new("KLAY", "KAIA", 18, ""), 0, "", [], [], 0) { Dialect = Klaytn.Read };
        var json = $$"""{"type":"SMART_CONTRACT_DEPLOY","nonce":532,"gasPrice":"50000000000","gas":122000,"data":"{{code}}","chainId":1001,"humanReadable":false,"codeFormat":0}""";
        var fields = EvmRequest.Read(row, json, Convert.FromHexString("A2a8854b1802D8Cd5De631E690817c253d6a9153"), ChainOptions.Default);
        var payload = Convert.ToHexStringLower(fields.Format.SigningPayload(fields));
        Assert.StartsWith("f9014bb90143f9014028820214850ba43b74008301dc90808094a2a8854b1802d8cd5de631e690817c253d6a9153b90116608060", payload, StringComparison.Ordinal);
        Assert.EndsWith(code[2..] + "80808203e98080", payload, StringComparison.Ordinal);
    }

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
        var parts = EvmEnvelope.Read(Convert.FromHexString(signed.Data[2..]));
        Assert.Equal(code, parts.Type);
        Assert.Equal(fields, parts.Fields.Count);
        Assert.Equal(Account, parts.Signer.Address);
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

using KmsCloud.Codecs;

namespace KmsCloud.Tests.Codecs;

/// <summary>The specification's larger test vectors.</summary>
public static class CashAddrTests
{
    [Theory]
    [InlineData("bitcoincash", 0, "F5BF48B397DAE70BE82B3CCA4793F8EB2B6CDAC9", "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2")]
    [InlineData("bchtest", 1, "F5BF48B397DAE70BE82B3CCA4793F8EB2B6CDAC9", "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t")]
    [InlineData("pref", 1, "F5BF48B397DAE70BE82B3CCA4793F8EB2B6CDAC9", "pref:pr6m7j9njldwwzlg9v7v53unlr4jkmx6ey65nvtks5")]
    [InlineData("prefix", 15, "F5BF48B397DAE70BE82B3CCA4793F8EB2B6CDAC9", "prefix:0r6m7j9njldwwzlg9v7v53unlr4jkmx6ey3qnjwsrf")]
    [InlineData("bitcoincash", 0, "7ADBF6C17084BC86C1706827B41A56F5CA32865925E946EA", "bitcoincash:q9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2ws4mr9g0")]
    [InlineData("bchtest", 1, "3A84F9CF51AAE98A3BB3A78BF16A6183790B18719126325BFC0C075B", "bchtest:pgagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkcvs7md7wt")]
    [InlineData("bitcoincash", 0, "3173EF6623C6B48FFD1A3DCC0CC6489B0A07BB47A37F47CFEF4FE69DE825C060", "bitcoincash:qvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq5nlegake")]
    [InlineData("bchtest", 1, "3173EF6623C6B48FFD1A3DCC0CC6489B0A07BB47A37F47CFEF4FE69DE825C060", "bchtest:pvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq7fqng6m6")]
    [InlineData("bitcoincash", 0, "C07138323E00FA4FC122D3B85B9628EA810B3F381706385E289B0B25631197D194B5C238BEB136FB", "bitcoincash:qnq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklv39gr3uvz")]
    public static void Writes_the_specifications_addresses(string prefix, int type, string hash, string address) =>
        Assert.Equal(address, CashAddr.Encode(prefix, type, Convert.FromHexString(hash)));

    [Theory, InlineData(0), InlineData(19), InlineData(21), InlineData(33), InlineData(65)]
    public static void Writes_no_hash_of_another_size(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CashAddr.Encode("bitcoincash", 0, new byte[size]));
}

using KmsCloud.Codecs;

namespace KmsCloud.Tests.Codecs;

public static class CsvCellTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData(" =1+1", "' =1+1")]
    [InlineData("\u00A0\u3000=1+1", "'\u00A0\u3000=1+1")]
    [InlineData("\uFF1D1", "'\uFF1D1")]
    [InlineData("\uFF0B1", "'\uFF0B1")]
    [InlineData("\uFF0D1", "'\uFF0D1")]
    [InlineData("\uFF20a", "'\uFF20a")]
    [InlineData("\u22121", "'\u22121")]
    [InlineData("@a,\"b\"", "\"'@a,\"\"b\"\"\"")]
    public static void No_cell_is_a_formula(string text, string cell) => Assert.Equal(cell, CsvCell.Of(text));
}

using System.Text;
using KmsCloud.Chains.Contracts;

namespace KmsCloud.Tests.Chains.Contracts;

public static class MemoTextTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("invoice 7", "invoice 7")]
    [InlineData("Gr\u00FC\u00DFe \U0001F600", "Gr\u00FC\u00DFe \U0001F600")]
    [InlineData("a\u202Eb", "0x61e280ae62")]
    [InlineData("a\U000E0061b", "0x61f3a081a162")] // an invisible tag character, which is two UTF-16 units
    [InlineData("a\uE000b", "0x61ee808062")] // private use
    public static void What_hides_or_steers_is_shown_as_hex(string memo, string? shown) => Assert.Equal(shown, MemoText.Of(Encoding.UTF8.GetBytes(memo)));

    [Fact]
    public static void What_is_no_text_is_shown_as_hex() => Assert.Equal("0xff00", MemoText.Of([0xff, 0x00]));
}

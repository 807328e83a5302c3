using System.Text;
using System.Text.Json;
using KmsCloud.Functions;

namespace KmsCloud.Tests.Functions;

/// <summary>One message too large for the queue would keep back all the others that a tick puts there.</summary>
public static class QueueMessageTests
{
    private const int Most = 48 * 1024; // 64 KiB in Base64, which the host makes of it

    [Theory]
    [InlineData('a')]
    [InlineData('\u0001')]
    [InlineData('"')]
    [InlineData('€')]
    public static void Whatever_a_request_names_its_message_fits_the_queue(char letter)
    {
        var wallets = Enumerable.Range(0, 500).Select(at => new string(letter, 97) + at).ToList();
        var listed = JsonSerializer.SerializeToElement(new { id = new string('f', 24), hashes = wallets });
        var message = PendingPointer.Of("ETH", listed)!.ToString();
        Assert.True(Encoding.UTF8.GetByteCount(message) <= Most, $"{Encoding.UTF8.GetByteCount(message)} bytes");
        Assert.NotNull(PendingPointer.TryRead(message));
    }
}

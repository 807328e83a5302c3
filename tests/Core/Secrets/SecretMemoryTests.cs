using KmsCloud.Secrets;

namespace KmsCloud.Tests.Store;

/// <summary>Slots are zeroed when they are given out, and wiped when they come back.</summary>
public static unsafe class SecretMemoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(100_000)]
    public static void A_slot_is_empty_whatever_was_in_it_before(int length)
    {
        for (var round = 0; round < 100; round++)
        {
            var pointer = SecretMemory.Rent(length);
            var bytes = new Span<byte>(pointer, length);
            Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
            bytes.Fill(0xa5);
            SecretMemory.Return(pointer, length);
        }
    }

    [Fact]
    public static void Slots_that_are_out_at_once_do_not_overlap()
    {
        var slots = new nint[200];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = (nint)SecretMemory.Rent(40);
            new Span<byte>((void*)slots[i], 40).Fill((byte)i);
        }

        for (var i = 0; i < slots.Length; i++)
        {
            Assert.Equal(-1, new Span<byte>((void*)slots[i], 40).IndexOfAnyExcept((byte)i));
            SecretMemory.Return((byte*)slots[i], 40);
        }

        Assert.True(SecretMemory.LockedBytes > 0);
    }
}

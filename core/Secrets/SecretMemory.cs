using System.Numerics;
using System.Security.Cryptography;
using KmsCloud.Primitives.Native;

namespace KmsCloud.Secrets;

/// <summary>
/// Locked memory in slots of 32 to 4096 bytes cut from guarded slabs. One <c>sodium_malloc</c> per key would cost four
/// pages and three memory maps each, and the kernel allows 65,530 maps: 25,000 wallets would not fit.
/// </summary>
internal static unsafe class SecretMemory
{
    private const int SlabSize = 64 * 1024;
    private const int SmallestSlot = 32;
    private const int LargestSlot = 4096;
    private static readonly Lock Gate = new();
    private static readonly Stack<nint>[] FreeSlots = [.. Enumerable.Range(0, 8).Select(_ => new Stack<nint>())];

    internal static byte* Rent(int length)
    {
        if (length > LargestSlot)
        {
            return Zeroed(Allocate(length), length);
        }

        var slot = SlotSize(length);
        lock (Gate)
        {
            var free = FreeSlots[SlotClass(slot)];
            if (free.Count == 0)
            {
                var slab = Allocate(SlabSize);
                for (var offset = SlabSize - slot; offset >= 0; offset -= slot)
                {
                    free.Push((nint)(slab + offset));
                }
            }

            return Zeroed((byte*)free.Pop(), slot);
        }
    }

    internal static void Return(byte* pointer, int length)
    {
        if (length > LargestSlot)
        {
            Sodium.sodium_free((nint)pointer); // wipes before it frees
            return;
        }

        var slot = SlotSize(length);
        CryptographicOperations.ZeroMemory(new Span<byte>(pointer, slot));
        lock (Gate)
        {
            FreeSlots[SlotClass(slot)].Push((nint)pointer);
        }
    }

    private static int SlotSize(int length) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, SmallestSlot));

    private static int SlotClass(int slot) => BitOperations.Log2((uint)slot) - BitOperations.Log2(SmallestSlot);

    private static byte* Allocate(int length)
    {
        var pointer = (byte*)Sodium.sodium_malloc((nuint)length);
        return pointer is null ? throw new InsufficientMemoryException("no locked memory left for a secret") : pointer;
    }

    private static byte* Zeroed(byte* pointer, int length)
    {
        new Span<byte>(pointer, length).Clear();
        return pointer;
    }
}

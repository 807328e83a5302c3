using System.Numerics;
using System.Security.Cryptography;
using KmsCloud.Errors;
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
    private static long locked;
    private static readonly Lock Gate = new();
    private static readonly Stack<nint>[] FreeSlots = [.. Enumerable.Range(0, 8).Select(_ => new Stack<nint>())];

    /// <summary>Bytes in blocks that are locked.</summary>
    internal static long LockedBytes => Interlocked.Read(ref locked);

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
            Interlocked.Add(ref locked, -length);
            return;
        }

        var slot = SlotSize(length);
        CryptographicOperations.ZeroMemory(new Span<byte>(pointer, slot));
        lock (Gate)
        {
            FreeSlots[SlotClass(slot)].Push((nint)pointer);
        }
    }

    private static int SlotSize(int length) =>
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, SmallestSlot));

    private static int SlotClass(int slot) => BitOperations.Log2((uint)slot) - BitOperations.Log2(SmallestSlot);

    private static byte* Allocate(int length)
    {
        var pointer = (byte*)Sodium.sodium_malloc((nuint)length);
        if (pointer is null)
        {
            throw new InsufficientMemoryException("no locked memory left for a secret");
        }

        if (Sodium.sodium_mlock((nint)pointer, (nuint)length) == 0) // sodium_malloc has tried, and says nothing when it could not
        {
            Interlocked.Add(ref locked, length);
            return pointer;
        }

        if (LockedMemory.AllowsSwap)
        {
            return pointer;
        }

        Sodium.sodium_free((nint)pointer);
        throw new KmsException(
            Failure.Usage,
            $"memory for secrets cannot be locked, so they could be written to swap: {(LockedMemory.LimitInKiB is { } limit ? $"the limit is {limit} KiB" : "the system refuses it")}, {LockedMemory.UsedInKiB} KiB are in use",
            "raise it (LimitMEMLOCK=, ulimit -l, docker run --ulimit memlock=…), or accept swap with --allow-swap");
    }

    private static byte* Zeroed(byte* pointer, int length)
    {
        new Span<byte>(pointer, length).Clear();
        return pointer;
    }
}

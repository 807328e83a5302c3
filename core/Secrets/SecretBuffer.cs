using System.Buffers;
using System.Security.Cryptography;

namespace KmsCloud.Secrets;

/// <summary>
/// A growing buffer in locked memory, for writing JSON that holds secrets. Every piece it outgrows is wiped.
/// </summary>
public sealed class SecretBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstSize = 4096;
    private SecretBytes bytes = new(FirstSize);
    private int used;

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => bytes.Span[..used];

    /// <inheritdoc/>
    public void Advance(int count) => used += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return new NativeMemory(bytes).Memory[used..];
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return bytes.Span[used..];
    }

    /// <summary>Moves what was written out of the buffer, which starts empty again.</summary>
    public SecretBytes Take()
    {
        var taken = SecretBytes.Copy(Written);
        CryptographicOperations.ZeroMemory(bytes.Span);
        used = 0;
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose() => bytes.Dispose();

    private void Grow(int sizeHint)
    {
        var needed = used + Math.Max(sizeHint, 1);
        if (needed <= bytes.Length)
        {
            return;
        }

        var larger = new SecretBytes(Math.Max(needed, bytes.Length * 2));
        Written.CopyTo(larger.Span);
        bytes.Dispose();
        bytes = larger;
    }

    private sealed unsafe class NativeMemory(SecretBytes owner) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => owner.Span;

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            fixed (byte* pointer = owner.Span)
            {
                return new(pointer + elementIndex); // locked memory never moves
            }
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}

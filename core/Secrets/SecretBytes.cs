using System.Security.Cryptography;
using System.Text;

namespace KmsCloud.Secrets;

/// <summary>
/// Secret bytes outside the managed heap, in memory locked against swapping and core dumps (<c>sodium_malloc</c>),
/// wiped on dispose. Text secrets (mnemonics, WIF, passwords) are held as UTF-8.
/// </summary>
public sealed unsafe class SecretBytes : IDisposable
{
    private readonly Block block;
    private readonly int start;
    private bool isPart;
    private bool wiped;

    /// <summary>A zeroed secret of <paramref name="length"/> bytes, to be filled through <see cref="Span"/>.</summary>
    public SecretBytes(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        block = new(length);
        Length = length;
    }

    private SecretBytes(Block block, int start, int length) =>
        (this.block, this.start, Length, isPart) = (block, start, length, true);

    /// <summary>Number of bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes themselves: keep the span inside the <c>using</c> that owns this secret.</summary>
    /// <exception cref="ObjectDisposedException">The secret was wiped.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(wiped || block.IsGone, this);
            return block.Span.Slice(start, Length);
        }
    }

    /// <summary>Moves a secret in: copies it, then wipes where it came from.</summary>
    public static SecretBytes Take(Span<byte> source)
    {
        var secret = Copy(source);
        CryptographicOperations.ZeroMemory(source);
        return secret;
    }

    /// <summary>
    /// A part of this secret that shares its memory: a store of 25,000 keys is one piece of locked memory. Disposing
    /// the part wipes it there; it is gone when the whole is disposed.
    /// </summary>
    public SecretBytes Part(int start, int length)
    {
        _ = Span.Slice(start, length);
        return new(block, this.start + start, length);
    }

    /// <summary>
    /// A part that takes the memory of this secret over: this one is spent, and all of it is wiped with the part.
    /// </summary>
    public SecretBytes TakePart(int start, int length)
    {
        var part = Part(start, length);
        (part.isPart, wiped) = (isPart, true);
        return part;
    }

    /// <summary>A second copy of bytes that are wiped elsewhere.</summary>
    public static SecretBytes Copy(ReadOnlySpan<byte> source)
    {
        var secret = new SecretBytes(source.Length);
        source.CopyTo(secret.Span);
        return secret;
    }

    /// <summary>UTF-8 of characters, which are wiped.</summary>
    public static SecretBytes TakeText(Span<char> source)
    {
        var secret = new SecretBytes(Encoding.UTF8.GetByteCount(source));
        Encoding.UTF8.GetBytes(source, secret.Span);
        source.Clear();
        return secret;
    }

    /// <summary>UTF-8 of a string that already lives on the heap, such as an environment variable. Prefer <see cref="TakeText"/>.</summary>
    public static SecretBytes FromString(string text)
    {
        var secret = new SecretBytes(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, secret.Span);
        return secret;
    }

    /// <summary>Random bytes from the operating system's generator.</summary>
    public static SecretBytes Random(int length)
    {
        var secret = new SecretBytes(length);
        RandomNumberGenerator.Fill(secret.Span);
        return secret;
    }

    /// <summary>
    /// The secret as a string, for the commands whose purpose is to show it. Lives on the heap until collected.
    /// </summary>
    public string Reveal() => Encoding.UTF8.GetString(Span);

    /// <summary>Says nothing but the length: whatever holds a secret may print itself.</summary>
    public override string ToString() => $"[secret, {Length} bytes]";

    /// <summary>Wipes the bytes and gives the memory back.</summary>
    public void Dispose()
    {
        if (wiped || block.IsGone)
        {
            return;
        }

        wiped = true;
        if (isPart)
        {
            CryptographicOperations.ZeroMemory(block.Span.Slice(start, Length));
        }
        else
        {
            block.Dispose();
        }
    }

    /// <summary>The memory itself, which lives as long as the whole or a part of it is held.</summary>
    private sealed class Block : IDisposable
    {
        private byte* pointer;

        internal Block(int length)
        {
            pointer = SecretMemory.Rent(length);
            Length = length;
        }

        /// <summary>Wipes a secret nobody disposed.</summary>
        ~Block() => Release();

        internal int Length { get; }

        internal bool IsGone => pointer is null;

        internal Span<byte> Span => new(pointer, Length);

        public void Dispose()
        {
            Release();
            GC.SuppressFinalize(this);
        }

        private void Release()
        {
            var held = pointer;
            pointer = null;
            if (held is not null)
            {
                SecretMemory.Return(held, Length);
            }
        }
    }
}

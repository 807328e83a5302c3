using System.Security.Cryptography;
using System.Text;

namespace KmsCloud.Secrets;

/// <summary>
/// Secret bytes outside the managed heap, in memory locked against swapping and core dumps (<c>sodium_malloc</c>),
/// wiped on dispose. Text secrets (mnemonics, WIF, passwords) are held as UTF-8.
/// </summary>
public sealed unsafe class SecretBytes : IDisposable
{
    private byte* pointer;

    /// <summary>A zeroed secret of <paramref name="length"/> bytes, to be filled through <see cref="Span"/>.</summary>
    public SecretBytes(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        pointer = SecretMemory.Rent(length);
        Length = length;
    }

    /// <summary>Wipes a secret nobody disposed.</summary>
    ~SecretBytes() => Release();

    /// <summary>Number of bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes themselves: keep the span inside the <c>using</c> that owns this secret.</summary>
    /// <exception cref="ObjectDisposedException">The secret was wiped.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(pointer is null, this);
            return new(pointer, Length);
        }
    }

    /// <summary>Moves a secret in: copies it, then wipes where it came from.</summary>
    public static SecretBytes Take(Span<byte> source)
    {
        var secret = Copy(source);
        CryptographicOperations.ZeroMemory(source);
        return secret;
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

    /// <summary>The secret as a string, for the commands whose purpose is to show it. Lives on the heap until collected.</summary>
    public string Reveal() => Encoding.UTF8.GetString(Span);

    /// <summary>Says nothing but the length: whatever holds a secret may print itself.</summary>
    public override string ToString() => $"[secret, {Length} bytes]";

    /// <summary>Wipes the bytes and gives the memory back.</summary>
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

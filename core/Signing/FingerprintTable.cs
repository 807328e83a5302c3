using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KmsCloud.Signing;

/// <summary>
/// A map from texts to small values that keeps 16 bytes of each text's SHA-256 instead of the text: a million entries
/// take some 40 MB with a value of eight bytes. Whoever finds an entry by it compares the text itself where it was
/// written down. Not safe for several threads.
/// </summary>
/// <typeparam name="T">The value; its default stands for none.</typeparam>
internal sealed class FingerprintTable<T>
    where T : struct, IEquatable<T>
{
    private const int Shards = 256; // each grows by itself, so that growing never holds two copies of the whole
    private const int Smallest = 8;
    private readonly Shard[] shards = [.. Enumerable.Range(0, Shards).Select(_ => new Shard())];

    /// <summary>The fingerprint of a text.</summary>
    internal static UInt128 Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash) | 1; // never 0, which marks an empty place
    }

    /// <summary>The value of a fingerprint, or the default.</summary>
    internal T this[UInt128 key]
    {
        get => shards[(int)(key >> 120)].Get(key);
        set => shards[(int)(key >> 120)].Set(key, value);
    }

    private sealed class Shard
    {
        private UInt128[] keys = [];
        private T[] values = [];
        private int count;

        internal T Get(UInt128 key)
        {
            if (keys.Length == 0)
            {
                return default;
            }

            var place = Place(key);
            return keys[place] == key ? values[place] : default;
        }

        internal void Set(UInt128 key, T value)
        {
            if (count >= keys.Length * 4 / 5)
            {
                Grow();
            }

            var place = Place(key);
            if (keys[place] != key)
            {
                keys[place] = key;
                count++;
            }

            values[place] = value;
        }

        /// <summary>Where a key is, or the empty place where it would be.</summary>
        private int Place(UInt128 key)
        {
            var place = (int)Math.BigMul(unchecked((ulong)key), (ulong)keys.Length, out _);
            while (keys[place] != 0 && keys[place] != key)
            {
                place = place + 1 == keys.Length ? 0 : place + 1;
            }

            return place;
        }

        private void Grow()
        {
            var (oldKeys, oldValues) = (keys, values);
            var size = Math.Max(Smallest, oldKeys.Length + (oldKeys.Length / 2));
            (keys, values, count) = (new UInt128[size], new T[size], 0);
            for (var i = 0; i < oldKeys.Length; i++)
            {
                if (oldKeys[i] != 0 && !oldValues[i].Equals(default))
                {
                    Set(oldKeys[i], oldValues[i]);
                }
            }
        }
    }
}

using System.Buffers.Binary;
using System.Text;

namespace KmsCloud.Tests.Support;

/// <summary>The functions that a program takes from shared libraries: the undefined names of its dynamic symbol table (System V ABI, 64 bits).</summary>
internal static class ElfImports
{
    private const uint DynamicSymbols = 11; // SHT_DYNSYM
    private const int SymbolSize = 24;

    public static IReadOnlySet<string> Of(string path)
    {
        var file = File.ReadAllBytes(path);
        var sections = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(0x28));
        var size = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(0x3A));
        var count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(0x3C));
        var table = Enumerable.Range(0, count).Select(section => file.AsMemory(sections + (section * size), size)).First(section => BinaryPrimitives.ReadUInt32LittleEndian(section.Span[4..]) == DynamicSymbols).Span;
        var names = file.AsMemory(sections + ((int)BinaryPrimitives.ReadUInt32LittleEndian(table[0x28..]) * size), size).Span;
        var texts = file.AsSpan((int)BinaryPrimitives.ReadUInt64LittleEndian(names[0x18..]), (int)BinaryPrimitives.ReadUInt64LittleEndian(names[0x20..]));
        var symbols = file.AsSpan((int)BinaryPrimitives.ReadUInt64LittleEndian(table[0x18..]), (int)BinaryPrimitives.ReadUInt64LittleEndian(table[0x20..]));
        var imports = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < symbols.Length; at += SymbolSize)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(symbols[(at + 6)..]) == 0) // SHN_UNDEF
            {
                var name = texts[(int)BinaryPrimitives.ReadUInt32LittleEndian(symbols[at..])..];
                imports.Add(Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]));
            }
        }

        return imports;
    }
}

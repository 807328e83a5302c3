using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace KmsCloud.Tests.Architecture;

/// <summary>Which types of some assemblies use which others of them, read from signatures and from the code of every method (ECMA-335, III).</summary>
internal static class TypeUses
{
    private const BindingFlags Own = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
    private const byte TwoByteOpCode = 0xfe;

    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value & 0xffff, code => code.OperandType);

    /// <summary>Pairs of types that have a name of their own; what is nested counts as the type around it.</summary>
    internal static HashSet<(Type User, Type Used)> Of(IReadOnlyCollection<Assembly> assemblies)
    {
        var uses = new HashSet<(Type, Type)>();
        foreach (var type in assemblies.SelectMany(assembly => assembly.GetTypes()))
        {
            foreach (var used in Named(type).SelectMany(Parts).Where(used => assemblies.Contains(used.Assembly)))
            {
                if (Around(type) != Around(used))
                {
                    uses.Add((Around(type), Around(used)));
                }
            }
        }

        return uses;
    }

    /// <summary>The types that others meet who use a public type: in what it derives from, and in its public and protected members.</summary>
    internal static IEnumerable<Type> InSignatures(Type type)
    {
        IEnumerable<Type?> named =
        [
            type.BaseType, .. type.GetInterfaces().Where(one => one.IsVisible),
            .. type.GetFields(Own).Where(field => field.IsPublic || field.IsFamily).Select(field => field.FieldType),
            .. Methods(type).Where(method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly).SelectMany(Signature),
        ];
        var nested = type.GetNestedTypes().SelectMany(InSignatures);
        return named.OfType<Type>().SelectMany(Parts).Select(Around).Concat(nested);
    }

    private static Type Around(Type type) => type.DeclaringType is { } outer ? Around(outer) : type;

    /// <summary>The types a written type is made of: <c>Dictionary&lt;A, B[]&gt;</c> gives three.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        while (type.HasElementType)
        {
            type = type.GetElementType()!;
        }

        if (type.IsGenericParameter)
        {
            return [];
        }

        return type.IsGenericType ? [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Parts)] : [type];
    }

    private static IEnumerable<Type> Named(Type type)
    {
        IEnumerable<Type?> signatures =
        [
            type.BaseType, .. type.GetInterfaces(), .. type.GetFields(Own).Select(field => field.FieldType),
            .. Methods(type).SelectMany(Signature),
        ];
        return signatures.OfType<Type>().Concat(Methods(type).SelectMany(InCode));
    }

    private static IEnumerable<Type?> Signature(MethodBase method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType).Append((method as MethodInfo)?.ReturnType);

    private static IEnumerable<MethodBase> Methods(Type type) => type.GetMethods(Own).Cast<MethodBase>().Concat(type.GetConstructors(Own));

    private static IEnumerable<Type> InCode(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
        {
            yield break;
        }

        var ofType = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : [];
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (var at = 0; at < code.Length;)
        {
            int name = code[at++];
            name = name == TwoByteOpCode ? (name << 8) | code[at++] : name;
            var operand = Operands[name];
            if (operand is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                var member = method.Module.ResolveMember(BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)), ofType, ofMethod);
                foreach (var used in new[] { member as Type, member?.DeclaringType, (member as FieldInfo)?.FieldType, (member as MethodInfo)?.ReturnType }.OfType<Type>())
                {
                    yield return used;
                }
            }

            at += Length(operand, code.AsSpan(at));
        }
    }

    private static int Length(OperandType operand, ReadOnlySpan<byte> rest) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 * (1 + BinaryPrimitives.ReadInt32LittleEndian(rest)),
        _ => 4,
    };
}

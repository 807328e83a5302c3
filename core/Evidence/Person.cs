namespace KmsCloud.Evidence;

/// <summary>Somebody whose yes may count. Whatever number of keys a person has, it counts once.</summary>
/// <param name="Name">The name, unique in the file.</param>
/// <param name="Groups">Groups that rules name.</param>
/// <param name="Keys">Security keys.</param>
public sealed record Person(string Name, IReadOnlySet<string> Groups, IReadOnlyList<Passkey> Keys);

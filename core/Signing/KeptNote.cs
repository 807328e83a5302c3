using System.Text.Json;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.State;

namespace KmsCloud.Signing;

/// <summary>
/// A list that is kept in a note of the state folder, so that a restart knows it. Memory leads: a note that cannot be
/// read is none, one that cannot be written is missed.
/// </summary>
/// <param name="note">Where it is kept, or null for memory alone.</param>
/// <param name="name">The note's name, for messages.</param>
internal sealed class KeptNote(IStateNote? note, string name)
{
    /// <summary>Reads the note's object.</summary>
    /// <returns>False when there is one and it cannot be read: what was taken from it is to be dropped.</returns>
    internal bool TryRead(Action<StrictObject> take)
    {
        try
        {
            if (note?.Read() is { } bytes)
            {
                take(new StrictObject(StrictJson.Parse(bytes, name), name));
            }

            return true;
        }
        catch (KmsException)
        {
            return false;
        }
    }

    /// <summary>Writes the note's object.</summary>
    internal void Write(Action<Utf8JsonWriter> members)
    {
        try
        {
            note?.Write(CompactJson.Utf8(json =>
            {
                json.WriteStartObject();
                members(json);
                json.WriteEndObject();
            }));
        }
        catch (KmsException)
        {
            // memory has it
        }
    }
}

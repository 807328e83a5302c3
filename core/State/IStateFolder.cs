using KmsCloud.Errors;

namespace KmsCloud.State;

/// <summary>Where journal and audit log live. Whoever holds one is the only signer that uses it.</summary>
public interface IStateFolder : IDisposable
{
    /// <summary>The identity that the state must have, as an operator wrote it down elsewhere; null for any.</summary>
    string? ExpectedId => null;

    /// <summary>Opens or makes a log. The caller owns it, and closes it before the folder.</summary>
    /// <exception cref="KmsException">It cannot be opened.</exception>
    IAppendLog Open(string name);

    /// <summary>Opens or makes a short record of some bytes that is overwritten again and again. The caller owns it.</summary>
    /// <exception cref="KmsException">It cannot be opened.</exception>
    IRecordPlaces OpenRecord(string name, int size = 256);

    /// <summary>A document that people put there and take away.</summary>
    IStateNote Note(string name);
}

/// <summary>A short record that is overwritten again and again in all of its places, another one first each time: a torn write leaves a whole one.</summary>
public interface IRecordPlaces : IDisposable
{
    /// <summary>How many places there are.</summary>
    int Count { get; }

    /// <summary>Whether a write is there whole or not at all, and takes the place of everything before it.</summary>
    bool IsAllOrNothing { get; }

    /// <summary>What is in a place, or null when nothing whole is.</summary>
    byte[]? Read(int place);

    /// <summary>
    /// Whether a record that was read or written here is still what somebody who opens it now would find: another process may have written a newer one, or
    /// another file may lie under its name. True where a write of its own would be refused then.
    /// </summary>
    bool Holds(ReadOnlySpan<byte> record) => true;

    /// <summary>Writes a place.</summary>
    /// <param name="place">Which.</param>
    /// <param name="record">What.</param>
    /// <param name="flush">Whether it must survive a power cut; else it survives the end of the process.</param>
    /// <exception cref="KmsException">It could not be written.</exception>
    void Write(int place, ReadOnlySpan<byte> record, bool flush = true);
}

/// <summary>A small document that people put into a state folder and take away again.</summary>
public interface IStateNote
{
    /// <summary>What it says, or null when it is not there.</summary>
    /// <exception cref="KmsException">Whether it is there, or what it says, cannot be read.</exception>
    byte[]? Read();

    /// <summary>Puts it there.</summary>
    /// <exception cref="KmsException">It could not be written.</exception>
    void Write(byte[] content);

    /// <summary>Takes it away. False when it was not there.</summary>
    /// <exception cref="KmsException">It could not be removed.</exception>
    bool Remove();
}

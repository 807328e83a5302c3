using KmsCloud.Errors;

namespace KmsCloud.State;

/// <summary>A state folder on disk, mode 0700, held by a lock that ends with the process.</summary>
public sealed class LocalStateFolder : IStateFolder
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly string folder;
    private readonly FileLock held;

    /// <summary>Takes the folder.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="expectedId">The identity that the state must have; null for any.</param>
    /// <exception cref="KmsException">Another daemon holds it.</exception>
    public LocalStateFolder(string folder, string? expectedId = null)
    {
        this.folder = folder;
        ExpectedId = expectedId;
        held = FileLock.Take(Path.Combine(folder, "daemon.lock"), Patience, $"the state folder '{folder}'");
    }

    /// <inheritdoc/>
    public string? ExpectedId { get; }

    /// <inheritdoc/>
    public IAppendLog Open(string name) => FileAppendLog.Open(Path.Combine(folder, name));

    /// <inheritdoc/>
    public IRecordPlaces OpenRecord(string name, int size = 256) => FileRecordPlaces.Open(Path.Combine(folder, name), size);

    /// <inheritdoc/>
    public IStateNote Note(string name) => new FileNote(Path.Combine(folder, name));

    /// <inheritdoc/>
    public void Dispose() => held.Dispose();
}

using System.Text;
using KmsCloud.Secrets;
using KmsCloud.Signing;
using KmsCloud.State;

namespace KmsCloud.Tests.Support;

/// <summary>A sealed journal with its index, as a state folder has them.</summary>
internal sealed class SealedJournal : IDisposable
{
    internal const string JournalName = "journal.jsonl";
    private readonly StateHead head;
    private readonly SealedLog index;

    internal SealedJournal(TempFolder folder, TimeProvider clock, int between = JournalCheckpoints.Between, Func<IRecordPlaces, IRecordPlaces>? places = null)
    {
        head = StateHead.Open((places ?? (same => same))(FileRecordPlaces.Open(folder.File(StateHead.RecordName), StateHead.Size)), SecretBytes.Copy(Encoding.ASCII.GetBytes("a key of the tests that seals it.")));
        Log = new(FileAppendLog.Open(folder.File(JournalName)), JournalName, head);
        index = new(FileAppendLog.Open(folder.File(JournalCheckpoints.Name)), JournalCheckpoints.Name, head);
        try
        {
            Journal = Journal.Open(Log, index, clock, between);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal SealedLog Log { get; }

    internal Journal Journal { get; } = null!;

    public void Dispose()
    {
        index.Dispose();
        Log.Dispose();
        head.Dispose();
    }
}

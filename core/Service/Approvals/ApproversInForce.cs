using KmsCloud.Evidence;

namespace KmsCloud.Approvals;

/// <summary>The approvers file that counts now, and the time that evidence is held against.</summary>
public sealed class ApproversInForce
{
    private readonly Func<Approvers> load;
    private volatile Approvers current;
    private string? said;

    /// <summary>Reads the file.</summary>
    /// <param name="load">Reads it, now and again.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="Errors.KmsException">It cannot be used.</exception>
    public ApproversInForce(Func<Approvers> load, TimeProvider clock)
    {
        this.load = load;
        Clock = clock;
        current = load();
    }

    /// <summary>What counts.</summary>
    public Approvers Current => current;

    /// <summary>The time.</summary>
    internal TimeProvider Clock { get; }

    /// <summary>Reads the file again.</summary>
    /// <exception cref="Errors.KmsException">It cannot be used; the one before stays.</exception>
    internal void Reload() => current = load();

    /// <summary>Writes down which file counts, once for each.</summary>
    /// <param name="write">Writes it down.</param>
    internal async Task SayAsync(Func<Approvers, Task> write)
    {
        var now = current;
        var before = Interlocked.Exchange(ref said, now.Digest);
        if (before == now.Digest)
        {
            return;
        }

        try
        {
            await write(now);
        }
        catch
        {
            Interlocked.CompareExchange(ref said, before, now.Digest);
            throw;
        }
    }
}

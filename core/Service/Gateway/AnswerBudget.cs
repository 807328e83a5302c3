namespace KmsCloud.Gateway;

/// <summary>
/// The memory that all answers of the gateway may take together. The first part of each answer is free, so that a chain
/// that is flooded leaves room for the others.
/// </summary>
internal sealed class AnswerBudget(long most)
{
    /// <summary>Bytes of each answer that are not counted.</summary>
    internal const int Free = 1024 * 1024;

    private long taken;

    /// <summary>Begins an answer.</summary>
    internal Lease Begin() => new(this);

    private bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref taken, bytes) <= most)
        {
            return true;
        }

        Interlocked.Add(ref taken, -bytes);
        return false;
    }

    /// <summary>What one answer takes, given back when it is disposed of.</summary>
    internal sealed class Lease(AnswerBudget budget) : IDisposable
    {
        private long counted;

        /// <summary>Makes room for an answer of so many bytes in all. False when there is none.</summary>
        internal bool TryGrow(long length)
        {
            var more = Math.Max(0, length - Free) - counted;
            if (more <= 0)
            {
                return true;
            }

            if (!budget.TryTake(more))
            {
                return false;
            }

            counted += more;
            return true;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Interlocked.Add(ref budget.taken, -counted);
            counted = 0;
        }
    }
}

namespace KmsCloud.State;

/// <summary>How a record is written to its places.</summary>
internal static class RecordPlaces
{
    /// <summary>
    /// Writes a record to one place and then to the others: a write that is torn leaves a whole one, and a place that
    /// somebody spoils later brings back nothing that was before.
    /// </summary>
    /// <param name="places">The places.</param>
    /// <param name="first">The one that must survive a power cut, when <paramref name="flush"/> says so.</param>
    /// <param name="record">The record.</param>
    /// <param name="flush">Whether it must.</param>
    /// <exception cref="Errors.KmsException">It could not be written.</exception>
    internal static void WriteAll(this IRecordPlaces places, int first, ReadOnlySpan<byte> record, bool flush)
    {
        places.Write(first, record, flush);
        for (var more = 1; !places.IsAllOrNothing && more < places.Count; more++)
        {
            places.Write((first + more) % places.Count, record, flush: false);
        }
    }
}

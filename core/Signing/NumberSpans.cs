namespace KmsCloud.Signing;

/// <summary>
/// A set of numbers as spans in order, which never touch: a million in a row is one. Not safe for use by several
/// threads at once.
/// </summary>
internal sealed class NumberSpans
{
    private readonly List<NumberSpan> spans;

    internal NumberSpans(IEnumerable<NumberSpan> from) => spans = [.. from];

    /// <summary>The spans, in order.</summary>
    internal IReadOnlyList<NumberSpan> All => spans;

    /// <summary>Whether a number is in it.</summary>
    internal bool Has(ulong number) =>
        FirstEndingAtOrAfter(number) is var at && at < spans.Count && spans[at].First <= number;

    /// <summary>The first number from one on that is not in it.</summary>
    internal ulong FirstFreeFrom(ulong number)
    {
        var at = FirstEndingAtOrAfter(number);
        return at < spans.Count && spans[at].First <= number ? spans[at].Last + 1 : number;
    }

    /// <summary>Puts a number in.</summary>
    internal void Take(ulong number)
    {
        var at = FirstEndingAtOrAfter(number);
        if (at < spans.Count && spans[at].First <= number)
        {
            return;
        }

        var joinsAfter = at < spans.Count && spans[at].First == number + 1;
        var joinsBefore = at > 0 && spans[at - 1].Last + 1 == number;
        if (joinsBefore && joinsAfter)
        {
            spans[at - 1] = new(spans[at - 1].First, spans[at].Last);
            spans.RemoveAt(at);
        }
        else if (joinsBefore)
        {
            spans[at - 1] = spans[at - 1] with { Last = number };
        }
        else if (joinsAfter)
        {
            spans[at] = spans[at] with { First = number };
        }
        else
        {
            spans.Insert(at, new(number, number));
        }
    }

    /// <summary>Takes a number out.</summary>
    internal void Free(ulong number)
    {
        var at = FirstEndingAtOrAfter(number);
        if (at == spans.Count || spans[at].First > number)
        {
            return;
        }

        var (first, last) = spans[at];
        spans.RemoveAt(at);
        if (number < last)
        {
            spans.Insert(at, new(number + 1, last));
        }

        if (first < number)
        {
            spans.Insert(at, new(first, number - 1));
        }
    }

    /// <summary>What of a span is not in it, in order.</summary>
    internal IEnumerable<NumberSpan> Without(NumberSpan of)
    {
        var from = of.First;
        for (var at = FirstEndingAtOrAfter(from); at < spans.Count && spans[at].First <= of.Last; at++)
        {
            if (from < spans[at].First)
            {
                yield return new(from, spans[at].First - 1);
            }

            from = spans[at].Last + 1;
        }

        if (from <= of.Last)
        {
            yield return new(from, of.Last);
        }
    }

    private int FirstEndingAtOrAfter(ulong number)
    {
        var (from, to) = (0, spans.Count);
        while (from < to)
        {
            var middle = from + ((to - from) / 2);
            (from, to) = spans[middle].Last < number ? (middle + 1, to) : (from, middle);
        }

        return from;
    }
}

/// <summary>Sequence numbers in a row.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public readonly record struct NumberSpan(ulong First, ulong Last)
{
    /// <inheritdoc/>
    public override string ToString() => First == Last ? $"{First}" : $"{First} to {Last}";
}

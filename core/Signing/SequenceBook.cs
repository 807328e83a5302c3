namespace KmsCloud.Signing;

/// <summary>
/// Which sequence numbers (nonces) of each account signed transactions hold. A number that is held is never given out again; one that is
/// free may be, without danger: a chain takes one transaction for each number. Not safe for use by several threads at once.
/// </summary>
internal sealed class SequenceBook
{
    private readonly Dictionary<string, Numbers> accounts = new(StringComparer.Ordinal);

    /// <summary>Accounts that hold numbers, in no order.</summary>
    internal IEnumerable<string> Accounts => accounts.Keys;

    /// <summary>
    /// The number an account's next transaction gets when the gateway counts no more: one above the highest that is held, or, where an
    /// operator said from where, the first free one from there. Null when nothing is known of the account.
    /// </summary>
    internal ulong? Next(string account) => accounts.GetValueOrDefault(account)?.Next;

    /// <summary>The next number, or where all that were held are free again the lowest of them; null when no number of the account was ever held.</summary>
    internal ulong? Seen(string account) => accounts.GetValueOrDefault(account) is { } numbers ? numbers.Next ?? numbers.Lowest : null;

    /// <summary>Takes a number.</summary>
    internal void Take(string account, ulong number) => Of(account).Take(number);

    /// <summary>Gives a number back: what held it will never be in a block.</summary>
    internal void Free(string account, ulong number) => accounts.GetValueOrDefault(account)?.Free(number);

    /// <summary>From now on free numbers from this one are given out first.</summary>
    internal void StartAt(string account, ulong number) => Of(account).Start = number;

    /// <summary>What is known of an account, to be written down.</summary>
    internal AccountNumbers? Get(string account) => accounts.GetValueOrDefault(account)?.Get(account);

    /// <summary>What was written down, in the place of what is known.</summary>
    internal void Put(AccountNumbers numbers) => accounts[numbers.Account] = Numbers.Of(numbers);

    /// <summary>Free numbers below one that is held, from the lowest that ever was, as spans with both ends.</summary>
    internal IReadOnlyList<NumberSpan> Gaps(string account) => accounts.GetValueOrDefault(account)?.Gaps() ?? [];

    private Numbers Of(string account)
    {
        if (!accounts.TryGetValue(account, out var numbers))
        {
            accounts[account] = numbers = new();
        }

        return numbers;
    }

    /// <summary>Numbers of one account as spans in order, which never touch: a million in a row is one.</summary>
    private sealed class Numbers
    {
        private readonly List<NumberSpan> held = [];
        private ulong lowest = ulong.MaxValue;

        internal ulong? Start { get; set; }

        internal ulong? Lowest => lowest == ulong.MaxValue ? null : lowest;

        internal static Numbers Of(AccountNumbers written)
        {
            var numbers = new Numbers { lowest = written.Lowest, Start = written.Start };
            numbers.held.AddRange(written.Held);
            return numbers;
        }

        internal AccountNumbers Get(string account) => new(account, lowest, Start, [.. held]);

        internal ulong? Next => Start is { } start ? FirstFreeFrom(start) : held.Count > 0 ? held[^1].Last + 1 : null; // within ulong: JournalRecord.LargestSequence

        internal void Take(ulong number)
        {
            lowest = Math.Min(lowest, number);
            var at = FirstEndingAtOrAfter(number);
            if (at < held.Count && held[at].First <= number)
            {
                return;
            }

            var joinsAfter = at < held.Count && held[at].First == number + 1;
            var joinsBefore = at > 0 && held[at - 1].Last + 1 == number;
            if (joinsBefore && joinsAfter)
            {
                held[at - 1] = new(held[at - 1].First, held[at].Last);
                held.RemoveAt(at);
            }
            else if (joinsBefore)
            {
                held[at - 1] = held[at - 1] with { Last = number };
            }
            else if (joinsAfter)
            {
                held[at] = held[at] with { First = number };
            }
            else
            {
                held.Insert(at, new(number, number));
            }
        }

        internal void Free(ulong number)
        {
            var at = FirstEndingAtOrAfter(number);
            if (at == held.Count || held[at].First > number)
            {
                return;
            }

            var (first, last) = held[at];
            held.RemoveAt(at);
            if (number < last)
            {
                held.Insert(at, new(number + 1, last));
            }

            if (first < number)
            {
                held.Insert(at, new(first, number - 1));
            }
        }

        internal List<NumberSpan> Gaps()
        {
            var gaps = new List<NumberSpan>();
            var free = Math.Min(lowest, Start ?? lowest);
            foreach (var span in held)
            {
                if (free < span.First)
                {
                    gaps.Add(new(free, span.First - 1));
                }

                free = span.Last + 1;
            }

            return gaps;
        }

        private ulong FirstFreeFrom(ulong number)
        {
            var at = FirstEndingAtOrAfter(number);
            return at < held.Count && held[at].First <= number ? held[at].Last + 1 : number;
        }

        private int FirstEndingAtOrAfter(ulong number)
        {
            var (from, to) = (0, held.Count);
            while (from < to)
            {
                var middle = from + ((to - from) / 2);
                (from, to) = held[middle].Last < number ? (middle + 1, to) : (from, middle);
            }

            return from;
        }
    }
}

/// <summary>What is known of an account's numbers.</summary>
/// <param name="Account">The account.</param>
/// <param name="Lowest">The lowest that was ever held; the largest number there is for none.</param>
/// <param name="Start">From where an operator has free ones given out, or null.</param>
/// <param name="Held">Those that are held, in order; spans never touch.</param>
internal sealed record AccountNumbers(string Account, ulong Lowest, ulong? Start, IReadOnlyList<NumberSpan> Held);

/// <summary>Sequence numbers in a row.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public readonly record struct NumberSpan(ulong First, ulong Last)
{
    /// <inheritdoc/>
    public override string ToString() => First == Last ? $"{First}" : $"{First} to {Last}";
}

/// <summary>What is out for one account whose numbers are given out here.</summary>
/// <param name="Account">Chain code and address, such as <c>ETH:0x…</c>.</param>
/// <param name="Waiting">How many signed transactions of it are out.</param>
/// <param name="Lowest">The lowest number among them.</param>
/// <param name="Highest">The highest.</param>
/// <param name="Next">The number of the next one.</param>
/// <param name="Gaps">Free numbers below one that is out: what is above them waits for somebody to use them.</param>
public sealed record SequenceState(string Account, int Waiting, ulong Lowest, ulong Highest, ulong Next, IReadOnlyList<NumberSpan> Gaps);

namespace KmsCloud.Signing;

/// <summary>
/// Which sequence numbers (nonces) of each account signed transactions hold. A number that is held is never given out
/// again; one that is free may be, without danger: a chain takes one transaction for each number. Not safe for use by
/// several threads at once.
/// </summary>
internal sealed class SequenceBook
{
    private readonly Dictionary<string, Numbers> accounts = new(StringComparer.Ordinal);

    /// <summary>Accounts that hold numbers, in no order.</summary>
    internal IEnumerable<string> Accounts => accounts.Keys;

    /// <summary>
    /// The number an account's next transaction gets when the gateway counts no more: one above the highest that is
    /// held, or, where an operator said from where, the first free one from there. Numbers that requests brought along
    /// are left out, and move nothing. Null when nothing is known of the account.
    /// </summary>
    internal ulong? Next(string account) => accounts.GetValueOrDefault(account)?.Next;

    /// <summary>
    /// The next number, or where all that were held are free again the lowest of them; null when no number of the
    /// account was ever held.
    /// </summary>
    internal ulong? Seen(string account) =>
        accounts.GetValueOrDefault(account) is { } numbers ? numbers.Next ?? numbers.Lowest : null;

    /// <summary>Takes a number.</summary>
    internal void Take(string account, ulong number) => Of(account).Take(number);

    /// <summary>
    /// Takes a number that a request brought along: another transaction may hold it, too, and this one take its place.
    /// </summary>
    internal void Bring(string account, ulong number) => Of(account).Bring(number);

    /// <summary>Gives a number back: what held it will never be in a block.</summary>
    internal void Free(string account, ulong number) => accounts.GetValueOrDefault(account)?.Free(number);

    /// <summary>The same of one that a request brought along.</summary>
    internal void FreeBrought(string account, ulong number) => accounts.GetValueOrDefault(account)?.FreeBrought(number);

    /// <summary>The first number from one on that no transaction holds.</summary>
    internal ulong FirstFree(string account, ulong from) =>
        accounts.GetValueOrDefault(account)?.FirstFree(from) ?? from;

    /// <summary>From now on free numbers from this one are given out first.</summary>
    internal void StartAt(string account, ulong number) => Of(account).Start = number;

    /// <summary>What is known of an account, to be written down.</summary>
    internal AccountNumbers? Get(string account) => accounts.GetValueOrDefault(account)?.Get(account);

    /// <summary>What was written down, in the place of what is known.</summary>
    internal void Put(AccountNumbers numbers) => accounts[numbers.Account] = new(numbers);

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

    /// <summary>Numbers of one account.</summary>
    private sealed class Numbers(AccountNumbers? written = null)
    {
        private readonly NumberSpans held = new(written?.Held ?? []);
        private readonly NumberSpans brought = new(written?.Brought ?? []);
        private readonly Dictionary<ulong, int> shared = (written?.Shared ?? []).ToDictionary(
            item => item.Number, item => item.Count);
        private ulong lowest = written?.Lowest ?? ulong.MaxValue;

        internal ulong? Start { get; set; } = written?.Start;

        internal ulong? Lowest => lowest == ulong.MaxValue ? null : lowest;

        internal ulong? Next
        {
            get
            {
                if (Start is { } start)
                {
                    return FirstFree(start);
                }

                // within ulong: JournalRecord.LargestSequence
                return held.All.Count > 0 ? FirstFree(held.All[^1].Last + 1) : null;
            }
        }

        internal AccountNumbers Get(string account) =>
            new(
                account,
                lowest,
                Start,
                [.. held.All],
                [.. brought.All],
                [.. shared.OrderBy(item => item.Key).Select(item => (item.Key, item.Value))]);

        internal void Take(ulong number)
        {
            lowest = Math.Min(lowest, number);
            held.Take(number);
        }

        internal void Free(ulong number) => held.Free(number);

        internal void Bring(ulong number)
        {
            if (brought.Has(number))
            {
                shared[number] = shared.GetValueOrDefault(number) + 1;
            }

            brought.Take(number);
        }

        internal void FreeBrought(ulong number)
        {
            if (!shared.Remove(number, out var others))
            {
                brought.Free(number);
            }
            else if (others > 1)
            {
                shared[number] = others - 1;
            }
        }

        internal ulong FirstFree(ulong from)
        {
            var free = held.FirstFreeFrom(from);
            while (brought.Has(free))
            {
                free = held.FirstFreeFrom(brought.FirstFreeFrom(free));
            }

            return free;
        }

        internal List<NumberSpan> Gaps()
        {
            var gaps = new List<NumberSpan>();
            var free = Math.Min(lowest, Start ?? lowest);
            foreach (var span in held.All)
            {
                if (free < span.First)
                {
                    gaps.AddRange(brought.Without(new(free, span.First - 1)));
                }

                free = span.Last + 1;
            }

            return gaps;
        }
    }
}

/// <summary>What is known of an account's numbers.</summary>
/// <param name="Account">The account.</param>
/// <param name="Lowest">The lowest that was ever held; the largest number there is for none.</param>
/// <param name="Start">From where an operator has free ones given out, or null.</param>
/// <param name="Held">Those that were given out and are held, in order; spans never touch.</param>
/// <param name="Brought">Those that requests brought along, likewise.</param>
/// <param name="Shared">Those of them that several requests brought along, and how many beside the first.</param>
internal sealed record AccountNumbers(
    string Account, ulong Lowest, ulong? Start, IReadOnlyList<NumberSpan> Held, IReadOnlyList<NumberSpan> Brought, IReadOnlyList<(ulong Number, int Count)> Shared);

/// <summary>What is out for one account whose numbers are given out here.</summary>
/// <param name="Account">Chain code and address, such as <c>ETH:0x…</c>.</param>
/// <param name="Waiting">How many signed transactions of it are out.</param>
/// <param name="Lowest">The lowest number among them.</param>
/// <param name="Highest">The highest.</param>
/// <param name="Next">The number of the next one.</param>
/// <param name="Gaps">Free numbers below one that is out: what is above them waits for somebody to use them.</param>
public sealed record SequenceState(
    string Account, int Waiting, ulong Lowest, ulong Highest, ulong Next, IReadOnlyList<NumberSpan> Gaps);

using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.Policy;

namespace KmsCloud.Signing;

/// <summary>One transaction before the policy: its place in the limits is given back unless it was kept.</summary>
/// <param name="gate">The policy, or null for none.</param>
/// <param name="key">What is charged once.</param>
/// <param name="wallets">Signature ids that would sign.</param>
internal sealed class Allowance(PolicyGate? gate, string key, IReadOnlyList<string> wallets) : IDisposable
{
    private Reservation? held;
    private Reservation? charged;

    /// <summary>Checks, and holds a place in the limits.</summary>
    /// <exception cref="PolicyRefusalException">The policy refuses it for good.</exception>
    /// <exception cref="NotNowException">The policy may allow it later.</exception>
    internal void Ask(TransactionSummary summary, bool filled)
    {
        if (gate is null)
        {
            return;
        }

        Dispose(); // what was filled in may have changed amounts, or the rule
        (var verdict, held) = gate.Reserve(key, summary, wallets, filled);
        if (!verdict.Allowed)
        {
            var reasons = "the policy does not allow it: " + string.Join("; ", verdict.Reasons.Take(3));
            throw verdict.MayPass ? new NotNowException(reasons, BeforeAmounts(reasons)) : new PolicyRefusalException(reasons);
        }
    }

    /// <summary>What a limit has left is another amount every minute.</summary>
    private static string BeforeAmounts(string reasons) => string.Concat(reasons.TakeWhile(character => !char.IsAsciiDigit(character)));

    /// <summary>Limits that are used to so many percent and more with it, in words.</summary>
    internal IEnumerable<string> Near(int percent) => gate is not null && held is { } place ? gate.Near(place, percent) : [];

    /// <summary>Makes the charge durable.</summary>
    internal async Task KeepAsync()
    {
        if (gate is not null && held is { } kept)
        {
            await gate.KeepAsync(kept);
            (held, charged) = (null, kept);
        }
    }

    /// <summary>Takes the charge back where nothing was signed that could leave.</summary>
    /// <exception cref="KmsException">It could not be written; the charge stands.</exception>
    internal async Task GiveBackAsync()
    {
        if (charged is { } given)
        {
            charged = null;
            await gate!.GiveBackAsync(given);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (held is not null)
        {
            gate!.Release(held);
            held = null;
        }
    }
}

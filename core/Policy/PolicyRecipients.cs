using KmsCloud.Chains;
using KmsCloud.Errors;

namespace KmsCloud.Policy;

/// <summary>
/// Recipients of a rule: addresses, alone or with the tag or memo that says whom the address's owner credits (<c>r…?tag=5</c>,
/// <c>G…?memo=text</c>, <c>bnb1…?memo=text</c>).
/// </summary>
public sealed class PolicyRecipients
{
    private readonly HashSet<string> plain = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> tagged = new(StringComparer.Ordinal);

    /// <summary>Reads the list. An X-address of the XRP Ledger is the same as its classic address with its tag.</summary>
    /// <exception cref="KmsException">Behind a question mark stands no tag or memo.</exception>
    public PolicyRecipients(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            Add(text);
        }
    }

    /// <summary>
    /// Whether a payment's recipient is listed. A tag or memo must be among those listed with the address, where there are any; an address listed
    /// alone takes every one.
    /// </summary>
    public bool Allow(Payee payee)
    {
        var to = PolicyRule.Fold(payee.To);
        if (!tagged.TryGetValue(to, out var tags))
        {
            return plain.Contains(to);
        }

        return payee.Tag is { } tag ? tags.Contains(tag) : plain.Contains(to);
    }

    private void Add(string text)
    {
        var mark = text.IndexOf('?', StringComparison.Ordinal);
        if (mark < 0)
        {
            AddAddress(text);
            return;
        }

        var (address, tag) = (PolicyRule.Fold(text[..mark]), Uri.UnescapeDataString(text[(mark + 1)..]));
        if (address.Length == 0 || !IsTag(tag))
        {
            throw KmsException.Refused($"the recipient '{text}' has something other than ?tag=NUMBER or ?memo=TEXT behind its address");
        }

        AddTagged(address, tag);
    }

    private void AddAddress(string text)
    {
        if (ChainCatalog.ExtendedAddress(text) is not { } account)
        {
            plain.Add(PolicyRule.Fold(text));
            return;
        }

        if (account.Tag is { } tag)
        {
            AddTagged(account.Address, $"tag={tag}");
            return;
        }

        plain.Add(account.Address);
    }

    private void AddTagged(string address, string tag)
    {
        if (!tagged.TryGetValue(address, out var tags))
        {
            tagged[address] = tags = new(StringComparer.Ordinal);
        }

        tags.Add(tag);
    }

    private static bool IsTag(string text) =>
        text.StartsWith("memo=", StringComparison.Ordinal) ? text.Length > "memo=".Length
        : text.StartsWith("tag=", StringComparison.Ordinal) && uint.TryParse(text["tag=".Length..], System.Globalization.NumberStyles.None, null, out var tag) && text == $"tag={tag}";
}

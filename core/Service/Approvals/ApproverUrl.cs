using KmsCloud.Errors;
using KmsCloud.Gateway;

namespace KmsCloud.Approvals;

/// <summary>The approver's address: https, or http to a machine that only the operator's own network reaches.</summary>
public static class ApproverUrl
{
    /// <summary>
    /// Checks an address. A name over http is taken here, and what it means is checked at every connection (<see cref="PrivateConnection"/>).
    /// </summary>
    /// <param name="text">The address.</param>
    /// <param name="what">What the text is, for the message.</param>
    /// <exception cref="KmsException">
    /// It is no http or https URL, has a user, query or fragment, or is http to a public address.
    /// </exception>
    public static Uri Check(string text, string what)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            throw new KmsException(
                Failure.Usage, $"{what} is not an http or https URL", "write it like https://host/path");
        }

        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0 || text.Contains('?', StringComparison.Ordinal) || text.Contains('#', StringComparison.Ordinal))
        {
            throw new KmsException(
                Failure.Usage, $"{what} has a user, a query or a fragment: the id of each transaction is put behind its path", "give a token in KMS_APPROVER_TOKEN");
        }

        var isPublic = url.Scheme == Uri.UriSchemeHttp && PrivateAddress.TryLiteral(url, out var address)
            && !PrivateAddress.Contains(address);
        return isPublic
            ? throw new KmsException(Failure.Usage, $"{what} goes over plain http to a public address", "use https")
            : url;
    }

    /// <summary>
    /// The address of one transaction's question: base, slash, id, and nothing else after every normalisation of URLs.
    /// </summary>
    /// <exception cref="KmsException">The id would change the path.</exception>
    internal static Uri Of(Uri url, string id)
    {
        var path = url.AbsolutePath.TrimEnd('/') + "/" + id;
        var target = new Uri(url.GetLeftPart(UriPartial.Authority) + path);
        return target.AbsolutePath == path && target.Query.Length == 0 && target.Fragment.Length == 0
            ? target
            : throw KmsException.Refused("the transaction's id would change the approver's address");
    }

    /// <summary>What of an address a log line shows.</summary>
    internal static string Shown(Uri url) => url.GetLeftPart(UriPartial.Path);

    /// <summary>
    /// Whether answers may be forged by whoever sits on the way: plain http beyond this machine, and unsigned answers.
    /// </summary>
    internal static bool IsOpen(Uri url, bool answersSigned) =>
        url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && !answersSigned;
}

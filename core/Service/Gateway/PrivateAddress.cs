using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace KmsCloud.Gateway;

/// <summary>
/// Addresses that are not routed on the public Internet: loopback, private, shared and link-local ones.
/// </summary>
internal static class PrivateAddress
{
    private static readonly IPNetwork[] Networks =
    [
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), // RFC 1918
        IPNetwork.Parse("100.64.0.0/10"), // RFC 6598
        IPNetwork.Parse("169.254.0.0/16"), // RFC 3927
        IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("fc00::/7"), // RFC 4193
        IPNetwork.Parse("fe80::/10"), // RFC 4291
    ];

    /// <summary>Whether an address is one of them; an IPv4 address inside IPv6 counts as what it is.</summary>
    public static bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Networks.Any(network => network.Contains(plain));
    }

    /// <summary>The address a URL's host spells, when it is no name.</summary>
    public static bool TryLiteral(Uri url, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(url.DnsSafeHost, out address);
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KmsCloud.Tests.Support.Cloud;

/// <summary>One self-signed certificate for every name the doubles answer to. Only processes of the tests trust it.</summary>
internal static class TestCertificate
{
    private static readonly Lazy<X509Certificate2> Made = new(Make);

    public static X509Certificate2 Instance => Made.Value;

    /// <summary>Writes certificate and key as PEM.</summary>
    public static (string Certificate, string Key) Write(TempFolder folder)
    {
        var (certificate, key) = (folder.File("tls.crt"), folder.File("tls.key"));
        File.WriteAllText(certificate, Instance.ExportCertificatePem());
        using var rsa = Instance.GetRSAPrivateKey()!;
        File.WriteAllText(key, rsa.ExportPkcs8PrivateKeyPem());
        return (certificate, key);
    }

    private static X509Certificate2 Make()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=KmsCloud tests", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in new[] { "localhost", "*.vault.azure.net", "*.blob.core.windows.net", "*.eu-central-1.amazonaws.com", "*.us-east-1.amazonaws.com", "*.live.verygoodvault.com", "*.verygoodvault.com", "login.microsoftonline.com" })
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}

using System.Collections.Frozen;

namespace KmsCloud.Evidence;

/// <summary>
/// The models of security keys that are taken where an approvers file names none: Yubico's YubiKey 5 series, by the
/// AAGUIDs its maker lists. A key
/// says its model when it is enrolled; only an attestation under the maker's root would prove it.
/// </summary>
internal static class SecurityKeyModels
{
    /// <summary>AAGUIDs of the YubiKey 5 series and its FIPS models.</summary>
    public static readonly FrozenSet<Guid> Default = new[]
    {
        "cb69481e-8ff7-4039-93ec-0a2729a154a8", // without NFC, firmware 5.1
        "ee882879-721c-4913-9775-3dfcce97072a", // without NFC, 5.2 and 5.4
        "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b", // without NFC, 5.7
        "ff4dac45-ede8-4ec2-aced-cf66103f4335", // without NFC, 5.7
        "fa2b99dc-9e39-4257-8f92-4a30d23c4118", // NFC, 5.1
        "2fc0579f-8113-47ea-b116-bb5a8db9202a", // NFC, 5.2 and 5.4
        "a25342c0-3cdc-4414-8e46-f4807fca511c", // NFC, 5.7
        "d7781e5d-e353-46aa-afe2-3ca49f13332a", // NFC, 5.7
        "c5ef55ff-ad9a-4b9f-b580-adebafe026d0", // 5Ci, 5.2 and 5.4
        "a02167b9-ae71-4ac7-9a07-06432ebb6f1c", // 5Ci, 5.7
        "24673149-6c86-42e7-98d9-433fb5b73296", // 5Ci, 5.7
        "73bb0cd4-e502-49b8-9c6f-b59445bf720b", // FIPS without NFC, 5.4
        "c1f9a0bc-1dd2-404a-b27f-8e29047a43fd", // FIPS with NFC, 5.4
        "85203421-48f9-4355-9bc8-8a53846e5083", // FIPS 5Ci, 5.4
    }.Select(Guid.Parse).ToFrozenSet();
}

using KmsCloud.Chains;

namespace KmsCloud.Tests.Support;

/// <summary>Every recorded case that is signed, by chain and name.</summary>
internal static class SigningCases
{
    public static TheoryData<string, string> All
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var chain in ChainCatalog.All.Keys)
            {
                foreach (var name in Vectors.Names(chain, "signing"))
                {
                    data.Add(chain, name);
                }
            }

            return data;
        }
    }
}

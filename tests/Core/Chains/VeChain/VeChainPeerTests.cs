using System.Text.Json.Nodes;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Chains.VeChain;

/// <summary>Signed bytes read by VeChain's own SDK: origin, id, digest and the bytes when it writes them again.</summary>
public static class VeChainPeerTests
{
    [Fact]
    public static void The_sdk_reads_the_recorded_transactions()
    {
        foreach (var vector in Vectors.Read("VET").GetProperty("signing").EnumerateArray())
        {
            using var run = SigningRun.Sign(vector);
            var read = Peer.Call("vechain", "decode", new JsonObject { ["data"] = run.Signed.Data })!;
            Assert.Equal(vector.GetProperty("decoded").Text("origin"), ((string)read["origin"]!).ToLowerInvariant());
            Assert.Equal(run.Signed.TransactionId, (string?)read["id"]);
            Assert.Equal(run.Signed.Data, (string?)read["reserialized"]);
            Assert.False((bool)read["delegated"]!);
            var decoded = vector.GetProperty("decoded");
            Assert.Equal(decoded.GetProperty("chainTag").GetInt32(), (int)read["body"]!["chainTag"]!);
            Assert.Equal(decoded.Text("blockRef"), (string?)read["body"]!["blockRef"]);
            Assert.Equal(decoded.GetProperty("clauses").EnumerateArray().Select(clause => clause.Text("to")), read["body"]!["clauses"]!.AsArray().Select(clause => (string?)clause!["to"]));
        }
    }

    [Fact]
    public static void The_sdk_sees_another_origin_when_a_byte_of_the_signature_changes()
    {
        using var run = SigningRun.Sign(Vectors.Case("VET", "signing", "transfer-all-fields"));
        var changed = run.Signed.Data[..^4] + (run.Signed.Data[^4] == '0' ? '1' : '0') + run.Signed.Data[^3..];
        var origin = Origin(run.Signed.Data);
        Assert.NotEqual(origin, Origin(changed));

        static string Origin(string data)
        {
            try
            {
                return (string)Peer.Call("vechain", "decode", new JsonObject { ["data"] = data })!["origin"]!;
            }
            catch (PeerException)
            {
                return "none";
            }
        }
    }
}

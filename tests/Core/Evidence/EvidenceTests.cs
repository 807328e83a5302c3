using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using KmsCloud.Codecs;
using KmsCloud.Errors;
using KmsCloud.Evidence;
using KmsCloud.Keys;
using KmsCloud.Tests.Support;

namespace KmsCloud.Tests.Approver;

/// <summary>Only what people signed with their own keys, about this very question, just now, is a yes.</summary>
public sealed class EvidenceTests : IDisposable
{
    private static readonly EvidenceQuestion Asked = Officers.Question();
    private readonly Officers officers = new("alice", "bob", "carol");

    public void Dispose() => officers.Dispose();

    [Fact]
    public void Two_of_three_approve()
    {
        var verdict = Require(officers.SaidBy(Asked, "carol", "alice"));
        Assert.Equal(["alice", "carol"], verdict.Counted);
        Assert.Equal("all", verdict.Rule!.Name);
    }

    [Fact]
    public void What_was_written_is_read_back_the_same()
    {
        var evidence = officers.SaidBy(Asked, "alice", "bob");
        var text = CompactJson.Utf8(evidence.Write);
        Assert.Equal(text, CompactJson.Utf8(ApprovalEvidence.Read(text).Write));
        Assert.Equal(2, Require(ApprovalEvidence.Read(text)).Counted.Count);
    }

    public static TheoryData<string> Wrongs() =>
    [
        "user not present", "user not verified", "synced key", "copied, but not copyable", "a reserved flag", "attested data flag", "extension data",
        "another relying party", "another origin", "http in place of https", "a port more", "a page in a page", "a top origin", "a registration",
        "another challenge", "no challenge", "an empty challenge", "a challenge with padding", "client data that is no JSON", "a member twice",
        "an unknown key", "another person's key", "another person's signature", "half a signature", "a signature of zeros", "DER with a long length",
        "DER with a zero in front", "DER with bytes behind", "r and s without DER", "expired now", "good for more than a day", "a no",
    ];

    [Theory, MemberData(nameof(Wrongs))]
    public void What_does_not_hold_approves_nothing_and_spoils_what_stands_beside_it(string wrong)
    {
        var key = officers["alice"];
        var now = Officers.Now;
        var decision = wrong switch
        {
            "user not present" => With(() => key.Flags = 0x04),
            "user not verified" => With(() => key.Flags = 0x01),
            "synced key" => With(() => key.Flags = 0x0d),
            "copied, but not copyable" => With(() => key.Flags = 0x15),
            "a reserved flag" => With(() => key.Flags = 0x07),
            "attested data flag" => With(() => key.Flags = 0x45),
            "extension data" => With(() => (key.Flags, key.Extensions) = (0x85, [0xa0])),
            "another relying party" => With(() => key.RelyingParty = "approvals.example.org"),
            "another origin" => Client(json => json["origin"] = "https://approvals.example.org"),
            "http in place of https" => Client(json => json["origin"] = "http://approvals.example"),
            "a port more" => Client(json => json["origin"] = "https://approvals.example:8443"),
            "a page in a page" => Client(json => json["crossOrigin"] = true),
            "a top origin" => Client(json => json["topOrigin"] = "https://evil.example"),
            "a registration" => Client(json => json["type"] = "webauthn.create"),
            "another challenge" => Client(json => json["challenge"] = new string('A', 43)),
            "no challenge" => Client(json => json.Remove("challenge")),
            "an empty challenge" => Client(json => json["challenge"] = ""),
            "a challenge with padding" => Client(json => json["challenge"] = (string)json["challenge"]! + "="),
            "client data that is no JSON" => Changed(whole => whole with { ClientData = "{}}"u8.ToArray() }),
            "a member twice" => Changed(whole => whole with { ClientData = [.. "{\"type\":\"webauthn.get\","u8, .. whole.ClientData[1..]] }),
            "an unknown key" => Changed(whole => whole with { Credential = new string('B', 43) }),
            "another person's key" => Changed(whole => whole with { Credential = officers["carol"].CredentialText }),
            "another person's signature" => Changed(whole => whole with { Signature = officers["carol"].Decide(Asked, now: now).Assertion.Signature }),
            "half a signature" => Changed(whole => whole with { Signature = whole.Signature[..36] }),
            "a signature of zeros" => Changed(whole => whole with { Signature = [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00] }),
            "DER with a long length" => Changed(whole => whole with { Signature = [0x30, 0x81, .. whole.Signature[1..]] }),
            "DER with a zero in front" => Changed(whole => whole with { Signature = ZeroInFront(whole.Signature) }),
            "DER with bytes behind" => Changed(whole => whole with { Signature = [.. whole.Signature, 0] }),
            "r and s without DER" => Changed(whole => whole with { Signature = whole.Signature[^64..] }),
            "expired now" => key.Decide(Asked, now: now.AddHours(-1)),
            "good for more than a day" => key.Decide(Asked, now: now.AddHours(23).AddSeconds(1)),
            "a no" => key.Decide(Asked, now: now, decision: SignedDecision.Reject),
            _ => throw new ArgumentOutOfRangeException(nameof(wrong)),
        };
        var evidence = Officers.Evidence(Asked, officers["bob"].Decide(Asked, now: now), officers["carol"].Decide(Asked, now: now), decision);
        var refused = Assert.Throws<KmsException>(() => Require(evidence));
        Assert.Equal(Failure.Refused, refused.Failure);
        Shown.Line("evidence that approves nothing", $"{wrong}: {refused.Message}");

        SignedDecision With(Action set)
        {
            set();
            return key.Decide(Asked, now: now);
        }

        SignedDecision Client(Action<JsonObject> change)
        {
            key.OnClientData = change;
            return key.Decide(Asked, now: now);
        }

        SignedDecision Changed(Func<Assertion, Assertion> change)
        {
            var whole = key.Decide(Asked, now: now);
            return whole with { Assertion = change(whole.Assertion) };
        }
    }

    [Fact]
    public void A_synced_key_counts_only_where_the_file_says_so()
    {
        officers.Json["synced"] = true;
        officers["alice"].Flags = 0x1d;
        Assert.Equal(2, Require(officers.SaidBy(Asked, "alice", "bob")).Counted.Count);
    }

    [Fact]
    public void Both_values_of_s_are_a_signature_and_each_counts_once()
    {
        var order = BigInteger.Parse("0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", System.Globalization.NumberStyles.HexNumber);
        var decision = officers["alice"].Decide(Asked, now: Officers.Now);
        var other = decision with { Assertion = decision.Assertion with { Signature = WithOtherS(decision.Assertion.Signature, order) } };
        Assert.NotEqual(decision.Assertion.Signature, other.Assertion.Signature);
        Assert.Equal(["alice", "bob"], Require(Officers.Evidence(Asked, other, officers["bob"].Decide(Asked, now: Officers.Now))).Counted);
        Assert.Throws<KmsException>(() => Require(Officers.Evidence(Asked, decision, other)));
    }

    public static TheoryData<string> Replays() => ["another id", "another request", "another signature", "another network", "another transaction", "no transaction known"];

    [Theory, MemberData(nameof(Replays))]
    public void Evidence_of_one_question_answers_no_other(string replay)
    {
        var question = replay switch
        {
            "another id" => Asked with { Id = "6388f7ba52c0c3ff4d1e1b2b" },
            "another request" => Asked with { Request = Officers.Digest("another request") },
            "another signature" => Asked with { Number = 2 },
            "another network" => Asked with { Network = Network.Testnet },
            "another transaction" => Asked with { Transaction = Officers.Digest("another") },
            _ => Asked with { Transaction = null },
        };
        var evidence = officers.SaidBy(Asked, "alice", "bob");
        Assert.Throws<KmsException>(() => Require(evidence, question));

        // and a thief of the approver who writes the other question's names over it gets no further
        var renamed = evidence with { Network = question.Network, Id = question.Id, Request = question.Request, Number = question.Number };
        Assert.Throws<KmsException>(() => Require(renamed, question));
        var bound = SignedDecision.ToTransaction(question.Transaction ?? Officers.Digest("none"));
        Assert.Throws<KmsException>(() => Require(renamed with { Decisions = [.. renamed.Decisions.Select(decision => decision with { Bound = bound })] }, question));
    }

    [Fact]
    public void A_later_expiry_another_nonce_and_a_no_made_a_yes_are_refused()
    {
        var decision = officers["alice"].Decide(Asked, now: Officers.Now);
        var no = officers["alice"].Decide(Asked, now: Officers.Now, decision: SignedDecision.Reject);
        foreach (var changed in new[] { decision with { Expires = decision.Expires + 1 }, decision with { Nonce = SignedDecision.NewNonce() }, no with { Decision = SignedDecision.Approve } })
        {
            var evidence = Officers.Evidence(Asked, changed, officers["bob"].Decide(Asked, now: Officers.Now));
            Assert.Contains("another question", Assert.Throws<KmsException>(() => Require(evidence)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("highest-fee 21000", true)]
    [InlineData("highest-fee 999999999999999999999999999999", true)]
    [InlineData("highest-fee 20999", false)]
    public void A_yes_up_to_a_fee_is_held_against_the_proved_fee(string bound, bool approves)
    {
        var evidence = Officers.Evidence(Asked, officers["alice"].Decide(Asked, bound, Officers.Now), officers["bob"].Decide(Asked, bound, Officers.Now));
        Assert.Equal(approves, Approves(evidence, Asked with { Transaction = Officers.Digest("filled in anew") }));
        Assert.False(Approves(evidence, Asked with { Fee = null }));
    }

    [Theory]
    [InlineData("highest-fee 021000")]
    [InlineData("highest-fee +21000")]
    [InlineData("highest-fee -1")]
    [InlineData("highest-fee ")]
    [InlineData("highest-fee  21000")]
    [InlineData("highest-fee 1e9")]
    [InlineData("highest-fee 9999999999999999999999999999999999999999999999999999999999999999999999999999999")]
    [InlineData("transaction none")]
    [InlineData("transaction ")]
    [InlineData("")]
    [InlineData("request")]
    public void Anything_else_is_bound_to_nothing(string bound)
    {
        var evidence = CompactJson.Utf8(Officers.Evidence(Asked, officers["alice"].Decide(Asked, bound, Officers.Now)).Write);
        Assert.Throws<KmsException>(() => ApprovalEvidence.Read(evidence));
    }

    [Fact]
    public void A_person_with_two_keys_counts_once()
    {
        var second = officers.SecondKey("alice");
        var evidence = Officers.Evidence(Asked, officers["alice"].Decide(Asked, now: Officers.Now), second.Decide(Asked, now: Officers.Now));
        Assert.Contains("1 of the 2 people", Assert.Throws<KmsException>(() => Require(evidence)).Message, StringComparison.Ordinal);
        evidence = evidence with { Decisions = [.. evidence.Decisions, officers["bob"].Decide(Asked, now: Officers.Now)] };
        Assert.Equal(["alice", "bob"], Require(evidence).Counted);
    }

    [Fact]
    public void Every_byte_of_stored_evidence_that_is_changed_is_noticed()
    {
        var approvers = officers.Read();
        var stored = CompactJson.Utf8(officers.SaidBy(Asked, "alice", "bob").Write);
        var refused = 0;
        for (var at = 0; at < stored.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = stored.ToArray();
                changed[at] ^= (byte)(1 << bit);
                Assert.Throws<KmsException>(() => EvidenceCheck.Require(approvers, Asked, Subject, ApprovalEvidence.Read(changed), Officers.Now));
                refused++;
            }

            Assert.Throws<KmsException>(() => EvidenceCheck.Require(approvers, Asked, Subject, ApprovalEvidence.Read(stored.AsMemory(0, at)), Officers.Now));
        }

        Shown.Line("evidence, changed by one bit", $"{refused} changes of {stored.Length} bytes, all refused");
    }

    /// <summary>
    /// Whatever an attacker with the keys of K-1 people puts together: repeats, second keys, other questions, decisions
    /// of others cut up.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void No_set_of_evidence_of_fewer_people_ever_approves(int needed)
    {
        string[] names = ["p0", "p1", "p2", "p3", "p4", "p5"];
        using var many = new Officers(names);
        many.Json["rules"] = new JsonArray(Officers.Rule("all", needed));
        foreach (var name in names)
        {
            many.SecondKey(name);
        }

        var approvers = many.Read();
        var others = new[] { Asked, Asked with { Number = 2 }, Asked with { Id = "6388f7ba52c0c3ff4d1e1b2b" }, Asked with { Transaction = Officers.Digest("x") } };
        var pool = names.SelectMany(name => Enumerable.Range(0, 2).SelectMany(at => others.Select(question =>
            (Name: name, IsOfQuestion: question == Asked, Decision: many[name, at].Decide(question, now: Officers.Now))))).ToList();
        var pick = Gen.ArrayOf(Gen.Choose(0, pool.Count - 1), 12);
        var thieves = Gen.ArrayOf(Gen.Choose(0, names.Length - 1), needed - 1);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithQuietOnSuccess(true), Prop.ForAll(
            Arb.From(Gen.Zip(pick, thieves)),
            drawn =>
            {
                var stolen = drawn.Item2.Select(at => names[at]).ToHashSet();
                var all = drawn.Item1.Select(at => pool[at]).ToList();
                var own = all.Where(item => stolen.Contains(item.Name)).ToList();
                var mixed = all.Select(item => stolen.Contains(item.Name) || !item.IsOfQuestion ? item.Decision : Forged(item.Decision, own.Select(one => one.Decision).FirstOrDefault()));
                Assert.False(Approves(Officers.Evidence(Asked, [.. own.Where(item => item.IsOfQuestion).Select(item => item.Decision)]), Asked, approvers));
                Assert.False(Approves(Officers.Evidence(Asked, [.. mixed]), Asked, approvers));
            }));

        var enough = Officers.Evidence(Asked, [.. names[..needed].Select(name => many[name].Decide(Asked, now: Officers.Now))]);
        Assert.True(Approves(enough, Asked, approvers));
    }

    [Fact]
    public void An_answer_has_bounds()
    {
        var decisions = Enumerable.Range(0, ApprovalEvidence.MostDecisions + 1).Select(_ => officers["alice"].Decide(Asked, now: Officers.Now)).ToArray();
        Assert.Throws<KmsException>(() => ApprovalEvidence.Read(CompactJson.Utf8(Officers.Evidence(Asked, decisions).Write)));
        Assert.True(CompactJson.Utf8(Officers.Evidence(Asked, decisions[1..]).Write).Length < ApprovalEvidence.LargestBody);
    }

    [Theory]
    [InlineData("""{"version":2,"network":"mainnet","id":"a","request":"b","number":1,"decisions":[]}""")]
    [InlineData("""{"version":1,"network":"Mainnet","id":"a","request":"b","number":1,"decisions":[]}""")]
    [InlineData("""{"version":1,"network":"mainnet","id":"a","request":"b","number":0,"decisions":[]}""")]
    [InlineData("""{"version":1,"network":"mainnet","id":"a","request":"b","number":1,"decisions":[],"approved":true}""")]
    [InlineData("""{"version":1,"network":"mainnet","id":"a","request":"b","number":1}""")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("true")]
    public void Something_else_is_no_evidence(string text) =>
        Assert.Throws<KmsException>(() => ApprovalEvidence.Read(Encoding.UTF8.GetBytes(text)));

    private static QuorumSubject Subject => new(null, [], FeeIsProved: true);

    private QuorumVerdict Require(ApprovalEvidence evidence, EvidenceQuestion? question = null) =>
        EvidenceCheck.Require(officers.Read(), question ?? Asked, Subject, evidence, Officers.Now);

    private bool Approves(ApprovalEvidence evidence, EvidenceQuestion question, Approvers? approvers = null)
    {
        try
        {
            return EvidenceCheck.Require(approvers ?? officers.Read(), question, Subject, evidence, Officers.Now).IsMet;
        }
        catch (KmsException)
        {
            return false;
        }
    }

    /// <summary>
    /// A decision in the name of somebody whose key the attacker does not have, from parts that he has.
    /// </summary>
    private static SignedDecision Forged(SignedDecision theirs, SignedDecision? own) => own is null
        ? theirs with { Nonce = SignedDecision.NewNonce() }
        : own with { Assertion = own.Assertion with { Credential = theirs.Assertion.Credential } };

    private static byte[] ZeroInFront(byte[] der) => [der[0], (byte)(der[1] + 1), der[2], (byte)(der[3] + 1), 0, .. der[4..]];

    private static byte[] WithOtherS(byte[] der, BigInteger order)
    {
        var r = der.AsSpan(2, 2 + der[3]);
        var s = der.AsSpan(6 + der[3]);
        var other = (order - new BigInteger(s, isUnsigned: true, isBigEndian: true)).ToByteArray(isBigEndian: true);
        return [0x30, (byte)(r.Length + 2 + other.Length), .. r, 0x02, (byte)other.Length, .. other];
    }
}

using KmsCloud.Chains.Bitcoin;

namespace KmsCloud.Tests.Support;

/// <summary>Payments with random inputs of every kind the chain has, outputs of every kind, sequences, lock times and versions.</summary>
internal static class RandomPayment
{
    public static PaymentCase Of(string chain, SeededRandom random, int most = 300)
    {
        var kinds = OwnedCoin.Kinds(chain).ToList();
        var payment = new PaymentCase(chain)
        {
            Version = 1 + random.Below(2),
            LockTime = random.Chance(3) ? (uint)random.Below(int.MaxValue) : 0,
            StatesHash = random.Chance(2),
        };
        var inputs = 1 + random.Below(random.Chance(8) ? most : Math.Min(most, 8)); // more than 252 take a longer count
        var coins = Enumerable.Range(0, Math.Min(inputs, 1 + random.Below(6))).Select(_ => OwnedCoin.New(random.Pick(kinds), random)).ToList();
        for (var at = 0; at < inputs; at++)
        {
            var satoshis = 200_000L + random.Below(int.MaxValue); // beyond an int once in ten thousand
            var sequence = random.Chance(3) ? (uint)random.Below(int.MaxValue) : random.Pick([0xfffffffd, 0xfffffffe, 0xffffffff]);
            payment.Spend(chain == "BCH" ? coins[0] : random.Pick(coins), Convert.ToHexStringLower(random.Bytes(32)), (uint)random.Below(70_000), satoshis, sequence);
        }

        var left = payment.Inputs.Sum(input => input.Satoshis) - 10_000 - (inputs * 100L);
        var outputs = 1 + random.Below(random.Chance(8) ? most : Math.Min(most, 6));
        for (var at = 0; at < outputs; at++)
        {
            var satoshis = at == outputs - 1 ? left : left / (2 + random.Below(20));
            left -= satoshis;
            payment.Pay(Locking(random), satoshis);
        }

        return payment;
    }

    private static byte[] Locking(SeededRandom random) => random.Below(8) switch
    {
        0 => Script.ToKeyHash(random.Bytes(20)),
        1 => Script.ToScriptHash(random.Bytes(20)),
        2 => Script.ToWitness(random.Bytes(20)),
        3 => Script.ToWitness(random.Bytes(32)),
        4 => [0x51, 32, .. random.Bytes(32)],
        5 => Data(random),
        6 => [33, 2, .. random.Bytes(32), 0xac],
        _ => random.Bytes(random.Below(300)) is [0xef, .. var rest] ? rest : Data(random),
    };

    private static byte[] Data(SeededRandom random) => [0x6a, .. Script.Push(random.Bytes(random.Below(80)))]; // with its push at most 83 bytes, the most that nodes relay
}

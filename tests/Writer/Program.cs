// Adds wallets to a file without end and prints the id of each once it is durable. Made to be killed at any moment.
using KmsCloud.Chains;
using KmsCloud.Keys;
using KmsCloud.Secrets;
using KmsCloud.Wallets;
using var password = SecretBytes.FromString(args[1]);
var scheme = ChainCatalog.Get("ETH").Wallets;
Console.WriteLine("ready");
while (true)
{
    using var edit = WalletEdit.OpenOrCreate(args[0], password, new PasswordCost(1, 8192));
    var id = edit.Add(scheme.GenerateKey(Network.Testnet));
    edit.Save();
    Console.WriteLine(id);
}

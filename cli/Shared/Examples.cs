namespace KmsCloud.Cli;

/// <summary>The examples that help and manual page show, by command.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["generatewallet"] = """
              kms generatewallet BTC
              kms generatewallet ETH --testnet | jq -r .mnemonic
              kms generatewallet BTC --dice-only             the same rolls give the same words on a second machine
            """,
        ["generatemanagedwallet"] = """
              kms generatemanagedwallet BTC
              kms generatemanagedwallet ETH --testnet --path ./wallet.dat
              kms generatemanagedwallet BTC --dice           mix 99 dice rolls with the machine's entropy
            """,
        ["storemanagedwallet"] = """
              kms storemanagedwallet ETH
              printf '%s\n' "$PASSWORD" "$PASSWORD" "$MNEMONIC" | kms storemanagedwallet ETH   a new file: password twice
            """,
        ["storemanagedprivatekey"] = """
              kms storemanagedprivatekey BTC                 asks for a WIF
              kms storemanagedprivatekey XRP --testnet       asks for a seed (s… or sEd…)
            """,
        ["generatemanagedprivatekeybatch"] = """
              kms generatemanagedprivatekeybatch ETH 10000 > keys.jsonl
            """,
        ["getprivatekey"] = """
              kms getprivatekey SIGNATURE-ID 3               of a mnemonic wallet
              kms getprivatekey SIGNATURE-ID                 of a key wallet
            """,
        ["list"] = """
              kms list
              kms list --testnet --output json | jq -r '.[].signatureId'
            """,
        ["man"] = """
              kms man > /usr/local/share/man/man1/kms.1
            """,
        ["getaddress"] = """
              kms getaddress SIGNATURE-ID 0
              kms getaddress SIGNATURE-ID                    of a wallet with one key
              kms getaddress SIGNATURE-ID 0 --type taproot   BTC, LTC: a bc1p… or ltc1p… address
            """,
        ["getmanagedwallet"] = """
              kms getmanagedwallet SIGNATURE-ID
            """,
        ["removewallet"] = """
              kms removewallet SIGNATURE-ID
              kms removewallet SIGNATURE-ID --yes            without asking
            """,
        ["export"] = """
              kms export --file /media/vault/wallets.json    a new file of mode 0600
              kms export --public --file public.json         no secret in it: what an approver decodes with
            """,
        ["migrate"] = """
              kms migrate ~/.tatumrc/wallet.dat --path /srv/kms/wallet.dat
              kms migrate old.dat --old-password-file old.txt --password-file new.txt --path new.dat
            """,
        ["passwd"] = """
              kms passwd
              kms passwd --new-password-file new.txt
            """,
        ["verify"] = """
              kms verify --path /media/vault/wallet.dat
              kms verify --path /media/vault/wallet.dat --copy-of ~/.tatumrc/wallet.dat     proves a backup
              kms verify --output json | jq .warnings
            """,
        ["report"] = """
              kms report SIGNATURE-ID,SIGNATURE-ID
              kms report SIGNATURE-ID --output table
            """,
        ["checkconfig"] = """
              kms checkconfig --env-file /etc/kms.env
            """,
        ["daemon"] = """
              kms daemon --testnet --chain BTC,ETH --period 30
              kms daemon --external-url https://approver.example/kms
              kms daemon --external-url http://10.0.0.7/kms --external-url-method POST --run-once
              kms daemon --testnet --fee-ceiling BTC=50000 --extra-chain-ids ETH=31337
              kms daemon --external-url https://approver.example/kms --approval-body full --approvers approvers.json
            """,
        ["sandbox"] = """
              kms sandbox
              kms sandbox --all                              every transaction, with its id
              kms sandbox --output json | jq .verified
              kms sandbox --devnet                           also broadcast to anvil and litecoind, where they are installed
              kms sandbox --keep                             leave the gateway up and point a daemon at it
            """,
        ["doctor"] = """
              kms doctor --testnet
              kms doctor --external-url https://approver.example/kms --output json
            """,
        ["completion"] = """
              kms completion bash > /etc/bash_completion.d/kms
              kms completion zsh > "${fpath[1]}/_kms"
              kms completion fish > ~/.config/fish/completions/kms.fish
            """,
        ["journal"] = """
              kms journal list                               what was signed, and what became of it
            """,
        ["journal list"] = """
              kms journal list
              kms journal list --output json | jq '.[] | select(.state == "outstanding")'
            """,
        ["journal show"] = """
              kms journal show PENDING-ID
            """,
        ["journal settle"] = """
              kms journal settle PENDING-ID --as expired     what the gateway alone may not conclude; asks for the id and how you know
              kms journal settle PENDING-ID --as accepted
            """,
        ["journal gaps"] = """
              kms journal gaps                               nonces that transactions wait for, by account
            """,
        ["journal mend"] = """
              kms journal mend ETH:0x1f…                     the next transactions get the missing nonces first; asks for the password
              kms journal mend ETH:0x1f… --next 5            goes on at the account's real count after a gateway named one far too high
            """,
        ["journal repair"] = """
              kms journal repair                             shows what cannot be read, and asks
            """,
        ["state"] = """
              kms state accept-restore
            """,
        ["state accept-restore"] = """
              kms state accept-restore                       after a restore from a backup: shows what is missing, and asks
            """,
        ["journal forget"] = """
              kms journal forget PENDING-ID                  let it be signed afresh; asks for the id and a reason
            """,
        ["audit"] = """
              kms audit verify
              kms audit report --from 2026-11-01 --to 2026-12-01 --output csv
            """,
        ["audit verify"] = """
              kms audit verify                               finds any edit, gap or cut
              kms audit verify --chain-only --state /srv/copy-of-state      without the wallet file
              kms audit verify --approvers approvers.json    proves again who approved
            """,
        ["requests"] = """
              kms requests list
              kms requests show 6388f7ba52c0c3ff4d1e1b2a
            """,
        ["requests list"] = """
              kms requests list --output table
            """,
        ["requests show"] = """
              kms requests show 6388f7ba52c0c3ff4d1e1b2a > pending.json
            """,
        ["ledger"] = """
              kms ledger build
              kms ledger query "SELECT day, count(*) FROM withdrawals GROUP BY day"
            """,
        ["ledger build"] = """
              kms ledger build                               ledger.db beside the audit log
              kms ledger build --chain-only --file ledger.db
            """,
        ["ledger query"] = """
              kms ledger query "SELECT chain, count(*) FROM withdrawals GROUP BY 1"
              kms ledger query "SELECT * FROM withdrawals WHERE chain = 'BTC'" --output csv
            """,
        ["ledger export"] = """
              kms ledger export --output csv > withdrawals.csv
              kms ledger export --table decisions --output parquet --to decisions.parquet
            """,
        ["report withdrawals"] = """
              kms report withdrawals --from 2026-11-01 --to 2026-11-30 --output html --file november.html
              kms report withdrawals --by recipient --output csv
            """,
        ["audit report"] = """
              kms audit report --from 2026-11-01 --to 2026-12-01 --output csv > november.csv
            """,
        ["policy"] = """
              kms policy check policy.json
            """,
        ["policy check"] = """
              kms policy check policy.json
              kms policy check policy.json --transaction pending.json --testnet
            """,
        ["show"] = """
              kms show pending.json --public public.json --testnet
              kms show pending.json --public public.json --digest
            """,
        ["policy schema"] = """
              kms policy schema > policy.schema.json         for an editor that completes and checks
            """,
        ["approver"] = """
              kms approver --allow approved-ids.txt          a reference for your own approver
            """,
        ["freeze"] = """
              kms freeze --reason "exchange incident 4711"
            """,
        ["thaw"] = """
              kms thaw
            """,
        ["version"] = """
              kms version --output json
            """,
    };

    private const string GoesOn = "      "; // what follows an example in lines of its own
    private static readonly string[] Breaks = [" --", " | ", " > "];
    private const string Continued = " \\"; // as a shell reads it

    /// <summary>Examples in lines of a width: what one does goes below it where there is no room beside it, and a long one goes on in the next line.</summary>
    internal static IEnumerable<string> Lines(string examples, int width) => examples.Split('\n').SelectMany(line => Example(line, width));

    private static IEnumerable<string> Example(string line, int width)
    {
        if (line.Length <= width)
        {
            return [line];
        }

        var note = line.LastIndexOf("   ", StringComparison.Ordinal);
        return note > 0
            ? [.. Command(line[..note].TrimEnd(), width), .. (GoesOn + WordWrap.Text(line[note..].Trim(), width - GoesOn.Length, GoesOn.Length)).Split('\n')]
            : Command(line, width);
    }

    /// <summary>Broken before an option or a pipe, as one types it on.</summary>
    private static IEnumerable<string> Command(string line, int width)
    {
        while (line.Length > width)
        {
            var room = width - Continued.Length;
            var at = Breaks.Max(mark => line[..Math.Min(line.Length, room + mark.Length)].LastIndexOf(mark, StringComparison.Ordinal));
            if (at <= GoesOn.Length)
            {
                break;
            }

            yield return line[..at] + Continued;
            line = GoesOn + line[(at + 1)..];
        }

        yield return line;
    }

    /// <summary>The examples of a command, a line each; a test asks it of every command.</summary>
    internal static string? Of(string path) => Texts.GetValueOrDefault(path);
}

// @solana/web3.js.
import { Message, MessageV0, VersionedMessage, VersionedTransaction, Transaction, Keypair, PublicKey, SystemProgram, TransactionInstruction, TransactionMessage, ComputeBudgetProgram, AddressLookupTableAccount } from '@solana/web3.js';
import { serve } from './peer.mjs';

const TOKEN = new PublicKey('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
const ASSOCIATED = new PublicKey('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const key = seed => Keypair.fromSeed(Buffer.from(seed, 'hex'));
const u64 = n => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); return b; };
const ata = (owner, mint) => PublicKey.findProgramAddressSync([owner.toBuffer(), TOKEN.toBuffer(), mint.toBuffer()], ASSOCIATED)[0];
const meta = (pubkey, isWritable, isSigner = false) => ({ pubkey, isWritable, isSigner });

function instructions({ payer, sender, to, mint, newMint, lamports, units, memo }) {
  const source = ata(sender.publicKey, mint.publicKey);
  const target = ata(to, mint.publicKey);
  return {
    transfer: () => [SystemProgram.transfer({ fromPubkey: sender.publicKey, toPubkey: to, lamports: BigInt(lamports) })],
    memo: () => [new TransactionInstruction({ programId: MEMO, keys: [], data: Buffer.from(memo) })],
    budget: () => [ComputeBudgetProgram.setComputeUnitLimit({ units: 200000 }), ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 12345 })],
    token: () => [new TransactionInstruction({ programId: TOKEN, keys: [meta(source, true), meta(target, true), meta(sender.publicKey, false, true)], data: Buffer.concat([Buffer.from([3]), u64(units)]) })],
    tokenChecked: () => [new TransactionInstruction({ programId: TOKEN, keys: [meta(source, true), meta(mint.publicKey, false), meta(target, true), meta(sender.publicKey, false, true)], data: Buffer.concat([Buffer.from([12]), u64(units), Buffer.from([6])]) })],
    ata: () => [new TransactionInstruction({ programId: ASSOCIATED, keys: [meta(payer.publicKey, true, true), meta(target, true), meta(to, false), meta(mint.publicKey, false), meta(SystemProgram.programId, false), meta(TOKEN, false)], data: Buffer.alloc(0) })],
    mint: () => [
      SystemProgram.createAccount({ fromPubkey: payer.publicKey, newAccountPubkey: newMint.publicKey, lamports: 1461600, space: 82, programId: TOKEN }),
      new TransactionInstruction({ programId: TOKEN, keys: [meta(newMint.publicKey, true), meta(new PublicKey('SysvarRent111111111111111111111111111111111'), false)], data: Buffer.concat([Buffer.from([0, 0]), payer.publicKey.toBuffer(), Buffer.from([1]), payer.publicKey.toBuffer()]) }),
    ],
  };
}

serve({
  // a message of the named instructions, and the wire transaction after a blockhash was put in
  build(a) {
    const payer = key(a.payer), sender = key(a.sender), mint = key(a.mint), newMint = key(a.newMint), to = key(a.to).publicKey;
    const all = instructions({ ...a, payer, sender, to, mint, newMint });
    const list = a.names.flatMap(name => all[name]());
    const args = { payerKey: payer.publicKey, instructions: list, recentBlockhash: '7WyEshBZcZwEbJsvSeGgCkSNMxxxFAym3x7Cuj6UjAUE' };
    const tables = a.version === 'v0 with table'
      ? [new AddressLookupTableAccount({ key: new PublicKey(Buffer.from(a.newMint, 'hex')), state: { deactivationSlot: 2n ** 64n - 1n, lastExtendedSlot: 0, lastExtendedSlotStartIndex: 0, addresses: [mint.publicKey, to, ata(to, mint.publicKey)] } })]
      : [];
    const message = a.version === 'legacy' ? new TransactionMessage(args).compileToLegacyMessage() : new TransactionMessage(args).compileToV0Message(tables);
    const unsigned = Buffer.from(message.serialize()).toString('hex');
    message.recentBlockhash = a.blockhash;
    const transaction = new VersionedTransaction(message);
    const required = message.staticAccountKeys.slice(0, message.header.numRequiredSignatures).map(k => k.toBase58());
    transaction.sign([payer, sender, newMint].filter((k, i, list) => required.includes(k.publicKey.toBase58()) && list.findIndex(o => o.publicKey.equals(k.publicKey)) === i));
    return { unsigned, wire: Buffer.from(transaction.serialize()).toString('base64'), signers: required, target: ata(to, mint.publicKey).toBase58() };
  },
  // what a wire transaction says and whether its signatures are right
  read({ wire }) {
    const transaction = VersionedTransaction.deserialize(Buffer.from(wire, 'base64'));
    const message = transaction.message;
    if (message.version === 'legacy') {
      const legacy = Transaction.from(Buffer.from(wire, 'base64'));
      if (!legacy.verifySignatures()) throw new Error('a signature is wrong');
    }
    return { version: message.version, accounts: message.staticAccountKeys.map(k => k.toBase58()), blockhash: message.recentBlockhash, again: Buffer.from(transaction.serialize()).toString('base64') };
  },
  ata({ owner, mint }) {
    return ata(new PublicKey(owner), new PublicKey(mint)).toBase58();
  },
  onCurve({ point }) {
    return PublicKey.isOnCurve(Buffer.from(point, 'hex'));
  },
});

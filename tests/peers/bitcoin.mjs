// bitcoinjs-lib and tiny-secp256k1: every signature of a transaction against the outputs it spends.
import * as bitcoin from 'bitcoinjs-lib';
import * as ecc from 'tiny-secp256k1';
import { serve } from './peer.mjs';

const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const { payments, script } = bitcoin;
const equal = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;

function check(publicKey, signature, digest) {
  if (!script.isCanonicalScriptSignature(signature)) throw new Error('signature is not canonical');
  const { signature: plain, hashType } = script.signature.decode(signature);
  if (hashType !== 1) throw new Error(`hash type ${hashType}`);
  if (BigInt('0x' + Buffer.from(plain.subarray(32)).toString('hex')) > halfOrder) throw new Error('high S');
  if (!ecc.verify(digest, publicKey, plain, true)) throw new Error('signature does not verify');
}

function checkMultisig(code, signatures, digest) {
  const { m, pubkeys } = payments.p2ms({ output: code });
  if (signatures.length !== m) throw new Error('number of signatures');
  let next = 0;
  for (const signature of signatures) {
    for (;; next++) {
      if (next === pubkeys.length) throw new Error('a signature fits no key, or keys are out of order');
      try { check(pubkeys[next], signature, digest); next++; break; } catch (error) { if (next === pubkeys.length - 1) throw error; }
    }
  }
}

function checkInput(transaction, at, spent) {
  const input = transaction.ins[at];
  const output = Buffer.from(spent.script, 'hex');
  const value = BigInt(spent.satoshis);
  const pushes = script.decompile(input.script) ?? [];
  const legacy = code => transaction.hashForSignature(at, code, 1);
  const segwit = code => transaction.hashForWitnessV0(at, code, value, 1);
  const witnessProgram = program => {
    if (program.length === 22) {
      const [signature, publicKey] = input.witness;
      if (input.witness.length !== 2 || !equal(payments.p2wpkh({ pubkey: publicKey }).output, program)) throw new Error('witness of another key');
      check(publicKey, signature, segwit(payments.p2pkh({ hash: program.subarray(2) }).output));
      return 'witness';
    }
    const [empty, ...rest] = input.witness;
    const code = rest.pop();
    if (empty.length !== 0 || !equal(payments.p2wsh({ redeem: { output: code } }).output, program)) throw new Error('witness of another script');
    checkMultisig(code, rest, segwit(code));
    return 'witnessMultisig';
  };

  if (output[0] === 0x76) {
    if (pushes.length !== 2 || input.witness.length || !equal(payments.p2pkh({ pubkey: pushes[1] }).output, output)) throw new Error('not its key');
    check(pushes[1], pushes[0], legacy(output));
    return 'keyHash';
  }
  if (output[0] === 0xa9) {
    const redeem = pushes[pushes.length - 1];
    if (!equal(payments.p2sh({ redeem: { output: redeem } }).output, output)) throw new Error('not its redeem script');
    if (redeem[0] === 0) {
      if (pushes.length !== 1) throw new Error('nested scriptSig must be one push');
      return 'nested ' + witnessProgram(redeem);
    }
    if (pushes[0] !== 0) throw new Error('no empty element in front');
    checkMultisig(redeem, pushes.slice(1, -1), legacy(redeem));
    return 'multisig';
  }
  if (output[0] === 0) {
    if (input.script.length) throw new Error('scriptSig must be empty');
    return witnessProgram(output);
  }
  const publicKey = payments.p2pk({ output }).pubkey;
  if (pushes.length !== 1 || input.witness.length) throw new Error('not one push');
  check(publicKey, pushes[0], legacy(output));
  return 'publicKey';
}

serve({
  verify({ hex, spent }) {
    const transaction = bitcoin.Transaction.fromHex(hex);
    if (transaction.ins.length !== spent.length) throw new Error('number of inputs');
    return {
      id: transaction.getId(),
      virtualSize: transaction.virtualSize(),
      kinds: spent.map((output, at) => checkInput(transaction, at, output)),
      inputs: transaction.ins.map(input => `${Buffer.from(input.hash).reverse().toString('hex')}:${input.index}`),
      outputs: transaction.outs.map(output => `${output.value} ${Buffer.from(output.script).toString('hex')}`),
    };
  },
});

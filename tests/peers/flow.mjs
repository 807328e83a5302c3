// ethers (RLP) and noble (SHA3, secp256k1): the parts that a Flow transaction is made of.
import { encodeRlp } from 'ethers';
import { createRequire } from 'node:module';
import { serve } from './peer.mjs';

const require = createRequire(import.meta.url);
const { sha3_256 } = require('@noble/hashes/sha3');
const { secp256k1 } = require('@noble/curves/secp256k1');

const hex = text => '0x' + Buffer.from(text).toString('hex');
const number = n => BigInt(n) === 0n ? '0x' : '0x' + (s => s.length % 2 ? '0' + s : s)(BigInt(n).toString(16));
const tag = Buffer.concat([Buffer.from('FLOW-V0.0-transaction'), Buffer.alloc(11)]);
const message = rlp => Buffer.concat([tag, Buffer.from(rlp.slice(2), 'hex')]);

serve({
  envelope({ script, args, block, proposer, sequence, payer, account, signatures, payerSignature, publicKey }) {
    const payload = [hex(script), args.map(hex), '0x' + block, number(9999), '0x' + proposer.address, number(proposer.keyId), number(sequence), '0x' + payer.address, ['0x' + account]];
    const roles = [...new Set([proposer.address, payer.address, account])];
    const list = entries => entries
      .map(s => ({ index: roles.indexOf(s.address), ...s }))
      .sort((a, b) => a.index - b.index || a.keyId - b.keyId)
      .map(s => [number(s.index), number(s.keyId), '0x' + s.signature]);
    const payloadMessage = message(encodeRlp(payload));
    const ours = signatures.find(s => s.address === account).signature;
    return {
      message: payloadMessage.toString('hex'),
      valid: secp256k1.verify(ours, sha3_256(payloadMessage), publicKey, { lowS: true }),
      envelope: message(encodeRlp([payload, list(signatures)])).toString('hex'),
      id: Buffer.from(sha3_256(Buffer.from(encodeRlp([payload, list(signatures), list([payerSignature])]).slice(2), 'hex'))).toString('hex'),
    };
  },
});

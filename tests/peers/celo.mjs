// CELO's transactions with a fee currency (CIP-64), read and written again by viem; types 0, 1 and 2 are Nethereum's to judge (tests/Readers).
import { fromRlp, keccak256, pad, recoverAddress } from 'viem';
import { parseTransaction, serializeTransaction } from 'viem/celo';
import { serve } from './peer.mjs';

const text = value => value === undefined || value === null ? null : String(value);

serve({
  async read({ data }) {
    const tx = parseTransaction(data); // leaves the signature out
    const [yParity, r, s] = fromRlp(`0x${data.slice(4)}`, 'hex').slice(-3);
    const signature = { r: pad(r, { size: 32 }), s: pad(s, { size: 32 }), yParity: yParity === '0x01' ? 1 : 0 };
    return {
      hash: keccak256(data), from: await recoverAddress({ hash: keccak256(serializeTransaction(tx)), signature }), to: tx.to ?? null,
      chainId: text(tx.chainId), nonce: text(tx.nonce ?? 0), gas: text(tx.gas), price: text(tx.maxFeePerGas), tip: text(tx.maxPriorityFeePerGas ?? 0),
      value: text(tx.value ?? 0), data: tx.data ?? '0x', feeCurrency: tx.feeCurrency,
      reserialized: serializeTransaction(tx, { ...signature, v: signature.yParity === 0 ? 27n : 28n }), accessList: tx.accessList ?? [],
    };
  },
});

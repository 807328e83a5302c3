// Signed transactions of Ethereum's family, read by ethers and viem; Klaytn's own types by ethers' RLP and Keccak.
import { Transaction, decodeRlp, encodeRlp, keccak256, recoverAddress, concat, getBytes, dataSlice, toBeHex } from 'ethers';
import { fromRlp, pad, parseTransaction, recoverTransactionAddress, recoverAddress as recoverByViem, keccak256 as keccakOfViem } from 'viem';
import { parseTransaction as parseCelo, serializeTransaction as serializeCelo } from 'viem/celo';
import { serve } from './peer.mjs';

const text = value => value === undefined || value === null ? null : String(value);

serve({
  ethers({ data }) {
    const tx = Transaction.from(data);
    return {
      hash: tx.hash, from: tx.from, to: tx.to, type: tx.type, chainId: text(tx.chainId), nonce: text(tx.nonce), gas: text(tx.gasLimit),
      price: text(tx.maxFeePerGas ?? tx.gasPrice), tip: text(tx.maxPriorityFeePerGas ?? tx.gasPrice), value: text(tx.value), data: tx.data,
      digest: tx.unsignedHash, reserialized: tx.serialized, accessList: tx.accessList ?? [],
    };
  },
  async viem({ data }) {
    const tx = parseTransaction(data);
    return {
      hash: keccakOfViem(data), from: await recoverTransactionAddress({ serializedTransaction: data }), to: tx.to ?? null,
      type: { legacy: 0, eip2930: 1, eip1559: 2 }[tx.type], chainId: text(tx.chainId), nonce: text(tx.nonce ?? 0), gas: text(tx.gas),
      price: text(tx.maxFeePerGas ?? tx.gasPrice), tip: text(tx.type === 'eip1559' ? tx.maxPriorityFeePerGas ?? 0 : tx.gasPrice),
      value: text(tx.value ?? 0), data: tx.data ?? '0x',
    };
  },
  async celo({ data }) {
    const tx = parseCelo(data); // leaves the signature out
    const [yParity, r, s] = fromRlp(`0x${data.slice(4)}`, 'hex').slice(-3);
    const signature = { r: pad(r, { size: 32 }), s: pad(s, { size: 32 }), yParity: yParity === '0x01' ? 1 : 0 };
    const digest = keccakOfViem(serializeCelo(tx));
    return {
      hash: keccakOfViem(data), from: await recoverByViem({ hash: digest, signature }), to: tx.to ?? null, type: 123,
      chainId: text(tx.chainId), nonce: text(tx.nonce ?? 0), gas: text(tx.gas), price: text(tx.maxFeePerGas), tip: text(tx.maxPriorityFeePerGas ?? 0),
      value: text(tx.value ?? 0), data: tx.data ?? '0x', feeCurrency: tx.feeCurrency, digest,
      reserialized: serializeCelo(tx, { ...signature, v: signature.yParity === 0 ? 27n : 28n }), accessList: tx.accessList ?? [],
    };
  },
  klaytn({ data }) {
    const type = dataSlice(data, 0, 1);
    const list = decodeRlp(dataSlice(data, 1));
    const fields = list.slice(0, type === '0x09' ? -3 : -1);
    const [[v, r, s]] = list[fields.length];
    const chainId = (BigInt(v) - 35n) / 2n;
    const digest = keccak256(encodeRlp([encodeRlp([type, ...fields]), toBeHex(chainId), '0x', '0x']));
    const yParity = Number(BigInt(v) - 35n - chainId * 2n);
    return {
      hash: keccak256(data), digest, chainId: text(chainId), fields,
      from: recoverAddress(digest, { r: toBeHex(BigInt(r), 32), s: toBeHex(BigInt(s), 32), yParity }), reserialized: concat([type, encodeRlp(list)]), size: getBytes(data).length,
    };
  },
});

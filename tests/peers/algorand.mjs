// algosdk.
import algosdk from 'algosdk';
import { serve } from './peer.mjs';

const text = address => address ? address.toString() : null;

serve({
  // decodes a signed transaction, signs its content anew and tells what it says
  read({ signed, words }) {
    const { txn } = algosdk.decodeSignedTransaction(Buffer.from(signed, 'hex'));
    const { blob, txID } = algosdk.signTransaction(txn, algosdk.mnemonicToSecretKey(words).sk);
    const { payment, assetTransfer, assetConfig } = txn;
    return {
      signed: Buffer.from(blob).toString('hex'), txId: txID, type: txn.type, from: text(txn.sender), fee: txn.fee, firstRound: txn.firstValid, lastRound: txn.lastValid,
      note: Buffer.from(txn.note).toString('hex'), lease: Buffer.from(txn.lease ?? []).toString('hex'), group: Buffer.from(txn.group ?? []).toString('hex'),
      rekeyTo: text(txn.rekeyTo),
      to: text((payment ?? assetTransfer)?.receiver), amount: (payment ?? assetTransfer)?.amount, closeTo: text((payment ?? assetTransfer)?.closeRemainderTo),
      asset: (assetTransfer ?? assetConfig)?.assetIndex, revoked: text(assetTransfer?.assetSender),
      total: assetConfig?.total, decimals: assetConfig?.decimals, frozen: assetConfig?.defaultFrozen, unit: assetConfig?.unitName, name: assetConfig?.assetName,
      url: assetConfig?.assetURL, hash: Buffer.from(assetConfig?.assetMetadataHash ?? []).toString('hex'), manager: text(assetConfig?.manager),
      reserve: text(assetConfig?.reserve), freeze: text(assetConfig?.freeze), clawback: text(assetConfig?.clawback),
    };
  },
  account({ words }) {
    const { addr, sk } = algosdk.mnemonicToSecretKey(words);
    return { address: addr.toString(), secret: Buffer.from(sk).toString('hex') };
  },
  words({ seed }) {
    return algosdk.mnemonicFromSeed(Buffer.from(seed, 'hex'));
  },
});

// @emurgo/cardano-serialization-lib-nodejs.
import * as csl from '@emurgo/cardano-serialization-lib-nodejs';
import { serve } from './peer.mjs';

const hard = n => (0x80000000 + n) >>> 0;
const bytes = hex => Buffer.from(hex, 'hex');
const hex = data => Buffer.from(data).toString('hex');
const big = n => csl.BigNum.from_str(String(n));

function derive(entropy, path) {
  return path.reduce((node, step) => node.derive(step), csl.Bip32PrivateKey.from_bip39_entropy(bytes(entropy), Buffer.alloc(0)));
}

function value({ lovelace, tokens }) {
  const v = csl.Value.new(big(lovelace));
  if (Object.keys(tokens).length) {
    const assets = csl.MultiAsset.new();
    for (const [id, units] of Object.entries(tokens)) {
      const [policy, name] = id.split('.');
      assets.set_asset(csl.ScriptHash.from_bytes(bytes(policy)), csl.AssetName.new(bytes(name)), big(units));
    }
    v.set_multiasset(assets);
  }
  return v;
}

serve({
  keys({ entropy, hardened, steps }) {
    const node = derive(entropy, steps.map((n, i) => i < hardened ? hard(n) : n));
    return { key: hex(node.to_raw_key().as_bytes()), node: hex(node.as_bytes()), public: hex(node.to_raw_key().to_public().as_bytes()), chaincode: hex(node.chaincode()) };
  },
  address({ key, test, stake }) {
    const credential = k => csl.Credential.from_keyhash(csl.PublicKey.from_bytes(bytes(k)).hash());
    const network = test ? 0 : 1;
    return (stake ? csl.BaseAddress.new(network, credential(key), credential(stake)) : csl.EnterpriseAddress.new(network, credential(key))).to_address().to_bech32();
  },
  // a body of inputs and outputs, its hash, and a witness of a key
  body({ inputs, outputs, fee, ttl, key, mapOutputs }) {
    const ins = csl.TransactionInputs.new();
    inputs.forEach(i => ins.add(csl.TransactionInput.new(csl.TransactionHash.from_bytes(bytes(i.id)), i.index)));
    const outs = csl.TransactionOutputs.new();
    outputs.forEach(o => {
      const output = csl.TransactionOutput.new(csl.Address.from_bech32(o.address), value(o));
      outs.add(output);
    });
    const body = csl.TransactionBody.new_tx_body(ins, outs, big(fee));
    if (ttl) body.set_ttl(big(ttl));
    const fixed = csl.FixedTransaction.new_from_body_bytes(body.to_bytes());
    const witness = csl.make_vkey_witness(fixed.transaction_hash(), csl.PrivateKey.from_extended_bytes(bytes(key)));
    return { body: hex(body.to_bytes()), hash: fixed.transaction_hash().to_hex(), witness: hex(witness.to_bytes()) };
  },
  // what a signed transaction says, and whether its witnesses are right
  read({ transaction }) {
    const fixed = csl.FixedTransaction.from_bytes(bytes(transaction));
    const hash = fixed.transaction_hash();
    const witnesses = fixed.witness_set().vkeys();
    const valid = Array.from({ length: witnesses.len() }, (_, i) => witnesses.get(i)).every(w => w.vkey().public_key().verify(hash.to_bytes(), w.signature()));
    return { hash: hash.to_hex(), valid, witnesses: witnesses.len(), fee: fixed.body().fee().to_str(), body: hex(fixed.raw_body()) };
  },
});

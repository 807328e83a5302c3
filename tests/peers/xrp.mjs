// xrpl.js and its codecs.
import { Wallet, encode, decode, classicAddressToXAddress, hashes } from 'xrpl';
import { serve } from './peer.mjs';

serve({
  sign({ seed, transaction }) {
    // without the name of the algorithm this takes "s…" for Ed25519 too
    const wallet = Wallet.fromSeed(seed, { algorithm: seed.startsWith('sEd') ? 'ed25519' : 'ecdsa-secp256k1' });
    return { address: wallet.classicAddress, publicKey: wallet.publicKey, ...wallet.sign(transaction) };
  },
  // encode alone: types and combinations that xrpl.js's own validation is stricter about than the ledger
  encode({ transaction }) {
    return encode(transaction);
  },
  decode({ blob }) {
    return decode(blob);
  },
  hash({ blob }) {
    return hashes.hashSignedTx(blob);
  },
  xAddress({ address, tag, test }) {
    return classicAddressToXAddress(address, tag ?? false, test);
  },
});

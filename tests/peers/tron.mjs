// TRON transactions, encoded by tronweb's protocol buffers, and signatures recovered by it.
import { TronWeb, Trx, utils } from 'tronweb';
import { serve } from './peer.mjs';

serve({
  // the node's own form of a transaction: raw_data_hex and txID made from the JSON
  encode({ transaction }) {
    const pb = utils.transaction.txJsonToPb(transaction);
    return { raw_data_hex: utils.transaction.txPbToRawDataHex(pb).toLowerCase(), txID: utils.transaction.txPbToTxID(pb).replace(/^0x/, '') };
  },
  signer({ transaction }) {
    return { checks: utils.transaction.txCheck(transaction), address: TronWeb.address.fromHex(Trx.ecRecover(transaction)) };
  },
});

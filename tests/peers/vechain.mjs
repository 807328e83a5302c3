// Signed VeChainThor transactions, read by VeChain's own SDK.
import { Transaction, HexUInt } from '@vechain/sdk-core';
import { serve } from './peer.mjs';

serve({
  decode({ data }) {
    const tx = Transaction.decode(HexUInt.of(data).bytes, true);
    return {
      id: tx.id.toString(), origin: tx.origin.toString(), digest: tx.getTransactionHash().toString(), body: tx.body, delegated: tx.isDelegated,
      reserialized: HexUInt.of(tx.encoded).toString(),
    };
  },
});

// @multiversx/sdk-core.
import { Address, Mnemonic, Token, TokenTransfer, Transaction, TransactionComputer, TransactionsFactoryConfig, TransferTransactionsFactory, UserSecretKey } from '@multiversx/sdk-core';
import { serve } from './peer.mjs';

const computer = new TransactionComputer();

serve({
  // signs a transaction given by its members
  async sign({ key, nonce, value, receiver, gasPrice, gasLimit, data, chainID, version }) {
    const secret = UserSecretKey.fromString(key);
    const transaction = new Transaction({
      nonce: BigInt(nonce), value: BigInt(value), sender: secret.generatePublicKey().toAddress(), receiver: Address.newFromBech32(receiver),
      gasPrice: BigInt(gasPrice), gasLimit: BigInt(gasLimit), data: Buffer.from(data), chainID, version,
    });
    const bytes = computer.computeBytesForSigning(transaction);
    transaction.signature = secret.sign(bytes);
    return { message: Buffer.from(bytes).toString(), signature: Buffer.from(transaction.signature).toString('hex'), hash: computer.computeTransactionHash(transaction) };
  },
  // receiver and data of token transfers as the SDK's factory writes them
  async transfer({ sender, receiver, tokens }) {
    const factory = new TransferTransactionsFactory({ config: new TransactionsFactoryConfig({ chainID: 'D' }) });
    const transaction = await factory.createTransactionForESDTTokenTransfer(Address.newFromBech32(sender), {
      receiver: Address.newFromBech32(receiver),
      tokenTransfers: tokens.map(t => new TokenTransfer({ token: new Token({ identifier: t.id, nonce: BigInt(t.nonce) }), amount: BigInt(t.amount) })),
    });
    return { receiver: transaction.receiver.toBech32(), data: Buffer.from(transaction.data).toString() };
  },
  derive({ mnemonic, index }) {
    const key = Mnemonic.fromString(mnemonic).deriveKey(index);
    return { key: key.hex(), address: key.generatePublicKey().toAddress().toBech32() };
  },
});

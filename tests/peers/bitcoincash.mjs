// bitcore-lib-cash: its script interpreter runs every input, under Bitcoin Cash's rules or under those before segwit (Dogecoin).
import bitcore from 'bitcore-lib-cash';
import { serve } from './peer.mjs';

const { Interpreter } = bitcore.Script;
// LOW_S is left to NBitcoin (tests/SecondReader): this library cuts one byte too many from a signature before it looks
const common = Interpreter.SCRIPT_VERIFY_P2SH | Interpreter.SCRIPT_VERIFY_NULLDUMMY | Interpreter.SCRIPT_VERIFY_SIGPUSHONLY
  | Interpreter.SCRIPT_VERIFY_MINIMALDATA | Interpreter.SCRIPT_VERIFY_CLEANSTACK | Interpreter.SCRIPT_VERIFY_NULLFAIL;
const legacy = common | Interpreter.SCRIPT_VERIFY_STRICTENC | Interpreter.SCRIPT_VERIFY_DERSIG;
const cash = common | Interpreter.SCRIPT_ENABLE_SIGHASH_FORKID | Interpreter.SCRIPT_ENABLE_SCHNORR_MULTISIG;

serve({
  run({ hex, spent, forkId }) {
    const transaction = new bitcore.Transaction(hex);
    if (transaction.inputs.length !== spent.length) throw new Error('number of inputs');
    transaction.inputs.forEach((input, at) => {
      const interpreter = new Interpreter();
      const output = new bitcore.Transaction.Output({ script: spent[at].script, satoshis: Number(spent[at].satoshis) });
      if (forkId && (input.script.chunks[0].buf.length !== 65 || input.script.chunks[0].buf[64] !== 0x41)) {
        throw new Error(`input ${at}: not Schnorr with ALL and FORKID`);
      }
      if (forkId && input.script.chunks[0].buf[0] === 0x30) {
        // the interpreter takes a Schnorr signature that starts with 30 for DER, so ask the layer below
        const [signature, publicKey] = input.script.chunks.map(chunk => chunk.buf);
        if (!bitcore.Script.buildPublicKeyHashOut(bitcore.PublicKey(publicKey)).toBuffer().equals(output.script.toBuffer())
          || !transaction.verifySignature(bitcore.crypto.Signature.fromTxFormat(signature), bitcore.PublicKey(publicKey), at, output.script, output.satoshisBN, cash, 'schnorr')) {
          throw new Error(`input ${at}: Schnorr signature does not verify`);
        }
        return;
      }
      if (!interpreter.verify(input.script, output.script, transaction, at, forkId ? cash : legacy, output.satoshisBN)) {
        throw new Error(`input ${at}: ${interpreter.errstr}`);
      }
    });
    return {
      id: transaction.id,
      inputs: transaction.inputs.map(input => `${input.prevTxId.toString('hex')}:${input.outputIndex}`),
      outputs: transaction.outputs.map(output => `${output.satoshis} ${output.script.toHex()}`),
    };
  },
  address({ script, network }) {
    return new bitcore.Script(script).toAddress(network).toString();
  },
});

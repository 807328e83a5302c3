// @stellar/stellar-sdk.
import * as sdk from '@stellar/stellar-sdk';
import { serve } from './peer.mjs';

const { Operation, Asset, Keypair, TransactionBuilder, Account, Memo, xdr } = sdk;
const passphrase = test => test ? sdk.Networks.TESTNET : sdk.Networks.PUBLIC;

// the same SplitMix64 as the tests use
function numbers(seed) {
  let state = BigInt(seed);
  const next = () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
  const below = n => Number(next() % BigInt(n));
  return { next, below, bytes: n => Buffer.from(Array.from({ length: n }, () => below(256))) };
}

function operations(r) {
  const account = () => Keypair.fromRawEd25519Seed(r.bytes(32)).publicKey();
  const maybeMuxed = () => r.below(3) ? account() : new sdk.MuxedAccount(new Account(account(), '1'), String(r.next())).accountId();
  const asset = () => [Asset.native(), new Asset('USD', account()), new Asset('LONGASSET12', account())][r.below(3)];
  const amount = () => (r.below(1e9) / 1000).toString();
  const price = () => ({ n: 1 + r.below(1e6), d: 1 + r.below(1e6) });
  const source = () => r.below(3) ? undefined : account();
  const balanceId = () => '00000000' + r.bytes(32).toString('hex');
  const poolId = () => r.bytes(32).toString('hex');
  const path = () => Array.from({ length: r.below(4) }, asset);
  const predicates = [
    () => sdk.Claimant.predicateUnconditional(),
    () => sdk.Claimant.predicateAnd(sdk.Claimant.predicateBeforeRelativeTime(String(r.below(1000))), sdk.Claimant.predicateNot(sdk.Claimant.predicateBeforeAbsoluteTime('1700000000'))),
    () => sdk.Claimant.predicateOr(sdk.Claimant.predicateUnconditional(), sdk.Claimant.predicateBeforeAbsoluteTime('1800000000')),
  ];
  return {
    createAccount: () => Operation.createAccount({ destination: account(), startingBalance: amount(), source: source() }),
    payment: () => Operation.payment({ destination: maybeMuxed(), asset: asset(), amount: amount(), source: source() }),
    pathPaymentStrictReceive: () => Operation.pathPaymentStrictReceive({ sendAsset: asset(), sendMax: amount(), destination: maybeMuxed(), destAsset: asset(), destAmount: amount(), path: path(), source: source() }),
    manageSellOffer: () => Operation.manageSellOffer({ selling: asset(), buying: asset(), amount: amount(), price: price(), offerId: String(r.below(1e9)), source: source() }),
    createPassiveSellOffer: () => Operation.createPassiveSellOffer({ selling: asset(), buying: asset(), amount: amount(), price: price() }),
    setOptions: () => Operation.setOptions({ inflationDest: account(), clearFlags: 1, setFlags: 2, masterWeight: 1, lowThreshold: 1, medThreshold: 2, highThreshold: 3, homeDomain: 'example.org', signer: [{ ed25519PublicKey: account(), weight: 1 }, { sha256Hash: r.bytes(32), weight: 2 }, { preAuthTx: r.bytes(32), weight: 3 }][r.below(3)] }),
    changeTrust: () => Operation.changeTrust({ asset: r.below(3) ? new Asset('EURT', account()) : new sdk.LiquidityPoolAsset(Asset.native(), new Asset('USD', account()), 30), limit: amount() }),
    allowTrust: () => Operation.allowTrust({ trustor: account(), assetCode: 'USD', authorize: 1 }),
    accountMerge: () => Operation.accountMerge({ destination: maybeMuxed() }),
    inflation: () => Operation.inflation({}),
    manageData: () => Operation.manageData({ name: 'key é', value: r.below(3) ? r.bytes(1 + r.below(64)) : null }),
    bumpSequence: () => Operation.bumpSequence({ bumpTo: String(r.below(1e9)) }),
    manageBuyOffer: () => Operation.manageBuyOffer({ selling: asset(), buying: asset(), buyAmount: amount(), price: price(), offerId: '0' }),
    pathPaymentStrictSend: () => Operation.pathPaymentStrictSend({ sendAsset: asset(), sendAmount: amount(), destination: maybeMuxed(), destAsset: asset(), destMin: amount(), path: path() }),
    createClaimableBalance: () => Operation.createClaimableBalance({ asset: asset(), amount: amount(), claimants: predicates.slice(0, 1 + r.below(3)).map(p => new sdk.Claimant(account(), p())) }),
    claimClaimableBalance: () => Operation.claimClaimableBalance({ balanceId: balanceId() }),
    beginSponsoringFutureReserves: () => Operation.beginSponsoringFutureReserves({ sponsoredId: account() }),
    endSponsoringFutureReserves: () => Operation.endSponsoringFutureReserves({}),
    revokeSponsorship: () => [
      () => Operation.revokeAccountSponsorship({ account: account() }),
      () => Operation.revokeTrustlineSponsorship({ account: account(), asset: asset() }),
      () => Operation.revokeOfferSponsorship({ seller: account(), offerId: '7' }),
      () => Operation.revokeDataSponsorship({ account: account(), name: 'n' }),
      () => Operation.revokeClaimableBalanceSponsorship({ balanceId: balanceId() }),
      () => Operation.revokeLiquidityPoolSponsorship({ liquidityPoolId: poolId() }),
      () => Operation.revokeSignerSponsorship({ account: account(), signer: { ed25519PublicKey: account() } }),
    ][r.below(7)](),
    clawback: () => Operation.clawback({ asset: new Asset('USD', account()), amount: amount(), from: maybeMuxed() }),
    clawbackClaimableBalance: () => Operation.clawbackClaimableBalance({ balanceId: balanceId() }),
    setTrustLineFlags: () => Operation.setTrustLineFlags({ trustor: account(), asset: new Asset('USD', account()), flags: { authorized: true } }),
    liquidityPoolDeposit: () => Operation.liquidityPoolDeposit({ liquidityPoolId: poolId(), maxAmountA: amount(), maxAmountB: amount(), minPrice: price(), maxPrice: price() }),
    liquidityPoolWithdraw: () => Operation.liquidityPoolWithdraw({ liquidityPoolId: poolId(), amount: amount(), minAmountA: amount(), minAmountB: amount() }),
  };
}

function finish(transaction, key) {
  const unsigned = transaction.toEnvelope().toXDR('base64');
  transaction.sign(key);
  return { unsigned, signed: transaction.toEnvelope().toXDR('base64'), hash: transaction.hash().toString('hex') };
}

serve({
  sign({ envelope, secret, test }) {
    return finish(TransactionBuilder.fromXDR(envelope, passphrase(test)), Keypair.fromSecret(secret));
  },
  // a random transaction of random operations, in one of the envelope forms
  random({ secret, seed, test }) {
    const r = numbers(seed);
    const key = Keypair.fromSecret(secret);
    const all = operations(r);
    const names = Array.from({ length: 1 + r.below(4) }, () => Object.keys(all)[r.below(24)]);
    const memo = [Memo.none(), Memo.text('hello'), Memo.id('18446744073709551615'), Memo.hash(r.bytes(32)), Memo.return(r.bytes(32))][r.below(5)];
    const source = r.below(4) ? new Account(key.publicKey(), String(r.below(1e9))) : new sdk.MuxedAccount(new Account(key.publicKey(), '77'), '123');
    const builder = new TransactionBuilder(source, { fee: '100', networkPassphrase: passphrase(test), memo });
    names.forEach(name => builder.addOperation(all[name]()));
    builder.setTimebounds(0, r.below(2) ? 0 : 2000000000);
    if (r.below(2)) builder.setLedgerbounds(1, r.below(3) * 1000).setMinAccountSequence('5').setMinAccountSequenceAge(60).setMinAccountSequenceLedgerGap(3).setExtraSigners([Keypair.random().publicKey()]);
    let transaction = builder.build();
    const form = r.below(4);
    if (form === 0) {
      transaction.sign(Keypair.random());
      transaction = TransactionBuilder.buildFeeBumpTransaction(key, '2000', transaction, passphrase(test));
    } else if (form === 1) {
      transaction.sign(Keypair.random());
    }
    return { names, memo: memo.type, feeBump: form === 0, fee: transaction.fee, ...finish(transaction, key) };
  },
  // the V0 form of a V1 envelope without muxed source
  toV0({ envelope, secret, test }) {
    const v1 = xdr.TransactionEnvelope.fromXDR(envelope, 'base64').v1().tx();
    const v0 = new xdr.TransactionV0({
      sourceAccountEd25519: v1.sourceAccount().ed25519(), fee: v1.fee(), seqNum: v1.seqNum(), timeBounds: v1.cond().timeBounds(),
      memo: v1.memo(), operations: v1.operations(), ext: new xdr.TransactionV0Ext(0),
    });
    const text = xdr.TransactionEnvelope.envelopeTypeTxV0(new xdr.TransactionV0Envelope({ tx: v0, signatures: [] })).toXDR('base64');
    return finish(TransactionBuilder.fromXDR(text, passphrase(test)), Keypair.fromSecret(secret));
  },
  addresses({ key, id }) {
    const raw = Buffer.from(key, 'hex');
    const g = sdk.StrKey.encodeEd25519PublicKey(raw);
    return { g, m: new sdk.MuxedAccount(new Account(g, '0'), id).accountId(), t: sdk.StrKey.encodePreAuthTx(raw), x: sdk.StrKey.encodeSha256Hash(raw), s: sdk.StrKey.encodeEd25519SecretSeed(raw) };
  },
});

import type { Ns } from '#core/base/time.ts';
import { RequestStatus } from '../../workload/request-table.ts';
import type { RankState } from './rank-state.ts';

/**
 * Adds the passes that end to the rank's tally, `decoded` of which each decoding request has a token;
 * `blocksBefore` were in use as they began.
 */
export function tallyPasses(rank: RankState, decoded: number, blocksBefore: number): void {
  const { tally, clock, pool, batch } = rank;
  const spanNs = clock.endNs - clock.startNs;
  const blocks = pool.active;
  tally.passes += clock.passes;
  tally.busyNs += spanNs;
  tally.outputTokens += batch.size * decoded;
  tally.kvBlockNs += ((blocksBefore + blocks) / 2) * spanNs;
  if (blocks > tally.kvPeakBlocks) tally.kvPeakBlocks = blocks;
}

/**
 * Gives a request that a rank takes in what it gets: no more than has room, and than is waited for. A
 * prompt alone is computed for the sake of one token, which the other worker gives anew.
 */
export function openSequence({ engine }: RankState, row: number): void {
  const { requests, sequences, settings } = engine;
  const room = settings.maxSequenceTokens - requests.inputTokens[row]!;
  if (settings.role === 'prefill') {
    sequences.open(row, Math.min(1, room));
    return;
  }
  const wanted = Math.min(requests.requestedTokens[row]!, room);
  const leavesAfter = requests.cancelAfterTokens[row] || wanted;
  sequences.open(row, Math.min(wanted, leavesAfter), wanted);
}

/** Moves the requests whose last token has come out of the batch, in the order of admission. */
export function collectEnded(rank: RankState): void {
  const { requests, sequences, settings } = rank.engine;
  const { batch, ending } = rank;
  for (let row = batch.firstEnded(); row >= 0; row = batch.firstEnded()) {
    const known = requests.inputTokens[row]! + sequences.target[row]!;
    sequences.owned[row] = batch.ownedBlocks(row, known - 1 + settings.tokensAhead);
    rank.leaving(row, known);
    batch.remove(row, known);
    sequences.generated[row] = sequences.target[row]!;
    ending.push(row);
  }
  if (ending.count > 1) ending.sortBy(sequences.order);
}

/** A request that is over lets go of its blocks, in which its first `computed` tokens lie. */
export function releaseBlocks(rank: RankState, row: number, computed: number): void {
  const { sequences } = rank.engine;
  const owned = sequences.owned[row]!;
  const full = Math.min(owned, rank.cacheable(computed));
  rank.pool.release(row, owned, full, sequences.touched[row]!);
}

/**
 * A request has its last token, or needs none: it lets go of its blocks, in which its first `computed`
 * tokens lie.
 */
export function finish(rank: RankState, row: number, nowNs: Ns, computed: number): void {
  releaseBlocks(rank, row, computed);
  rank.running.removeAt(rank.running.indexOf(row));
  conclude(rank, row, nowNs);
}

/** A request is over. */
export function conclude({ engine, clock }: RankState, row: number, nowNs: Ns): void {
  const { sequences, requests } = engine;
  clock.ended.push(row);
  if (sequences.abandoned[row] === 1) return;
  const generated = sequences.generated[row]!;
  engine.stream?.end(row, nowNs);
  if (generated > 0) requests.lastTokenNs[row] = nowNs;
  requests.outputTokens[row] = generated;
  requests.terminalNs[row] = nowNs;
  const cutShort = sequences.unwanted[row]! > 0;
  requests.status[row] = cutShort ? RequestStatus.cancelled : RequestStatus.completed;
}

/** A request that can never be served leaves. */
export function reject(rank: RankState, row: number, nowNs: Ns): void {
  const { requests, sequences } = rank.engine;
  rank.clock.ended.push(row);
  if (sequences.abandoned[row] === 1) return;
  requests.status[row] = RequestStatus.rejected;
  requests.terminalNs[row] = nowNs;
}

/**
 * An admitted request with `owned` blocks loses them; those that hold its first `computed` tokens
 * stay cached while nobody needs them, and it can come back through them.
 */
export function loseBlocks(rank: RankState, row: number, owned: number, computed: number): void {
  const { sequences, holders, forest, settings } = rank.engine;
  const cacheable = rank.cacheable(computed);
  sequences.held[row] = cacheable * settings.blockSize;
  const own = rank.pool.release(row, owned, cacheable, sequences.touched[row]!);
  if (own >= 0) {
    forest.retain(own);
    forest.release(holders.leaf[row]!);
    const ownBlocks = forest.length[own]!;
    holders.open(row, own, ownBlocks, holders.pathBlocks[row]! + ownBlocks);
  }
  sequences.computed[row] = 0;
  sequences.touched[row] = 0;
}

/** A waiting request comes in at the beginning of a pass, with `cached` tokens reused. */
export function admit(rank: RankState, row: number, cached: number): void {
  const { requests, sequences } = rank.engine;
  rank.running.push(row);
  sequences.order[row] = rank.admissions++;
  if (requests.admissions[row]!++ === 0) {
    requests.firstAdmitNs[row] = rank.clock.startNs;
    requests.firstReusedTokens[row] = cached;
    requests.status[row] = RequestStatus.running;
  }
  if (cached > requests.reusedTokens[row]!) requests.reusedTokens[row] = cached;
  if (cached < sequences.held[row]!) requests.lostTokens[row]! += sequences.held[row]! - cached;
}

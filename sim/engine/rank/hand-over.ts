import { assert } from '#core/base/assert.ts';
import type { Ns } from '#core/base/time.ts';
import type { EngineRank } from './engine-rank.ts';
import { takeOut } from './give-up.ts';
import { Wish } from './handoff.ts';
import { Leg } from './leg.ts';
import type { RankState } from './rank-state.ts';
import { conclude, openSequence, reject } from './request-life.ts';

/**
 * A prompt is computed on a worker that does no more: it stops running and keeps its blocks. The token
 * that came out of it counts for nothing, the other worker gives it.
 */
export function holdSource(rank: RankState, row: number): void {
  const { engine, running, handoff, clock, tally } = rank;
  tally.outputTokens -= engine.sequences.generated[row]!;
  engine.sequences.leg[row] = Leg.held;
  running.removeAt(running.indexOf(row));
  handoff.apart++;
  clock.held.push(row);
}

/** Notes what a request asks for; asserts that it may. */
export function begin(rank: EngineRank, wish: Wish, row: number): void {
  const { leg } = rank.engine.sequences;
  const before = leg[row];
  if (wish === Wish.reserve) {
    openSequence(rank, row);
    leg[row] = Leg.asked;
  } else if (wish === Wish.release) {
    assert(before === Leg.held, 'released a prompt that is not held');
    leg[row] = Leg.leaving;
  } else if (wish === Wish.activate) {
    assert(before === Leg.reserved, 'activated a request without a reservation');
    leg[row] = Leg.active;
  } else {
    assert(before === Leg.asked || before === Leg.reserved, 'withdrew what nobody asked for');
    leg[row] = Leg.leaving;
  }
}

/** Gives a request what it has asked for; a reservation waits its turn. */
export function carryOut(rank: EngineRank, wish: Wish, row: number, nowNs: Ns): void {
  if (wish === Wish.reserve) queue(rank, row, nowNs);
  else if (wish === Wish.release) release(rank, row);
  else if (wish === Wish.activate) activate(rank, row, nowNs);
  else withdraw(rank, row);
}

function queue(rank: EngineRank, row: number, nowNs: Ns): void {
  if (rank.canNeverFit(row)) {
    rank.engine.sequences.leg[row] = Leg.none;
    reject(rank, row, nowNs);
  } else {
    rank.handoff.destinations.push(row);
  }
}

function release(rank: EngineRank, row: number): void {
  rank.letGo(row);
  rank.engine.sequences.leg[row] = Leg.none;
  rank.handoff.apart--;
  rank.clock.released.push(row);
}

/** Who wants no output is done. */
function activate(rank: EngineRank, row: number, nowNs: Ns): void {
  const { engine, clock, handoff } = rank;
  const { sequences } = engine;
  clock.activated.push(row);
  rank.shareCopied(row);
  if (sequences.target[row]! > 0) {
    handoff.joining.push(row);
    return;
  }
  rank.unreserve(row, sequences.owned[row]!);
  rank.letGo(row);
  handoff.apart--;
  conclude(rank, row, nowNs);
}

/** A request gives its reservation, or its place in the line for one, back. */
function withdraw(rank: EngineRank, row: number): void {
  const { engine, handoff, pool } = rank;
  const { sequences, holders } = engine;
  // It has been rejected in the meantime.
  if (sequences.leg[row] !== Leg.leaving) return;
  sequences.leg[row] = Leg.none;
  if (handoff.destinations.remove(row)) return;
  const blocks = sequences.owned[row]!;
  rank.unreserve(row, blocks);
  pool.release(row, blocks, holders.held[row]!, sequences.touched[row]!);
  handoff.apart--;
}

/**
 * A request whose client has gone gives back what it has while it does not run; false when it does, or
 * waits as any other.
 */
export function dropApart(rank: EngineRank, row: number): boolean {
  const { sequences } = rank.engine;
  const { destinations, joining } = rank.handoff;
  const joins = takeOut(joining, row);
  const leg = sequences.leg[row];
  if (destinations.remove(row)) {
    sequences.leg[row] = Leg.none;
  } else if (leg === Leg.reserved) {
    sequences.leg[row] = Leg.leaving;
    withdraw(rank, row);
  } else if (leg === Leg.held || joins) {
    if (joins) rank.unreserve(row, sequences.owned[row]!);
    rank.letGo(row);
    sequences.leg[row] = Leg.none;
    rank.handoff.apart--;
  } else {
    return false;
  }
  return true;
}

/**
 * The pass is over: what was wished for in it comes true. Whoever asked for a reservation stands in the
 * line first, and whoever asks for none any more does not.
 */
export function carryOutWishes(rank: EngineRank, nowNs: Ns): void {
  const { wishes, wishedBy } = rank.handoff;
  countBlocksApart(rank, nowNs);
  for (const lining of [true, false]) {
    for (let index = 0; index < wishes.count; index++) {
      const wish = wishes.rows[index] as Wish;
      if ((wish === Wish.reserve || wish === Wish.withdraw) !== lining) continue;
      carryOut(rank, wish, wishedBy.rows[index]!, nowNs);
      if (!lining) grantReservations(rank);
    }
    if (lining) grantReservations(rank);
  }
  rank.handoff.clearWishes();
}

/** Gives those that wait for it their blocks, until the first finds too few. */
export function grantReservations(rank: EngineRank): void {
  const { destinations } = rank.handoff;
  const most = rank.engine.settings.grantsOneByOne ? 1 : Number.POSITIVE_INFINITY;
  for (let granted = 0; granted < most && destinations.count > 0; granted++) {
    if (!grant(rank, destinations.first)) return;
    destinations.removeFirst();
  }
}

/**
 * Blocks for a whole prompt, those that are cached among them where the engine takes them over; what
 * is not is to be copied, in whole blocks.
 */
function grant(rank: EngineRank, row: number): boolean {
  const { engine, pool, handoff, clock } = rank;
  const { settings, sequences, holders, requests } = engine;
  const prompt = requests.inputTokens[row]!;
  const blocks = Math.ceil(prompt / settings.blockSize);
  const reusable = settings.reusesAtDestination
    ? Math.min(rank.cacheable(prompt), holders.pathBlocks[row]!)
    : 0;
  const hits = reusable === 0 ? 0 : pool.match(row, reusable);
  const revived = hits === 0 ? 0 : pool.inactiveAmong(row, hits);
  if (blocks - hits + revived > pool.available || !rank.mayReserve(row)) return false;
  pool.hold(row, hits, rank.touchNow());
  const taken = pool.allocate(blocks - hits);
  assert(taken, 'reserved blocks without room');
  sequences.owned[row] = blocks;
  sequences.missing[row] = (blocks - hits) * settings.blockSize;
  sequences.leg[row] = Leg.reserved;
  handoff.apart++;
  rank.reserve(row, blocks);
  clock.reserved.push(row);
  return true;
}

/**
 * Adds up the blocks that a rank has in use without a pass, up to now: those of prompts that are held
 * and of reservations.
 */
export function countBlocksApart({ handoff, pool, tally }: RankState, nowNs: Ns): void {
  const blocks = pool.active;
  tally.kvBlockNs += blocks * (nowNs - handoff.countedNs);
  if (blocks > tally.kvPeakBlocks) tally.kvPeakBlocks = blocks;
  handoff.countedNs = nowNs;
}

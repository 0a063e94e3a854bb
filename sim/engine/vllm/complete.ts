import type { Ns } from '#core/base/time.ts';
import { NEVER } from '../../workload/request-table.ts';
import { holdSource } from '../rank/hand-over.ts';
import { collectEnded, reject, finish as retire, tallyPasses } from '../rank/request-life.ts';
import { takeLeapBlocks } from './leap-ahead.ts';
import { rejoin } from './pass-over.ts';
import type { WorkerState } from './worker-state.ts';

/** The pass (or leap) ends on a rank that took part in it. */
export function completeRank(worker: WorkerState): void {
  const { batch, clock, ending, completing, rejected } = worker;
  const blocksBefore = worker.pool.active;
  if (clock.passes > 1) takeLeapBlocks(worker, clock.passes);
  tallyPasses(worker, clock.passes, blocksBefore);
  batch.advance(clock.passes);
  if (batch.extraTokens > 0) worker.engine.itlNs.add(0, batch.extraTokens);
  worker.tally.outputTokens += batch.extraTokens;
  rejoin(worker);
  const nowNs = clock.endNs;
  recordEntered(worker, nowNs);
  collectEnded(worker);
  for (let index = 0; index < ending.count; index++) finish(worker, ending.rows[index]!, nowNs);
  for (let index = 0; index < completing.count; index++) {
    completePrefill(worker, completing.rows[index]!, nowNs);
  }
  for (let index = 0; index < rejected.count; index++) reject(worker, rejected.rows[index]!, nowNs);
  ending.clear();
  completing.clear();
  rejected.clear();
}

/** Each decoding request got a token in a single pass, a pass's duration after the one before. */
export function recordGaps({ batch, clock, engine, entering, late }: WorkerState): void {
  const { sequences, itlNs } = engine;
  const onTime = batch.size - entering.count - late.count;
  if (onTime > 0) itlNs.add(clock.endNs - clock.startNs, onTime);
  for (let index = 0; index < late.count; index++) {
    itlNs.add(clock.endNs - sequences.pausedNs[late.rows[index]!]!);
  }
}

/** Requests that got their first token in the last pass have had their second at `firstEndNs`. */
export function recordSecondTokens(worker: WorkerState, firstEndNs: Ns): void {
  const { fresh, passedOver, engine } = worker;
  const { secondTokenNs } = engine.requests;
  let kept = 0;
  for (let index = 0; index < fresh.count; index++) {
    const row = fresh.rows[index]!;
    if (passedOver.indexOf(row) >= 0) fresh.rows[kept++] = row;
    else if (secondTokenNs[row] === NEVER) secondTokenNs[row] = firstEndNs;
  }
  fresh.count = kept;
}

/** Requests whose prompt was cached whole have their first token from a decode step. */
function recordEntered(worker: WorkerState, nowNs: Ns): void {
  const { batch, clock, engine, entering, fresh } = worker;
  const { requests, sequences } = engine;
  for (let index = 0; index < entering.count; index++) {
    const row = entering.rows[index]!;
    requests.firstTokenNs[row] = nowNs;
    clock.firstTokens.push(row);
    if (sequences.target[row]! - batch.left(row) > 1) requests.secondTokenNs[row] = nowNs;
    else if (batch.left(row) > 0) fresh.push(row);
  }
  entering.clear();
}

/** The pass computed the last of the known tokens: the next token, or burst, comes out of it. */
function completePrefill(worker: WorkerState, row: number, nowNs: Ns): void {
  const { sequences, requests, itlNs, stream, settings } = worker.engine;
  const target = sequences.target[row]!;
  sequences.owned[row] = Math.ceil(worker.known(row) / settings.blockSize);
  if (target === 0) {
    finish(worker, row, nowNs);
    return;
  }
  const before = sequences.generated[row]!;
  const tokens = Math.min(target - before, worker.drawFirstBurst());
  const generated = before + tokens;
  sequences.generated[row] = generated;
  worker.tally.outputTokens += tokens;
  if (before === 0) {
    requests.firstTokenNs[row] = nowNs;
    worker.clock.firstTokens.push(row);
    if (target > 1 && generated === 1) worker.fresh.push(row);
  } else if (stream !== undefined) {
    stream.token(row, nowNs);
  } else {
    itlNs.add(nowNs - sequences.pausedNs[row]!);
  }
  if (tokens > 1) itlNs.add(0, tokens - 1);
  if (before < 2 && generated >= 2) requests.secondTokenNs[row] = nowNs;
  if (generated === target) finish(worker, row, nowNs);
  else worker.batch.add(row, worker.known(row), target - generated, sequences.owned[row]!);
}

/** What was reserved for its output is free again. */
function finish(worker: WorkerState, row: number, nowNs: Ns): void {
  worker.reservations?.end(row, worker.engine.sequences.owned[row]!);
  if (worker.engine.settings.role === 'prefill') {
    holdSource(worker, row);
    return;
  }
  const computed = worker.storedTokens(row);
  worker.beforeRelease(row, computed);
  retire(worker, row, nowNs, computed);
}

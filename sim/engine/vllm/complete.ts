import type { Ns } from '#core/base/time.ts';
import { NEVER, RequestStatus } from '../../workload/request-table.ts';
import { openLeap } from './leap-ahead.ts';
import type { WorkerState } from './worker-state.ts';

/** Each decoding request got a token a pass, each a pass's duration after the one before. */
export function recordGaps(worker: WorkerState): void {
  const { requests, itlNs } = worker.engine;
  const members = worker.batch.size;
  if (members === 0) return;
  let firstEndNs = worker.passEndNs;
  if (worker.passes > 1) {
    const leap = openLeap(worker);
    leap.addGaps(worker.passes, itlNs);
    firstEndNs = worker.passStartNs + leap.spanNs(1);
  } else {
    const { late } = worker;
    const onTime = members - late.count;
    if (onTime > 0) itlNs.add(worker.passEndNs - worker.passStartNs, onTime);
    for (let index = 0; index < late.count; index++) {
      itlNs.add(worker.passEndNs - requests.lastTokenNs[late.rows[index]!]!);
    }
  }
  recordSecondTokens(worker, firstEndNs);
}

function recordSecondTokens(worker: WorkerState, firstEndNs: Ns): void {
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

/** Moves the requests whose last token has come out of the batch, in the order of admission. */
export function collectEnded(worker: WorkerState): void {
  const { requests, sequences } = worker.engine;
  const { batch, ending } = worker;
  for (let row = batch.firstEnded(); row >= 0; row = batch.firstEnded()) {
    batch.remove(row, requests.inputTokens[row]! + sequences.target[row]!);
    sequences.generated[row] = sequences.target[row]!;
    ending.push(row);
  }
  if (ending.count > 1) ending.sortBy(sequences.order);
}

/** The pass computed the last of the known tokens: the next token comes out of it. */
export function completePrefill(worker: WorkerState, row: number, nowNs: Ns): void {
  const { sequences, requests, itlNs } = worker.engine;
  const target = sequences.target[row]!;
  if (target === 0) {
    finish(worker, row, nowNs);
    return;
  }
  const generated = ++sequences.generated[row]!;
  if (generated === 1) {
    requests.firstTokenNs[row] = nowNs;
    worker.firstTokens.push(row);
    if (target > 1) worker.fresh.push(row);
  } else {
    itlNs.add(nowNs - requests.lastTokenNs[row]!);
    if (generated === 2) requests.secondTokenNs[row] = nowNs;
  }
  if (generated === target) finish(worker, row, nowNs);
  else worker.batch.add(row, worker.known(row), target - generated);
}

export function finish(worker: WorkerState, row: number, nowNs: Ns): void {
  const { sequences, requests, settings } = worker.engine;
  const generated = sequences.generated[row]!;
  const computed = requests.inputTokens[row]! + Math.max(generated - 1, 0);
  const owned = Math.ceil(computed / settings.blockSize);
  worker.pool.release(row, owned, worker.cacheable(computed));
  worker.running.removeAt(worker.running.indexOf(row));
  if (generated > 0) requests.lastTokenNs[row] = nowNs;
  requests.outputTokens[row] = generated;
  requests.terminalNs[row] = nowNs;
  requests.status[row] = RequestStatus.completed;
  worker.ended.push(row);
}

export function reject(worker: WorkerState, row: number, nowNs: Ns): void {
  const { requests } = worker.engine;
  requests.status[row] = RequestStatus.rejected;
  requests.terminalNs[row] = nowNs;
  worker.ended.push(row);
}

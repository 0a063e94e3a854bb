import { Task } from '../../workload/request-table.ts';
import type { WorkerState } from './worker-state.ts';

/** Blocks of a request that waits which could be hit, were they all cached. */
function reusableBlocks(worker: WorkerState, row: number): number {
  const { settings, sequences, requests } = worker.engine;
  if (!settings.prefixCaching) return 0;
  // The last token is computed even when it is cached, if what comes out of it is asked for.
  const isTask = requests.task[row] !== Task.generate;
  const whole = !isTask && (settings.fullHits || sequences.target[row] === 0);
  return Math.floor((worker.known(row) - (whole ? 0 : 1)) / settings.blockSize);
}

/** Leading blocks of a request that waits which are cached. */
export function cachedBlocks(worker: WorkerState, row: number): number {
  const reusable = reusableBlocks(worker, row);
  return reusable === 0 ? 0 : worker.pool.match(row, reusable);
}

/** Whether a request, `hits` blocks of which are cached, fits beside those that are admitted. */
export function fits(worker: WorkerState, row: number, hits: number): boolean {
  const { pool, reservations, engine } = worker;
  const revived = hits === 0 ? 0 : pool.inactiveAmong(row, hits);
  if (reservations !== undefined) {
    const blocks = blocksInTheEnd(worker, row) - (hits - revived);
    return blocks <= pool.available - reservations.outstanding;
  }
  const blocks = Math.ceil(worker.known(row) / engine.settings.blockSize) - hits;
  return blocks + revived <= pool.available;
}

/** Whether the whole prompt and output of a request fit, if that counts, whatever is cached of it. */
export function outputFits(worker: WorkerState, row: number): boolean {
  const { pool, reservations } = worker;
  if (reservations === undefined) return true;
  return blocksInTheEnd(worker, row) <= pool.available - reservations.outstanding;
}

/** Blocks for the whole prompt and output of a request. */
export function blocksInTheEnd({ engine }: WorkerState, row: number): number {
  const { target, unwanted } = engine.sequences;
  const tokens = engine.requests.inputTokens[row]! + target[row]! + unwanted[row]!;
  return Math.ceil(tokens / engine.settings.blockSize);
}

/** Whether a request could not be served even by an empty worker. */
export function canNeverFit(worker: WorkerState, row: number): boolean {
  const { requests, sequences, settings } = worker.engine;
  const prompt = requests.inputTokens[row]!;
  const target = sequences.target[row]!;
  if (prompt >= settings.maxModelLen) return true;
  // Without room for a token: the output has been cut off to nothing, or less.
  if (target <= 0 && requests.requestedTokens[row]! > 0) return true;
  if (!settings.chunkedPrefill && prompt > settings.maxNumBatchedTokens) return true;
  const computed = prompt + Math.max(target + sequences.unwanted[row]! - 1, 0);
  return Math.ceil(computed / settings.blockSize) > worker.pool.capacity;
}

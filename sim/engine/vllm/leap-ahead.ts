import { assert } from '#core/base/assert.ts';
import type { Leap } from '../leap/leap.ts';
import { decodePassesAhead } from '../rank/decode-ahead.ts';
import { noteWaitInLeap } from '../rank/head-wait.ts';
import type { WorkerState } from './worker-state.ts';

/** Passes that can be taken at once: until the batch, or what others know of the pool, changes. */
export function passesAhead(worker: WorkerState): number {
  const { settings } = worker.engine;
  const batch = worker.batch;
  const { completing, entering, rejected, late } = worker;
  const quiet = completing.count + entering.count + rejected.count + late.count === 0;
  if (settings.exactStepping || !quiet) return 1;
  if (goesOn(worker)) return prefillPassesAhead(worker);
  if (batch.size === 0) return 1;
  const limit = batch.passesToEnd;
  if (!worker.holdsPrefills) return decodePassesAhead(worker, limit);
  return decodePassesAhead(worker, Math.min(limit, passesBeforePrefills(worker)));
}

/** Whether the passes under way compute chunks of a prompt that goes on after them. */
function goesOn({ prefilling, holdsPrefills }: WorkerState): boolean {
  return prefilling >= 0 && !holdsPrefills;
}

/** Passes, this one included, before the next that prompts which are held back can be in. */
function passesBeforePrefills(worker: WorkerState): number {
  const { waiting, prefilling, clock, engine } = worker;
  if (waiting.size === 0 && prefilling < 0) return Number.POSITIVE_INFINITY;
  const { prefillInterval } = engine.settings;
  return prefillInterval - (clock.passesSinceIdle % prefillInterval);
}

/**
 * Passes in which one long prompt takes the whole budget, so that nobody else can come in. Only
 * while nobody listens to KV events: each of these passes stores blocks that others could hit.
 */
function prefillPassesAhead(worker: WorkerState): number {
  const { settings, sequences } = worker.engine;
  const batch = worker.batch;
  const chunk = settings.maxNumBatchedTokens - batch.size;
  const row = worker.prefilling;
  const alone = worker.shape.prefillRequests === 1 && worker.shape.prefillTokens === chunk;
  if (settings.publishesEvents || !alone || sequences.generated[row]! > 0) return 1;
  // The next pass holds the prompt back, unless others wait and holding it gains nothing.
  if (settings.prefillInterval > 1 && batch.size > 0 && worker.waiting.size === 0) return 1;
  // Who asks for no output needs no token once its prompt is cached, which these passes may do.
  if (worker.waiting.size > 0 && sequences.target[worker.waiting.first] === 0) return 1;
  // The pass that ends the prompt has budget left and is scheduled on its own.
  const left = worker.known(row) - sequences.computed[row]!;
  let passes = 1 + Math.floor((left - 1) / chunk);
  if (batch.size > 0) passes = Math.min(passes, batch.passesToEnd);
  const available = worker.blocksTaken + worker.pool.available;
  while (passes > 1 && batch.blocksNeeded(passes) + prefillBlocks(worker, passes) > available) {
    passes--;
  }
  return passes;
}

/** Blocks that the unfinished prompt takes in the passes of a leap after the first. */
function prefillBlocks(worker: WorkerState, passes: number): number {
  if (!goesOn(worker)) return 0;
  const { blockSize } = worker.engine.settings;
  const computed = worker.engine.sequences.computed[worker.prefilling]!;
  const after = computed + (passes - 1) * worker.shape.prefillTokens;
  return Math.ceil(after / blockSize) - Math.ceil(computed / blockSize);
}

/** Blocks that the first `passes` passes of a leap take, those of its very first left out. */
export function leapBlocks(worker: WorkerState, passes: number): number {
  const blocks = worker.batch.blocksNeeded(passes) - worker.blocksTaken;
  return blocks + prefillBlocks(worker, passes);
}

/** The blocks that the passes of a leap have taken after the first, and what they hold. */
export function takeLeapBlocks(worker: WorkerState, passes: number): void {
  const { sequences } = worker.engine;
  const taken = worker.allocate(leapBlocks(worker, passes));
  assert(taken, 'a leap ran past a shortage of blocks');
  noteWaitInLeap(worker, worker.pool.available);
  if (!goesOn(worker)) return;
  const row = worker.prefilling;
  const tokens = (passes - 1) * worker.shape.prefillTokens;
  const after = sequences.computed[row]! + tokens;
  sequences.computed[row] = after;
  worker.tally.prefillTokens += tokens;
  worker.engine.requests.prefilledTokens[row]! += tokens;
  worker.commit(row, after);
}

/** The passes of the leap that is under way on a worker of one rank. */
export function openLeap(worker: WorkerState): Leap {
  const { passTime, scratchDecodeRun, scratchPrefillRun } = worker.engine;
  if (goesOn(worker)) {
    scratchPrefillRun.prepare(passTime, worker.shapes, worker.clock.passes);
    return scratchPrefillRun;
  }
  scratchDecodeRun.prepare(passTime, worker.batch.size, worker.batch.contextTokens);
  return scratchDecodeRun;
}

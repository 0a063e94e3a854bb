import { assert } from '#core/base/assert.ts';
import type { Ns } from '#core/base/time.ts';
import type { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import type { RowList } from '../row-list.ts';
import { collectEnded, completePrefill, finish, recordGaps, reject } from './complete.ts';
import type { EngineState } from './engine-state.ts';
import { endWithRun, openLeap, passDurationNs, passesAhead, takeLeapBlocks } from './leap-ahead.ts';
import { rejoin } from './pass-over.ts';
import { canNeverFit, schedulePass } from './schedule.ts';
import { WorkerState } from './worker-state.ts';

/**
 * One worker as vLLM's V1 scheduler runs it: every pass gives each decoding request one token, then
 * spends what is left of the token budget on prompts, in order of arrival. See the README of this
 * folder for the rules and where they come from.
 *
 * The worker makes no events. `startPass` decides what the next pass (or leap of equal passes) does
 * and says when it ends; `completePass` draws the consequences and leaves them in `firstTokens`,
 * `ended` and the pool's event log, which the cluster drains.
 */
export class VllmWorker {
  /** Whether a pass is under way. */
  busy = false;
  /** Most KV blocks in use at one moment. */
  peakActive = 0;
  /** Changes when the end of a pass that is under way moves. */
  version = 0;
  readonly #state: WorkerState;

  constructor(engine: EngineState) {
    this.#state = new WorkerState(engine);
  }

  get pool(): ExtentPool {
    return this.#state.pool;
  }

  /** End of the pass that is under way. */
  get passEndNs(): Ns {
    return this.#state.passEndNs;
  }

  /** Requests whose first token came out of the pass that ended last. */
  get firstTokens(): RowList {
    return this.#state.firstTokens;
  }

  /** Requests that it completed or rejected. */
  get ended(): RowList {
    return this.#state.ended;
  }

  get waitingRequests(): number {
    return this.#state.waiting.size;
  }

  /**
   * Takes a request in. A leap that is under way ends with the pass in which the request arrived,
   * when the request could be admitted after it; true when `passEndNs` has moved. `passesBegan` says
   * that a pass that begins now has begun already, and has not seen the request.
   */
  enqueue(row: number, nowNs: Ns, passesBegan: boolean): boolean {
    const state = this.#state;
    const { requests, sequences, settings } = state.engine;
    const room = settings.maxModelLen - requests.inputTokens[row]!;
    sequences.open(row, Math.min(requests.requestedTokens[row]!, room));
    const nothingWaited = state.waiting.size === 0;
    state.waiting.pushBack(row);
    if (!this.busy || state.passes === 1 || !nothingWaited) return false;
    if (state.running.count >= settings.maxNumSeqs) return false;
    // A long prompt leaves no token for others: only who may need none changes anything.
    const needsToken = sequences.target[row]! > 0 && !canNeverFit(state, row);
    if (state.prefilling >= 0 && needsToken) return false;
    const run = openLeap(state);
    const elapsedNs = nowNs - state.passStartNs + (passesBegan ? 1 : 0);
    const passes = run.passesUntil(elapsedNs, state.passes);
    if (passes === state.passes) return false;
    state.passes = passes;
    state.passEndNs = state.passStartNs + run.spanNs(passes);
    this.version++;
    return true;
  }

  /** Schedules the next pass at `nowNs`; false when there is nothing to do. */
  startPass(nowNs: Ns): boolean {
    assert(!this.busy, 'a pass is under way');
    const state = this.#state;
    if (state.running.count + state.waiting.size === 0) return false;
    state.passStartNs = nowNs;
    state.shape.clear();
    state.recomputed = 0;
    state.recomputedContext = 0;
    const preempted = schedulePass(state);
    state.passes = preempted ? 1 : passesAhead(state);
    state.shape.decodeRequests = state.batch.size + state.recomputed;
    state.shape.decodeContextTokens = state.batch.contextTokens + state.recomputedContext;
    state.passEndNs = nowNs + passDurationNs(state);
    endWithRun(state);
    this.busy = true;
    return true;
  }

  /** The pass (or leap) ends: tokens come out, requests end, blocks become visible. */
  completePass(): void {
    const state = this.#state;
    const { passes, ending, completing, rejected } = state;
    recordGaps(state);
    if (passes > 1) takeLeapBlocks(state, passes);
    this.peakActive = Math.max(this.peakActive, state.pool.active);
    state.batch.advance(passes);
    rejoin(state);
    state.engine.passes += passes;
    collectEnded(state);
    const nowNs = state.passEndNs;
    for (let index = 0; index < ending.count; index++) finish(state, ending.rows[index]!, nowNs);
    for (let index = 0; index < completing.count; index++) {
      completePrefill(state, completing.rows[index]!, nowNs);
    }
    for (let index = 0; index < rejected.count; index++) {
      reject(state, rejected.rows[index]!, nowNs);
    }
    ending.clear();
    completing.clear();
    rejected.clear();
    this.busy = false;
    this.version++;
  }
}

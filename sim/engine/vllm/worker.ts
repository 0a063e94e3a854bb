import { assert } from '#core/base/assert.ts';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import { NEVER, RequestStatus } from '../../workload/request-table.ts';
import type { DecodeRun } from '../leap/decode-run.ts';
import type { PrefillRun } from '../leap/prefill-run.ts';
import { RowList } from '../row-list.ts';
import { PassShape } from '../timing/timing-model.ts';
import { DecodeBatch } from './decode-batch.ts';
import type { EngineState } from './engine-state.ts';
import { WaitingQueue } from './waiting-queue.ts';

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
  readonly pool: ExtentPool;
  /** Whether a pass is under way. */
  busy = false;
  passEndNs: Ns = 0;
  /** Most KV blocks in use at one moment. */
  peakActive = 0;
  /** Changes when the end of a pass that is under way moves. */
  version = 0;
  /** Requests whose first token came out of the pass that ended last. */
  readonly firstTokens: RowList = new RowList();
  /** Requests that it completed or rejected. */
  readonly ended: RowList = new RowList();
  readonly #state: EngineState;
  readonly #batch: DecodeBatch;
  readonly #waiting = new WaitingQueue();
  /** All admitted requests in order of admission. */
  readonly #running = new RowList();
  readonly #ending = new RowList();
  readonly #rejected = new RowList();
  /** Requests whose prefill this pass completes. */
  readonly #completing = new RowList();
  /** Requests whose first token came last. */
  readonly #fresh = new RowList();
  readonly #shape = new PassShape();
  /** The request whose prompt is computed in part, −1 = none. */
  #prefilling = -1;
  #passStartNs: Ns = 0;
  #passes = 1;
  #blocksTaken = 0;
  #recomputed = 0;
  #recomputedContext = 0;

  constructor(state: EngineState) {
    this.#state = state;
    this.#batch = new DecodeBatch(state.settings.blockSize);
    this.pool = new ExtentPool(state.settings.numGpuBlocks, state.forest, state.holders);
  }

  /** Requests in the batch and before it. */
  get load(): number {
    return this.#running.count + this.#waiting.size;
  }

  get waitingRequests(): number {
    return this.#waiting.size;
  }

  /**
   * Takes a request in. A leap that is under way ends with the pass in which the request arrived,
   * when the request could be admitted after it; true when `passEndNs` has moved.
   */
  enqueue(row: number, nowNs: Ns): boolean {
    const { requests, sequences, settings } = this.#state;
    const room = settings.maxModelLen - requests.inputTokens[row]!;
    sequences.open(row, Math.min(requests.requestedTokens[row]!, room));
    const nothingWaited = this.#waiting.size === 0;
    this.#waiting.pushBack(row);
    if (!this.busy || this.#passes === 1 || !nothingWaited) return false;
    if (this.#prefilling >= 0 || this.#running.count >= settings.maxNumSeqs) return false;
    const run = this.#decodeRun();
    const passes = run.passesUntil(nowNs - this.#passStartNs, this.#passes);
    if (passes === this.#passes) return false;
    this.#passes = passes;
    this.passEndNs = this.#passStartNs + run.spanNs(passes);
    this.version++;
    return true;
  }

  /** Schedules the next pass at `nowNs`; false when there is nothing to do. */
  startPass(nowNs: Ns): boolean {
    assert(!this.busy, 'a pass is under way');
    if (this.load === 0) return false;
    this.#passStartNs = nowNs;
    this.#shape.clear();
    this.#recomputed = 0;
    this.#recomputedContext = 0;
    const preemptedBefore = this.#state.preemptions;
    this.#scheduleDecodes();
    const continued = this.#prefilling >= 0 ? this.#continuePrefill() : 0;
    const preempted = this.#state.preemptions > preemptedBefore;
    if (!preempted) this.#admit(continued);
    this.#passes = preempted ? 1 : this.#passesAhead();
    this.#shape.decodeRequests = this.#batch.size + this.#recomputed;
    this.#shape.decodeContextTokens = this.#batch.contextTokens + this.#recomputedContext;
    this.passEndNs = nowNs + this.#durationNs();
    this.busy = true;
    return true;
  }

  /** The pass (or leap) ends: tokens come out, requests end, blocks become visible. */
  completePass(): void {
    const batch = this.#batch;
    const passes = this.#passes;
    const nowNs = this.passEndNs;
    this.#recordGaps();
    if (passes > 1) this.#takeLeapBlocks(passes);
    this.peakActive = Math.max(this.peakActive, this.pool.active);
    batch.advance(passes);
    this.#state.passes += passes;
    this.#collectEnded();
    for (let index = 0; index < this.#ending.count; index++) {
      this.#finish(this.#ending.rows[index]!, nowNs);
    }
    this.#ending.clear();
    for (let index = 0; index < this.#completing.count; index++) {
      this.#completePrefill(this.#completing.rows[index]!, nowNs);
    }
    this.#completing.clear();
    for (let index = 0; index < this.#rejected.count; index++) {
      this.#reject(this.#rejected.rows[index]!, nowNs);
    }
    this.#rejected.clear();
    this.busy = false;
    this.version++;
  }

  /** The blocks that the passes of a leap have taken after the first, and what they hold. */
  #takeLeapBlocks(passes: number): void {
    const { sequences, holders } = this.#state;
    const blocks = this.#batch.blocksNeeded(passes) - this.#blocksTaken;
    const taken = this.pool.allocate(blocks + this.#prefillBlocks(passes));
    assert(taken, 'a leap ran past a shortage of blocks');
    const row = this.#prefilling;
    if (row < 0) return;
    const tokens = (passes - 1) * this.#shape.prefillTokens;
    const after = sequences.computed[row]! + tokens;
    sequences.computed[row] = after;
    this.#state.committedPrefillTokens += tokens;
    this.pool.commit(row, Math.min(this.#cacheable(after), holders.pathBlocks[row]!));
  }

  /** Blocks that the unfinished prompt takes in the passes of a leap after the first. */
  #prefillBlocks(passes: number): number {
    if (this.#prefilling < 0) return 0;
    const { blockSize } = this.#state.settings;
    const computed = this.#state.sequences.computed[this.#prefilling]!;
    const after = computed + (passes - 1) * this.#shape.prefillTokens;
    return Math.ceil(after / blockSize) - Math.ceil(computed / blockSize);
  }

  /** Moves the requests whose last token has come out of the batch, in the order of admission. */
  #collectEnded(): void {
    const { requests, sequences } = this.#state;
    const batch = this.#batch;
    const ended = this.#ending;
    for (let row = batch.firstEnded(); row >= 0; row = batch.firstEnded()) {
      batch.remove(row, requests.inputTokens[row]! + sequences.target[row]!);
      sequences.generated[row] = sequences.target[row]!;
      ended.push(row);
      const place = this.#running.indexOf(row);
      for (let at = ended.count - 1; at > 0; at--) {
        if (this.#running.indexOf(ended.rows[at - 1]!) < place) break;
        ended.rows[at] = ended.rows[at - 1]!;
        ended.rows[at - 1] = row;
      }
    }
  }

  /** Every decoding request takes its slot; too few blocks make the latest (or oldest) give way. */
  #scheduleDecodes(): void {
    this.#blocksTaken = this.#batch.blocksNeeded(1);
    if (this.#blocksTaken === 0 || this.pool.allocate(this.#blocksTaken)) return;
    this.#blocksTaken = 0;
    let index = 0;
    while (index < this.#running.count) {
      const row = this.#running.rows[index]!;
      if (row !== this.#prefilling && this.#batch.needsBlock(row)) {
        const place = this.#makeRoom(row, index, 1);
        if (place < 0) continue;
        index = place;
        this.#blocksTaken++;
      }
      index++;
    }
  }

  /**
   * Allocates blocks for the running request at `index`, preempting others until they are there.
   * Returns where the request stands afterwards, or −1 when it had to give way itself.
   */
  #makeRoom(row: number, index: number, blocks: number): number {
    let place = index;
    while (!this.pool.allocate(blocks)) {
      const last = this.#running.count - 1;
      const victimIndex = this.#state.settings.preemptionMode === 'lifo' ? last : 0;
      const victim = this.#running.rows[victimIndex]!;
      this.#preempt(victim, victimIndex, victimIndex < place);
      if (victim === row) return -1;
      if (victimIndex < place) place--;
    }
    return place;
  }

  /** A running request loses its blocks and goes to the front of the queue, to compute them again. */
  #preempt(row: number, index: number, scheduled: boolean): void {
    const { sequences, requests, holders, forest, settings } = this.#state;
    let owned = Math.ceil(sequences.computed[row]! / settings.blockSize);
    if (row === this.#prefilling) {
      this.#prefilling = -1;
    } else {
      const generated = sequences.target[row]! - this.#batch.left(row);
      const known = requests.inputTokens[row]! + generated;
      if (scheduled && this.#batch.needsBlock(row)) this.#blocksTaken--;
      sequences.generated[row] = generated;
      sequences.computed[row] = known - 1;
      owned = Math.ceil((scheduled ? known : known - 1) / settings.blockSize);
      this.#batch.remove(row, known);
      requests.lastTokenNs[row] = this.#passStartNs;
    }
    const own = this.pool.release(row, owned, this.#cacheable(sequences.computed[row]!));
    if (own >= 0) {
      forest.retain(own);
      forest.release(holders.leaf[row]!);
      const ownBlocks = forest.length[own]!;
      holders.open(row, own, ownBlocks, holders.pathBlocks[row]! + ownBlocks);
    }
    sequences.computed[row] = 0;
    this.#running.removeAt(index);
    this.#waiting.pushFront(row);
    this.#state.preemptions++;
  }

  /** The next chunk of the prompt that an earlier pass began; returns its tokens. */
  #continuePrefill(): number {
    const row = this.#prefilling;
    const { sequences, settings } = this.#state;
    const budget = settings.maxNumBatchedTokens - this.#batch.size;
    const before = sequences.computed[row]!;
    const chunk = Math.min(this.#known(row) - before, budget);
    const owned = Math.ceil(before / settings.blockSize);
    const blocks = Math.ceil((before + chunk) / settings.blockSize) - owned;
    const place = this.#makeRoom(row, this.#running.indexOf(row), blocks);
    if (place < 0) return 0;
    this.#scheduleChunk(row, before, chunk);
    return chunk;
  }

  /** Admits waiting requests, first come first served, until one does not fit. */
  #admit(tokensScheduled: number): void {
    const { settings } = this.#state;
    let budget = settings.maxNumBatchedTokens - this.#batch.size - tokensScheduled;
    while (budget > 0 && this.#waiting.size > 0 && this.#running.count < settings.maxNumSeqs) {
      const row = this.#waiting.first;
      if (this.#canNeverFit(row)) {
        this.#waiting.popFront();
        this.#rejected.push(row);
        continue;
      }
      const chunk = this.#admitFirst(row, budget);
      if (chunk === 0) return;
      budget -= chunk;
    }
  }

  /** Admits a request if its blocks fit; returns the tokens that it gets in this pass, 0 if none. */
  #admitFirst(row: number, budget: number): number {
    const { settings, requests } = this.#state;
    const known = this.#known(row);
    // The last token is always computed, since its output is what decode begins with.
    const cap = settings.prefixCaching ? Math.floor((known - 1) / settings.blockSize) : 0;
    const hits = cap === 0 ? 0 : this.pool.match(row, cap);
    const blocks = Math.ceil(known / settings.blockSize) - hits;
    const revived = hits === 0 ? 0 : this.pool.inactiveAmong(row, hits);
    if (blocks + revived > this.pool.available) return 0;
    const cached = hits * settings.blockSize;
    const whole = known - cached;
    const mustFit = !settings.chunkedPrefill && known <= settings.maxNumBatchedTokens;
    if (mustFit && whole > budget) return 0;
    const chunk = Math.min(whole, budget);
    this.pool.hold(row, hits);
    const taken = this.pool.allocate(Math.ceil((cached + chunk) / settings.blockSize) - hits);
    assert(taken, 'admitted a request without room');
    this.#waiting.popFront();
    this.#running.push(row);
    if (requests.admissions[row]!++ === 0) {
      requests.firstAdmitNs[row] = this.#passStartNs;
      requests.firstReusedTokens[row] = cached;
      requests.status[row] = RequestStatus.running;
    }
    if (cached > requests.reusedTokens[row]!) requests.reusedTokens[row] = cached;
    this.#scheduleChunk(row, cached, chunk);
    return chunk;
  }

  /** Puts the tokens [before, before + chunk) of a request into this pass. */
  #scheduleChunk(row: number, before: number, chunk: number): void {
    const { sequences, settings } = this.#state;
    const after = before + chunk;
    sequences.computed[row] = after;
    const done = after === this.#known(row);
    const prompt = this.#state.requests.inputTokens[row]!;
    if (before < prompt) this.#state.committedPrefillTokens += chunk;
    if (sequences.generated[row] === 0 || !settings.freeRecompute) {
      this.#shape.addPrefill(chunk, before);
    } else {
      if (before < prompt) this.#shape.addPrefill(Math.min(after, prompt) - before, before);
      if (done) {
        this.#recomputed++;
        this.#recomputedContext += after;
      }
    }
    this.pool.commit(row, Math.min(this.#cacheable(after), this.#state.holders.pathBlocks[row]!));
    this.#prefilling = done ? -1 : row;
    if (done) this.#completing.push(row);
  }

  /** Passes that can be taken at once: until the batch, or what others know of the pool, changes. */
  #passesAhead(): number {
    const { settings } = this.#state;
    const batch = this.#batch;
    const quiet = this.#completing.count === 0 && this.#rejected.count === 0;
    if (settings.exactStepping || !quiet) return 1;
    if (this.#prefilling >= 0) return this.#prefillPassesAhead();
    if (batch.size === 0) return 1;
    const taken = this.#blocksTaken;
    const limit = batch.passesToEnd;
    const fitting = batch.passesWithin(taken + this.pool.available, limit);
    if (!settings.publishesEvents) return fitting;
    if (this.pool.events.count > 0) return 1;
    const silent = batch.passesWithin(taken + this.pool.free, limit);
    return Math.min(silent + 1, fitting);
  }

  /**
   * Passes in which one long prompt takes the whole budget, so that nobody else can come in. Only
   * while nobody listens to KV events: each of these passes stores blocks that others could hit.
   */
  #prefillPassesAhead(): number {
    const { settings, sequences } = this.#state;
    const batch = this.#batch;
    const chunk = settings.maxNumBatchedTokens - batch.size;
    const row = this.#prefilling;
    const alone = this.#shape.prefillRequests === 1 && this.#shape.prefillTokens === chunk;
    if (settings.publishesEvents || !alone || sequences.generated[row]! > 0) return 1;
    // The pass that ends the prompt has budget left and is scheduled on its own.
    const left = this.#known(row) - sequences.computed[row]!;
    let passes = 1 + Math.floor((left - 1) / chunk);
    if (batch.size > 0) passes = Math.min(passes, batch.passesToEnd);
    const available = this.#blocksTaken + this.pool.available;
    while (passes > 1 && batch.blocksNeeded(passes) + this.#prefillBlocks(passes) > available) {
      passes--;
    }
    return passes;
  }

  #decodeRun(): DecodeRun {
    const { run, timing } = this.#state;
    run.prepare(timing, this.#batch.size, this.#batch.contextTokens);
    return run;
  }

  /** The passes of the leap that is under way, in closed form. */
  #leap(): DecodeRun | PrefillRun {
    if (this.#prefilling < 0) return this.#decodeRun();
    const { prefillRun, timing } = this.#state;
    prefillRun.prepare(timing, this.#shape, this.#passes);
    return prefillRun;
  }

  #durationNs(): Ns {
    const { timing } = this.#state;
    const shape = this.#shape;
    if (this.#passes > 1) return this.#leap().spanNs(this.#passes);
    const decodeMs = timing.decodeMs(shape.decodeRequests, shape.decodeContextTokens);
    return Math.round(timing.prefillMs(shape) * NS_PER_MS) + Math.round(decodeMs * NS_PER_MS);
  }

  /** Each decoding request got a token a pass, each a pass's duration after the one before. */
  #recordGaps(): void {
    const { requests, itlNs } = this.#state;
    const members = this.#batch.size;
    if (members === 0) return;
    let firstEndNs = this.passEndNs;
    if (this.#passes > 1) {
      const leap = this.#leap();
      leap.addGaps(this.#passes, itlNs);
      firstEndNs = this.#passStartNs + leap.spanNs(1);
    } else {
      itlNs.add(this.passEndNs - this.#passStartNs, members);
    }
    for (let index = 0; index < this.#fresh.count; index++) {
      const row = this.#fresh.rows[index]!;
      if (requests.secondTokenNs[row] === NEVER) requests.secondTokenNs[row] = firstEndNs;
    }
    this.#fresh.clear();
  }

  /** The pass computed the last of the known tokens: the next token comes out of it. */
  #completePrefill(row: number, nowNs: Ns): void {
    const { sequences, requests, itlNs } = this.#state;
    const target = sequences.target[row]!;
    if (target === 0) {
      this.#finish(row, nowNs);
      return;
    }
    const generated = ++sequences.generated[row]!;
    if (generated === 1) {
      requests.firstTokenNs[row] = nowNs;
      this.firstTokens.push(row);
      this.#fresh.push(row);
    } else {
      itlNs.add(nowNs - requests.lastTokenNs[row]!);
      if (generated === 2) requests.secondTokenNs[row] = nowNs;
    }
    if (generated === target) this.#finish(row, nowNs);
    else this.#batch.add(row, this.#known(row), target - generated);
  }

  #finish(row: number, nowNs: Ns): void {
    const { sequences, requests, settings } = this.#state;
    const generated = sequences.generated[row]!;
    const computed = requests.inputTokens[row]! + Math.max(generated - 1, 0);
    const owned = Math.ceil(computed / settings.blockSize);
    this.pool.release(row, owned, this.#cacheable(computed));
    this.#running.removeAt(this.#running.indexOf(row));
    if (generated > 0) requests.lastTokenNs[row] = nowNs;
    requests.outputTokens[row] = generated;
    requests.terminalNs[row] = nowNs;
    requests.status[row] = RequestStatus.completed;
    this.ended.push(row);
  }

  #reject(row: number, nowNs: Ns): void {
    const { requests } = this.#state;
    requests.status[row] = RequestStatus.rejected;
    requests.terminalNs[row] = nowNs;
    this.ended.push(row);
  }

  /** Whole blocks among the first `computed` tokens that the prefix cache keeps. */
  #cacheable(computed: number): number {
    const { prefixCaching, blockSize } = this.#state.settings;
    return prefixCaching ? Math.floor(computed / blockSize) : 0;
  }

  #known(row: number): number {
    return this.#state.requests.inputTokens[row]! + this.#state.sequences.generated[row]!;
  }

  /** Whether a request could not be served even by an empty worker. */
  #canNeverFit(row: number): boolean {
    const { requests, sequences, settings } = this.#state;
    const prompt = requests.inputTokens[row]!;
    const target = sequences.target[row]!;
    if (prompt >= settings.maxModelLen) return true;
    if (!settings.chunkedPrefill && prompt > settings.maxNumBatchedTokens) return true;
    const computed = prompt + Math.max(target - 1, 0);
    return Math.ceil(computed / settings.blockSize) > this.pool.capacity;
  }
}

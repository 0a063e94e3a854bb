import type { EngineConfig } from '#core/config/schema.ts';
import { NaivePool } from './naive-pool.ts';
import { naivePassNs } from './naive-timing.ts';

/** A request and all that happened to it. Times in nanoseconds. */
export interface NaiveRequest {
  readonly row: number;
  readonly input: number;
  readonly requested: number;
  readonly priority: number;
  /** What there is room for of that: less where prompt and output would be too long. */
  readonly wanted: number;
  /** With which token it ends: an earlier one where its client leaves then. */
  readonly target: number;
  /** Something other than an answer is asked of the prompt, and comes out of its last token. */
  readonly isTask: boolean;
  /** When its client has left before the end, −1 = it has not. */
  leftNs: number;
  /** Its worker is done with it. */
  isOver: boolean;
  /** Names of the full blocks of its prompt; later blocks are its own. */
  readonly blocks: readonly number[];
  readonly tokenNs: number[];
  firstAdmitNs: number;
  terminalNs: number;
  admissions: number;
  firstReused: number;
  mostReused: number;
  computed: number;
  decoding: boolean;
  status: 'queued' | 'completed' | 'rejected' | 'cancelled' | 'timedOut';
}

interface NaivePass {
  readonly startNs: number;
  endNs: number;
  decodes: NaiveRequest[];
  readonly chunks: { readonly request: NaiveRequest; chunk: number; before: number }[];
  readonly rejected: NaiveRequest[];
  /** A running request had to give way for itself. */
  gaveWay: boolean;
}

/** Higher first, and who came first among equals; rows are numbered as they come. */
function byPriority(a: NaiveRequest, b: NaiveRequest): number {
  return b.priority - a.priority || a.row - b.row;
}

const known = (request: NaiveRequest): number => request.input + request.tokenNs.length;

/**
 * One worker of vLLM or TensorRT-LLM the obvious way: an object a request, a pass at a time, a block
 * at a time. It follows the rules in sim/engine/vllm/README.md and sim/engine/trtllm/README.md, and
 * shares no code with what stands there.
 */
export class NaiveWorker {
  pass: NaivePass | undefined;
  preemptions = 0;
  committed = 0;
  readonly gapsNs: number[] = [];
  readonly pool: NaivePool;
  readonly waiting: NaiveRequest[] = [];
  /** Requests whose clients have gone in the pass that is under way. */
  readonly leaving: NaiveRequest[] = [];
  readonly #running: NaiveRequest[] = [];
  readonly #paused = new Set<NaiveRequest>();
  #holds = false;
  #saturated = false;
  readonly #engine: EngineConfig;

  constructor(engine: EngineConfig) {
    this.#engine = engine;
    this.pool = new NaivePool(engine.num_gpu_blocks, engine.block_size);
  }

  get hasWork(): boolean {
    return this.#running.length + this.waiting.length > 0;
  }

  /** Schedules a pass, when there is work; `passesBefore` have ended since its worker had none. */
  start(nowNs: number, passesBefore: number): void {
    if (!this.hasWork) return;
    const due = passesBefore % this.#engine.prefill_schedule_interval === 0;
    this.#holds = !due && !this.#saturated && this.#running.some(({ decoding }) => decoding);
    this.pass = {
      startNs: nowNs,
      endNs: nowNs,
      decodes: [],
      chunks: [],
      rejected: [],
      gaveWay: false,
    };
    const preemptedBefore = this.preemptions;
    const budget = this.#scheduleRunning(this.pass);
    if (this.preemptions === preemptedBefore) {
      this.#admit(this.pass, budget);
      if (!this.#holds) this.#saturated = this.waiting.length > 0;
    }
    const { chunks, decodes } = this.pass;
    this.pass.endNs += naivePassNs(this.#engine, chunks, decodes.map(known));
  }

  /** Draws the consequences of the pass; returns the requests that ended. */
  /** Between two passes a request without a client goes. */
  drop(request: NaiveRequest): void {
    this.pool.release(request.row);
    this.#paused.delete(request);
    for (const list of [this.waiting, this.#running]) {
      if (list.includes(request)) list.splice(list.indexOf(request), 1);
    }
  }

  complete(): NaiveRequest[] {
    const { decodes, chunks, rejected, endNs } = this.pass!;
    this.pass = undefined;
    const ended: NaiveRequest[] = [];
    const inOrder = this.#running.filter((request) => decodes.includes(request));
    for (const request of inOrder) {
      const tokens = Math.min(request.target - request.tokenNs.length, this.#burst());
      request.computed += tokens;
      this.#commit(request);
      for (let token = 0; token < tokens; token++) this.#emit(request, endNs);
    }
    const done = chunks.map(({ request }) => request).filter((r) => r.computed === known(r));
    for (const request of done) {
      request.decoding = true;
      if (request.target > 0) this.#emit(request, endNs);
    }
    for (const request of [...inOrder, ...done]) {
      if (request.tokenNs.length < request.target) continue;
      this.pool.release(request.row);
      this.#running.splice(this.#running.indexOf(request), 1);
      ended.push(request);
    }
    for (const request of ended) conclude(request, 'completed', endNs);
    for (const request of rejected) conclude(request, 'rejected', endNs);
    return [...ended, ...rejected];
  }

  #emit(request: NaiveRequest, nowNs: number): void {
    if (request.tokenNs.length > 0) this.gapsNs.push(nowNs - request.tokenNs.at(-1)!);
    request.tokenNs.push(nowNs);
  }

  /** Tokens of a burst, where every draft is accepted for certain or not at all. */
  #burst(): number {
    const { num_speculative_tokens = 0, speculative_acceptance_rates: rates } = this.#engine;
    const refused = rates.indexOf(0);
    return 1 + Math.min(num_speculative_tokens, refused < 0 ? rates.length : refused);
  }

  /** Who decodes gets its next tokens, then the prompt that was begun; returns what is left. */
  #scheduleRunning(pass: NaivePass): number {
    const budget = this.#scheduleThose(pass, true, this.#engine.max_num_batched_tokens);
    return this.#holds ? budget : this.#scheduleThose(pass, false, budget);
  }

  /** In the order of admission. */
  #scheduleThose(pass: NaivePass, decoding: boolean, before: number): number {
    let budget = before;
    let index = 0;
    while (index < this.#running.length) {
      const request = this.#running[index]!;
      if (request.decoding !== decoding || this.#stopped(pass)) {
        index++;
        continue;
      }
      const drafts = request.decoding ? (this.#engine.num_speculative_tokens ?? 0) : 0;
      const tokens = Math.min(known(request) - request.computed, budget);
      const left = request.target - request.tokenNs.length;
      const longest = request.computed + tokens + Math.min(drafts, Math.max(left - 1, 0));
      const blocks = Math.ceil(longest / this.#engine.block_size);
      while (!this.pool.allocate(request.row, blocks - this.pool.blockCount(request.row))) {
        const victim = this.#victim();
        if (pass.decodes.includes(victim)) budget += 1 + (this.#engine.num_speculative_tokens ?? 0);
        index -= this.#running.indexOf(victim) < this.#running.indexOf(request) ? 1 : 0;
        this.#preempt(pass, victim);
        if (victim === request) break;
      }
      if (!this.#running.includes(request)) {
        pass.gaveWay = true;
        continue;
      }
      if (request.decoding) pass.decodes.push(request);
      else this.#scheduleChunk(pass, request, tokens);
      budget -= tokens + drafts;
      index++;
    }
    return budget;
  }

  /** With vLLM's priorities nobody is scheduled after one that had to give way itself. */
  #stopped(pass: NaivePass): boolean {
    return pass.gaveWay && this.#givesWayByPriority;
  }

  get #givesWayByPriority(): boolean {
    return this.#engine.backend === 'vllm' && this.#engine.scheduling_policy === 'priority';
  }

  #victim(): NaiveRequest {
    if (this.#givesWayByPriority) return [...this.#running].sort(byPriority).at(-1)!;
    return this.#running.at(this.#engine.preemption_mode === 'lifo' ? -1 : 0)!;
  }

  #preempt(pass: NaivePass, victim: NaiveRequest): void {
    pass.decodes = pass.decodes.filter((request) => request !== victim);
    this.#running.splice(this.#running.indexOf(victim), 1);
    this.pool.release(victim.row);
    victim.computed = 0;
    victim.decoding = false;
    this.waiting.unshift(victim);
    if (this.#engine.backend === 'trtllm') this.#paused.add(victim);
    this.preemptions++;
  }

  #admit(pass: NaivePass, budgetLeft: number): void {
    const { block_size, enable_chunked_prefill, max_num_batched_tokens, max_num_seqs } =
      this.#engine;
    let budget = budgetLeft;
    if (this.#engine.scheduling_policy === 'priority') this.#sortWaiting();
    while (this.waiting.length > 0 && this.#running.length < max_num_seqs) {
      const request = this.waiting[0]!;
      if (this.#neverFits(request)) {
        pass.rejected.push(this.waiting.shift()!);
        continue;
      }
      const hits = this.#hits(request);
      const cached = hits.length * block_size;
      const whole = known(request) - cached;
      const mayCut = enable_chunked_prefill || known(request) > max_num_batched_tokens;
      const needsToken = whole > 0 || request.target > 0;
      if (this.#holds && whole > 1) return;
      if (!this.#hasRoom(request, hits)) return;
      if ((!mayCut && whole > budget) || (budget <= 0 && needsToken)) return;
      const tokens = Math.min(whole, budget);
      this.pool.acquire(request.row, hits);
      this.pool.allocate(request.row, Math.ceil((cached + tokens) / block_size) - hits.length);
      this.#running.push(this.waiting.shift()!);
      this.#paused.delete(request);
      request.computed = cached;
      request.mostReused = Math.max(request.mostReused, cached);
      if (request.admissions++ === 0) {
        request.firstAdmitNs = pass.startNs;
        request.firstReused = cached;
      }
      if (whole === 0 && request.target > 0) {
        request.decoding = true;
        request.computed--;
        pass.decodes.push(request);
        budget--;
        continue;
      }
      this.#scheduleChunk(pass, request, tokens);
      budget -= tokens;
    }
  }

  /** The paused ones of TensorRT-LLM first, as they stand. */
  #sortWaiting(): void {
    const others = this.waiting.filter((request) => !this.#paused.has(request));
    const paused = this.waiting.filter((request) => this.#paused.has(request));
    this.waiting.splice(0, this.waiting.length, ...paused, ...others.sort(byPriority));
  }

  #hasRoom(request: NaiveRequest, hits: readonly number[]): boolean {
    const { backend, capacity_scheduler_policy, block_size } = this.#engine;
    const free = this.pool.free + this.pool.inactive;
    const idle = this.pool.idleAmong(hits);
    if (backend !== 'trtllm' || capacity_scheduler_policy !== 'guaranteed_no_evict') {
      return Math.ceil(known(request) / block_size) - hits.length + idle <= free;
    }
    const inTheEnd = (r: NaiveRequest): number => Math.ceil((r.input + r.wanted) / block_size);
    const promised = this.#running.map((r) => inTheEnd(r) - this.pool.blockCount(r.row));
    const outstanding = promised.reduce((sum, blocks) => sum + blocks, 0);
    return inTheEnd(request) - (hits.length - idle) <= free - outstanding;
  }

  /** A chunk's blocks can be hit at once, by later requests of the same pass too. */
  #scheduleChunk(pass: NaivePass, request: NaiveRequest, chunk: number): void {
    pass.chunks.push({ request, chunk, before: request.computed });
    if (request.computed < request.input) this.committed += chunk;
    request.computed += chunk;
    this.#commit(request);
  }

  #commit(request: NaiveRequest): void {
    if (!this.#engine.enable_prefix_caching) return;
    const full = Math.floor(request.computed / this.#engine.block_size);
    for (let index = 0; index < full; index++) {
      if (this.pool.isPrivate(request.row, index)) {
        this.pool.commit(request.row, index, blockName(request, index));
      }
    }
  }

  #hits(request: NaiveRequest): number[] {
    if (!this.#engine.enable_prefix_caching) return [];
    const noToken = request.target === 0 || this.#engine.backend === 'trtllm';
    const whole = noToken && !request.isTask;
    const reusable = whole ? known(request) : known(request) - 1;
    const cap = Math.floor(reusable / this.#engine.block_size);
    const names = Array.from({ length: cap }, (_, index) => blockName(request, index));
    return names.slice(0, this.pool.matchPrefix(names));
  }

  #neverFits(request: NaiveRequest): boolean {
    const engine = this.#engine;
    const { input, wanted } = request;
    if (input >= (engine.max_model_len ?? Number.POSITIVE_INFINITY)) return true;
    if (wanted <= 0 && request.requested > 0) return true;
    if (!engine.enable_chunked_prefill && input > engine.max_num_batched_tokens) return true;
    const tokens = wanted > 0 ? input + wanted - 1 : input;
    return Math.ceil(tokens / engine.block_size) > engine.num_gpu_blocks;
  }
}

/** A request ends in its worker; to a client that has left it was over before. */
export function conclude(
  request: NaiveRequest,
  status: 'completed' | 'rejected',
  nowNs: number,
): void {
  request.isOver = true;
  if (request.leftNs >= 0) return;
  request.terminalNs = nowNs;
  request.status = status === 'completed' && request.target < request.wanted ? 'cancelled' : status;
}

/** Own blocks are named beyond all prompts', apart for each request. */
export function blockName(request: NaiveRequest, index: number): number {
  return request.blocks[index] ?? -1 - request.row * 100_000 - index;
}

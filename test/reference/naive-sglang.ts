import type { EngineConfig } from '#core/config/schema.ts';
import { blockName, conclude, type NaiveRequest } from './naive-engine.ts';
import { NaiveRadixPool } from './naive-radix-pool.ts';
import { naivePassNs } from './naive-timing.ts';

interface SglangPass {
  readonly startNs: number;
  endNs: number;
  decodes: boolean;
  retracted: boolean;
  readonly chunks: { readonly request: NaiveRequest; chunk: number; before: number }[];
  readonly rejected: NaiveRequest[];
}

const known = (request: NaiveRequest): number => request.input + request.tokenNs.length;
const left = (request: NaiveRequest): number => request.target - request.tokenNs.length;
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/**
 * One rank of SGLang the obvious way: an object a request, a pass at a time, a page at a time. It
 * follows the rules in sim/engine/sglang/README.md and shares no code with what stands there.
 */
export class NaiveSglang {
  pass: SglangPass | undefined;
  preemptions = 0;
  committed = 0;
  readonly gapsNs: number[] = [];
  readonly pool: NaiveRadixPool;
  waiting: NaiveRequest[] = [];
  /** Requests whose clients have gone in the pass that is under way. */
  readonly leaving: NaiveRequest[] = [];
  /** In the order of admission. */
  #running: NaiveRequest[] = [];
  readonly #pending = new Set<NaiveRequest>();
  /** Blocks of those that were retracted: what they generated can be inserted again. */
  readonly #lost = new Map<NaiveRequest, number>();
  #decodesSincePrefill = 0;
  #ratio: { base: number; passes: number };
  readonly #engine: EngineConfig;

  constructor(engine: EngineConfig) {
    this.#engine = engine;
    this.pool = new NaiveRadixPool(engine.num_gpu_blocks);
    this.#ratio = { base: this.#firstRatio(), passes: 0 };
  }

  get hasWork(): boolean {
    return this.#running.length + this.waiting.length > 0;
  }

  start(nowNs: number): void {
    if (!this.hasWork) return;
    const nothing = { decodes: false, retracted: false, chunks: [], rejected: [] };
    this.pass = { startNs: nowNs, endNs: nowNs, ...nothing };
    const decoding = this.#decoding();
    const held =
      decoding.length > 0 && this.#decodesSincePrefill < this.#engine.prefill_decode_interval;
    if (!held) this.#schedulePrompts(this.pass);
    if (this.pass.chunks.length === 0 && decoding.length > 0) this.#scheduleDecode(this.pass);
    const { chunks, decodes } = this.pass;
    const contexts = decodes ? this.#decoding().map(known) : [];
    this.pass.endNs += naivePassNs(this.#engine, chunks, contexts);
  }

  /** Between two passes a request without a client goes; what it has shared stays cached. */
  drop(request: NaiveRequest): void {
    this.waiting = this.waiting.filter((other) => other !== request);
    if (!this.#running.includes(request)) return;
    this.#running = this.#running.filter((other) => other !== request);
    const isPending = this.#pending.delete(request);
    const computed = request.decoding ? known(request) : request.computed;
    const stored = isPending ? 0 : computed;
    this.#cache(request, stored);
    this.pool.release(request.row, this.#generated(request, stored));
  }

  complete(): NaiveRequest[] {
    const pass = this.pass!;
    this.pass = undefined;
    const ended = pass.decodes ? this.#completeDecode(pass) : this.#completePrompts(pass);
    for (const request of ended) {
      const stored = pass.decodes ? known(request) : request.computed;
      const before = pass.decodes ? this.#fullPages(stored - 1) : this.pool.heldBlocks(request.row);
      this.#insert(request, stored, before);
      this.pool.release(request.row, this.#generated(request, stored));
      this.#running = this.#running.filter((other) => other !== request);
      conclude(request, 'completed', pass.endNs);
    }
    for (const request of pass.rejected) conclude(request, 'rejected', pass.endNs);
    return [...ended, ...pass.rejected];
  }

  #decoding(): NaiveRequest[] {
    return this.#running.filter(({ decoding }) => decoding);
  }

  #pages(tokens: number): number {
    return Math.ceil(tokens / this.#engine.block_size);
  }

  #padded(tokens: number): number {
    return this.#pages(tokens) * this.#engine.block_size;
  }

  #firstRatio(): number {
    const { schedule_conservativeness, data_parallel_size } = this.#engine;
    return Math.min(1, 0.7 * schedule_conservativeness * (data_parallel_size > 1 ? 0.3 : 1));
  }

  #ratioNow(): number {
    const first = this.#firstRatio();
    const decay = (first - 0.14 * first) / 600;
    return Math.max(0.14 * first, this.#ratio.base - this.#ratio.passes * decay);
  }

  #clipped(request: NaiveRequest): number {
    const unwanted = request.wanted - request.target;
    return Math.min(left(request) + unwanted, this.#engine.clip_max_new_tokens);
  }

  #schedulePrompts(pass: SglangPass): void {
    const { block_size, chunked_prefill_size, data_parallel_size, max_num_seqs } = this.#engine;
    const pages = Math.floor(chunked_prefill_size / data_parallel_size / block_size);
    const budget = {
      chunk: Math.max(1, pages) * block_size,
      prompts: this.#engine.max_prefill_tokens,
      room:
        (this.pool.free + this.pool.inactive) * block_size -
        total(this.#decoding().map((r) => this.#clipped(r))) * this.#ratioNow(),
    };
    const begun = this.#running.find(({ decoding }) => !decoding);
    if (begun !== undefined) {
      const whole = known(begun) - begun.computed;
      if (!this.#take(pass, budget, begun, Math.min(whole, budget.chunk))) return;
    }
    if (this.#running.length < max_num_seqs) this.#order();
    while (this.waiting.length > 0 && this.#running.length < max_num_seqs) {
      const request = this.waiting[0]!;
      if (this.#neverFits(request)) {
        pass.rejected.push(this.waiting.shift()!);
        continue;
      }
      const hits = this.#hits(request);
      const whole = known(request) - hits.length * block_size;
      if (budget.chunk < block_size) return;
      const most = Math.floor(budget.chunk / block_size) * block_size;
      const chunk = whole <= budget.chunk ? whole : most;
      if (pass.chunks.length > 0 && this.#padded(chunk) >= budget.prompts) return;
      request.computed = hits.length * block_size;
      if (!this.#take(pass, budget, request, chunk, hits)) return;
      this.waiting.shift();
      this.#running.push(request);
      request.mostReused = Math.max(request.mostReused, request.computed - chunk);
      if (request.admissions++ === 0) {
        request.firstAdmitNs = pass.startNs;
        request.firstReused = request.computed - chunk;
      }
    }
  }

  /** Puts a chunk into the pass if there is room for it; `hits` are those of a request that comes in. */
  #take(
    pass: SglangPass,
    budget: { chunk: number; prompts: number; room: number },
    request: NaiveRequest,
    chunk: number,
    hits: readonly number[] = [],
  ): boolean {
    const before = request.computed;
    const ends = before + chunk === known(request);
    const needed = this.#padded(chunk) + (ends ? this.#clipped(request) : 0);
    const idle = this.#decoding().length + pass.chunks.length === 0;
    if (!idle && needed >= budget.room) return false;
    const pages = this.#pages(before + chunk) - this.#pages(before);
    const comesIn = !this.#running.includes(request);
    const found = this.pool.idleAmong(hits);
    if (comesIn) this.pool.acquire(request.row, hits);
    if (pages + (comesIn ? 0 : found) > this.pool.free + this.pool.inactive) {
      if (comesIn) this.pool.release(request.row);
      return false;
    }
    this.pool.allocate(request.row, pages);
    pass.chunks.push({ request, chunk, before });
    request.computed += chunk;
    this.committed += chunk;
    budget.chunk -= this.#padded(chunk);
    budget.prompts -= this.#padded(chunk);
    budget.room -= needed;
    return true;
  }

  /** The longest cached prefix first, and a prompt that begins like one before it last. */
  #order(): void {
    const { schedule_policy, block_size } = this.#engine;
    if (schedule_policy !== 'lpm' || this.waiting.length > 128) return;
    const beginnings = new Set<number>();
    const keyed = this.waiting.map((request) => {
      const cached = this.#matched(request, known(request)).length;
      const first = Math.ceil(32 / block_size);
      const usable = Math.floor(known(request) / block_size);
      const shared = Math.min(usable, request.blocks.length);
      if (cached * block_size > 32 || shared < first) return { request, key: cached };
      const name = blockName(request, first - 1);
      if (beginnings.has(name)) return { request, key: -1 };
      beginnings.add(name);
      return { request, key: cached };
    });
    this.waiting = keyed.sort((a, b) => b.key - a.key).map(({ request }) => request);
  }

  #scheduleDecode(pass: SglangPass): void {
    pass.decodes = true;
    const drafts = this.#engine.num_speculative_tokens ?? 0;
    const missing = (r: NaiveRequest): number =>
      Math.max(
        0,
        this.#pages(known(r) + 1 + Math.min(drafts, left(r) - 1)) - this.pool.blockCount(r.row),
      );
    const short = (): boolean =>
      total(this.#decoding().map(missing)) > this.pool.free + this.pool.inactive;
    const before = this.#decoding().length;
    while (short() && this.#decoding().length > 1) {
      const fewest = Math.min(...this.#decoding().map(({ tokenNs }) => tokenNs.length));
      const victim = this.#decoding().find(({ tokenNs }) => tokenNs.length === fewest)!;
      const isPending = this.#pending.delete(victim);
      if (!isPending) this.#cache(victim, known(victim));
      this.#retract(pass, victim, isPending ? 0 : known(victim));
    }
    const begun = this.#running.find(({ decoding }) => !decoding);
    if (short() && begun !== undefined) this.#retract(pass, begun, begun.computed);
    const decoding = this.#decoding();
    if (decoding.length < before) {
      const generated = total(decoding.map(({ tokenNs }) => tokenNs.length));
      const all = total(decoding.map(({ wanted }) => wanted));
      const base = Math.min(1, (generated + 20 * decoding.length) / (all + 1));
      this.#ratio = { base, passes: 0 };
    }
    for (const request of decoding) this.pool.allocate(request.row, missing(request));
  }

  #retract(pass: SglangPass, victim: NaiveRequest, stored: number): void {
    const generated = this.#generated(victim, stored);
    if (generated.length > 0) this.#lost.set(victim, this.#fullPages(stored));
    this.pool.release(victim.row, generated);
    this.#running = this.#running.filter((other) => other !== victim);
    victim.computed = 0;
    victim.decoding = false;
    this.waiting.push(victim);
    this.preemptions++;
    pass.retracted = true;
  }

  #completeDecode(pass: SglangPass): NaiveRequest[] {
    const decoding = this.#decoding();
    for (const request of decoding) {
      const prompt = this.#pending.has(request) ? known(request) : 0;
      const tokens = Math.min(left(request), this.#burst());
      for (let token = 0; token < tokens; token++) {
        this.#emit(request, pass.endNs);
        if (token === 0) this.#insert(request, prompt, this.pool.heldBlocks(request.row));
        const filled = known(request) % this.#engine.block_size === 0;
        if (filled && left(request) > 0) this.#touch(request);
      }
    }
    this.#pending.clear();
    if (!pass.retracted) this.#ratio.passes++;
    this.#decodesSincePrefill++;
    return decoding.filter((request) => left(request) === 0);
  }

  #completePrompts(pass: SglangPass): NaiveRequest[] {
    const { block_size } = this.#engine;
    const done = pass.chunks.map(({ request }) => request).filter((r) => r.computed === known(r));
    for (const { request } of pass.chunks) {
      const before = this.pool.heldBlocks(request.row);
      if (!done.includes(request)) this.#insert(request, request.computed, before);
    }
    const growing = done.filter((r) => left(r) > 1 && known(r) % block_size === 0);
    const room = growing.length <= this.pool.free + this.pool.inactive;
    if (room) for (const request of growing) this.pool.allocate(request.row, 1);
    const ended: NaiveRequest[] = [];
    for (const request of done) {
      if (left(request) > 0 && (room || left(request) === 1)) this.#emit(request, pass.endNs);
      else if (left(request) > 0) this.#pending.add(request);
      if (left(request) === 0) {
        ended.push(request);
        continue;
      }
      const before = this.pool.heldBlocks(request.row);
      if (!this.#pending.has(request)) this.#insert(request, known(request), before);
      request.decoding = true;
    }
    if (pass.chunks.length > 0) this.#decodesSincePrefill = 0;
    return ended;
  }

  #emit(request: NaiveRequest, nowNs: number): void {
    if (request.tokenNs.length > 0) this.gapsNs.push(nowNs - request.tokenNs.at(-1)!);
    request.tokenNs.push(nowNs);
  }

  #burst(): number {
    const { num_speculative_tokens = 0, speculative_acceptance_rates: rates } = this.#engine;
    const refused = rates.indexOf(0);
    return 1 + Math.min(num_speculative_tokens, refused < 0 ? rates.length : refused);
  }

  #fullPages(tokens: number): number {
    return Math.floor(tokens / this.#engine.block_size);
  }

  #touch(request: NaiveRequest): void {
    if (this.#engine.enable_prefix_caching) this.pool.touch(request.row);
  }

  /** Whole pages of the request's first `tokens` tokens can be hit; of two copies one goes. */
  #cache(request: NaiveRequest, tokens: number): void {
    if (!this.#engine.enable_prefix_caching) return;
    const nameable = this.#lost.get(request) ?? request.blocks.length;
    const pages = Math.min(this.#fullPages(tokens), nameable);
    if (pages <= this.pool.heldBlocks(request.row)) return;
    this.pool.insert(
      request.row,
      Array.from({ length: pages }, (_, index) => blockName(request, index)),
    );
  }

  /** The same, which touches them all if there are pages beyond the first `before`. */
  #insert(request: NaiveRequest, tokens: number, before: number): void {
    this.#cache(request, tokens);
    if (this.#fullPages(tokens) > before) this.#touch(request);
  }

  /** Names of the whole pages behind those that the request has in the tree. */
  #generated(request: NaiveRequest, stored: number): number[] {
    if (!this.#engine.enable_prefix_caching) return [];
    const held = this.pool.heldBlocks(request.row);
    const count = Math.max(0, this.#fullPages(stored) - held);
    return Array.from({ length: count }, (_, index) => blockName(request, held + index));
  }

  #hits(request: NaiveRequest): number[] {
    if (!this.#engine.enable_prefix_caching) return [];
    const whole = request.target === 0 && !request.isTask;
    return this.#matched(request, known(request) - (whole ? 0 : 1));
  }

  /** Names of the cached whole pages that the request's first `tokens` tokens begin with. */
  #matched(request: NaiveRequest, tokens: number): number[] {
    const cap = this.#fullPages(tokens);
    const names = Array.from({ length: cap }, (_, index) => blockName(request, index));
    return names.slice(0, this.pool.matchPrefix(names));
  }

  #neverFits({ input, wanted, requested }: NaiveRequest): boolean {
    if (input >= (this.#engine.max_model_len ?? Number.POSITIVE_INFINITY)) return true;
    if (wanted <= 0 && requested > 0) return true;
    return this.#pages(input + (wanted > 1 ? wanted : 0)) > this.#engine.num_gpu_blocks;
  }
}

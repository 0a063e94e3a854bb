import type { Ns } from '#core/base/time.ts';
import type { Journey } from './journey.ts';
import type { SentWatch } from './placement-watch.ts';
import type { EngineEndpoint, Placement } from './route-ask.ts';
import type { RouterPool } from './router-pool.ts';

/** Who is told what becomes of a leg; each at most once, the end last. */
export interface LegWitness {
  firstToken(): void;
  ended(): void;
}

/** What a leg needs of the rest of its request's way. */
export interface LegContext {
  readonly journey: Journey;
  readonly pool: RouterPool;
  /** The router of the decode pool that learns how hand-offs go; absent where nobody asks. */
  readonly learner: RouterPool | undefined;
  /** The journal is told how many tokens were generated in the end. */
  readonly keepsJournal: boolean;
  /** Who looks on at this leg. */
  readonly watch: SentWatch | undefined;
  readonly witness: LegWitness | undefined;
  handOver(journey: Journey, signal: AbortSignal): Promise<Placement>;
  fallBack(journey: Journey, signal: AbortSignal): Promise<Placement>;
}

/** One leg of a request on its engine. */
export class LivePlacement implements Placement {
  readonly engine: EngineEndpoint;
  readonly rank: number;
  readonly overlapBlocks: number;
  readonly queuedNs: Ns;
  readonly leg: Placement['leg'];
  readonly #context: LegContext;
  #generated = 0;
  #told = 0;
  #isPrefilled = false;
  #isOver = false;

  constructor(
    engine: EngineEndpoint,
    target: number,
    leg: Placement['leg'],
    found: { readonly overlapBlocks: number; readonly queuedNs: Ns },
    context: LegContext,
  ) {
    this.engine = engine;
    this.rank = target - engine.target;
    this.overlapBlocks = found.overlapBlocks;
    this.queuedNs = found.queuedNs;
    this.leg = leg;
    this.#context = context;
    context.journey.hold();
  }

  firstToken(): void {
    if (this.#isPrefilled || this.#isOver) return;
    this.#isPrefilled = true;
    const { pool, journey, learner, witness } = this.#context;
    const { request } = journey;
    pool.tell((router, nowNs) => router.prefillCompleted(request, nowNs));
    witness?.firstToken();
    if (this.leg === 'prefill') {
      learner?.tell((router, nowNs) => router.remotelyPrefilled(request, nowNs));
    } else if (this.leg === 'decode') {
      learner?.tell((router, nowNs) => router.handedOver(request, nowNs));
    }
  }

  /** The router is told once a block, where it listens. */
  progress(generatedTokens: number): void {
    if (generatedTokens <= this.#generated || this.#isOver) return;
    this.#generated = generatedTokens;
    const { pool, journey, watch } = this.#context;
    watch?.progress(generatedTokens);
    const { blockSize } = pool.options;
    const { inputTokens, request } = journey.query;
    const blocks = Math.floor((inputTokens + generatedTokens) / blockSize);
    if (!pool.tracksOutput || blocks === Math.floor((inputTokens + this.#told) / blockSize)) return;
    this.#told = generatedTokens;
    pool.tell((router, nowNs) => router.outputProgress(request, generatedTokens, nowNs));
  }

  ended(isWhole = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { pool, journey, keepsJournal, watch, witness } = this.#context;
    watch?.ended(isWhole);
    try {
      if (journey.booked.has(pool)) this.#tellEnd(pool, keepsJournal);
      journey.booked.delete(pool);
      witness?.ended();
    } finally {
      journey.release();
    }
  }

  #tellEnd(pool: RouterPool, keepsJournal: boolean): void {
    const { request } = this.#context.journey;
    const generated = this.#generated;
    pool.tell((router, nowNs) => {
      const isNews = generated > this.#told && this.leg !== 'prefill';
      if (keepsJournal && isNews) router.outputProgress(request, generated, nowNs);
      router.free(request, nowNs);
    });
  }

  handOver(signal: AbortSignal): Promise<Placement> {
    return this.#goOn((journey) => this.#context.handOver(journey, signal));
  }

  fallBack(signal: AbortSignal): Promise<Placement> {
    return this.#goOn((journey) => this.#context.fallBack(journey, signal));
  }

  async #goOn(next: (journey: Journey) => Promise<Placement>): Promise<Placement> {
    const { journey } = this.#context;
    if (this.leg !== 'prefill') throw new Error(`a ${this.leg} leg has no other behind it`);
    if (this.#isOver) throw new Error('the prefill leg has ended: nothing is left to go on from');
    journey.hold();
    try {
      return await next(journey);
    } finally {
      journey.release();
    }
  }
}

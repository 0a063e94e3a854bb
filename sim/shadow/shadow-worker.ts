import type { Ns } from '#core/base/time.ts';
import type { EngineListener } from '../engine/hosted/engine-listener.ts';
import { HostedEngine } from '../engine/hosted/hosted-engine.ts';
import { Task } from '../workload/request-table.ts';
import { ContentNames } from './content-names.ts';
import type { EngineModel } from './engine-model.ts';
import { LateArrivals } from './late-arrivals.ts';
import { type ActiveRequest, lookAhead, type Outlook } from './look-ahead.ts';
import { TokenProgress } from './token-progress.ts';

/** A request that a real engine was sent. */
export interface ShadowRequest {
  readonly rank: number;
  readonly inputTokens: number;
  /** Sequence hashes of the whole blocks of its prompt; empty where its content is unknown. */
  readonly hashes: ArrayLike<bigint>;
  /** Leading blocks that the engine itself says it has cached. */
  readonly knownBlocks: number;
  /** Most output tokens that it asks for, infinite where it does not say; and how many are expected. */
  readonly mostOutputTokens: number;
  readonly outputTokens: number;
  readonly task: number;
  readonly priority: number;
}

/** A request that the worker has. */
interface Entry {
  /** The caller's and the engine's name for it. */
  readonly name: number;
  readonly number: number;
  readonly request: ShadowRequest;
  readonly contents: Uint32Array;
  readonly progress: TokenProgress;
}

/**
 * A worker of the tunnel beside a real engine, in the real one's time: it is told what the engine is
 * sent and when that has ended, and has all requests that the engine has. How far each of them is, it
 * knows by its own passes.
 *
 * A pass that has begun cannot be changed any more by what comes, so it is completed at once:
 * between two calls the worker is always between two passes.
 */
export class ShadowWorker {
  readonly #model: EngineModel;
  readonly #engine: HostedEngine;
  readonly #names = new ContentNames();
  /** In the order in which they came. */
  readonly #entries: Entry[] = [];
  readonly #late = new LateArrivals();
  readonly #byName = new Map<number, Entry>();
  readonly #byNumber = new Map<number, Entry>();
  /** What is complete here and has not ended there, by the caller's name. */
  readonly #ahead = new Map<number, TokenProgress>();
  /** When the next pass begins; infinite while there is nothing to do. */
  #readyNs: Ns = Number.POSITIVE_INFINITY;

  constructor(model: EngineModel) {
    this.#model = model;
    const { config, timing } = model;
    const { seed } = config;
    this.#engine = new HostedEngine(
      { config, timing, seed, role: 'aggregated', tellsBlocks: false },
      this.#listener(),
    );
  }

  /** Requests that it has. */
  get requests(): number {
    return this.#entries.length;
  }

  /** Contents of blocks that it knows, cached ones included. */
  get contents(): number {
    return this.#names.count;
  }

  /** Data-parallel ranks of the engine. */
  get ranks(): number {
    return this.#engine.ranks;
  }

  /** The engine was sent a request. Calls are in the order of time. */
  submit(name: number, request: ShadowRequest, atNs: Ns): void {
    this.advance(atNs);
    const engine = this.#engine;
    const { rank, inputTokens, hashes, task, priority } = request;
    const contents = this.#names.namesOf(hashes, Math.floor(inputTokens / engine.blockSize));
    const room = Math.min(engine.maxModelLen, engine.blocks * engine.blockSize) - inputTokens;
    const most = Math.max(1, Math.min(request.mostOutputTokens, room));
    const wanted = task === Task.generate ? most : 0;
    const asked = { rank, inputTokens, outputTokens: wanted, contents, task, priority };
    const number = engine.open(asked);
    const entry = { name, number, request, contents, progress: new TokenProgress() };
    this.#entries.push(entry);
    this.#byName.set(name, entry);
    this.#byNumber.set(number, entry);
    const cachedBlocks = this.#cachedBlocks(entry);
    this.#late.add({ ...request, atNs, cachedTokens: cachedBlocks * engine.blockSize });
    engine.submit(number, atNs);
    this.#ready(atNs);
  }

  /**
   * A request has ended, in whatever way, with so many output tokens. Returns when it has had as many
   * here, with all that has come meanwhile: what the model makes of it in hindsight. Undefined where it
   * has had too few to say.
   */
  end(name: number, generated: number, atNs: Ns): Ns | undefined {
    this.advance(atNs);
    const entry = this.#byName.get(name);
    const progress = entry?.progress ?? this.#ahead.get(name);
    if (entry === undefined) this.#ahead.delete(name);
    else this.#drop(entry, atNs);
    return progress?.reached(generated);
  }

  #drop(entry: Entry, atNs: Ns): void {
    this.#forget(entry);
    this.#engine.cancel(entry.number, atNs);
    this.#ready(atNs);
  }

  /** Begins all passes that lie before this moment. */
  advance(toNs: Ns): void {
    const engine = this.#engine;
    while (this.#readyNs < toNs) {
      if (!engine.startPass(this.#readyNs)) {
        this.#readyNs = Number.POSITIVE_INFINITY;
        return;
      }
      engine.completePass();
      this.#readyNs = engine.passEndNs;
    }
  }

  /**
   * When the tokens of the request that came last will come out, if answers are as long as expected and
   * if nobody comes behind it, or, with `goesOn`, requests come as they have lately. Undefined where it
   * can never be served, or is over.
   */
  outlook(goesOn: boolean): Outlook | undefined {
    const last = this.#entries.at(-1);
    if (last === undefined || last.progress.tokens > 0) return undefined;
    const active = this.#entries.map((entry) => this.#stateOf(entry));
    return lookAhead(this.#model, active, this.#readyNs, goesOn ? this.#late.again() : []);
  }

  /** There may be something to do from now on, or from the end of the pass that is under way on. */
  #ready(atNs: Ns): void {
    if (this.#readyNs === Number.POSITIVE_INFINITY) this.#readyNs = atNs;
  }

  #forget(entry: Entry): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#byName.delete(entry.name);
    this.#byNumber.delete(entry.number);
  }

  /** Leading blocks of a prompt that are cached, here or as the engine says. */
  #cachedBlocks({ number, request, contents, progress }: Entry): number {
    const here = progress.tokens > 0 ? 0 : this.#engine.cachedBlocks(number);
    return Math.min(contents.length, Math.max(request.knownBlocks, here));
  }

  #stateOf(entry: Entry): ActiveRequest {
    const { number, request, contents, progress } = entry;
    const generated = progress.tokens;
    const { rank, inputTokens, outputTokens, task, priority } = request;
    const engine = this.#engine;
    const cachedBlocks = this.#cachedBlocks(entry);
    const computed = generated > 0 ? 0 : engine.computedTokens(number);
    const computedTokens = Math.max(computed, cachedBlocks * engine.blockSize);
    return { rank, inputTokens, generated, outputTokens, contents, computedTokens, task, priority };
  }

  #listener(): EngineListener {
    const over = (number: number): void => {
      const entry = this.#byNumber.get(number);
      if (entry !== undefined) this.#forget(entry);
    };
    return {
      tokens: (number, tokens, atNs) => this.#byNumber.get(number)?.progress.came(tokens, atNs),
      completed: (number) => {
        const entry = this.#byNumber.get(number);
        if (entry === undefined) return;
        this.#ahead.set(entry.name, entry.progress);
        this.#forget(entry);
      },
      rejected: over,
      dropped: over,
      held: over,
      released: over,
      reserved: () => {},
      stored: () => {},
      removed: () => {},
      blocksTold: () => {},
      forgotten: (content) => this.#names.forget(content),
    };
  }
}

import type { Ns } from '#core/base/time.ts';
import type { CacheSalt } from '#core/tokens/block-hash.ts';
import { type EngineListener, HostedEngine, type HostedOptions } from '#sim/public.ts';
import { BlockContents } from './block-contents.ts';
import { EngineDriver } from './engine-driver.ts';
import type { WireEvent } from './kv-events/encode-batch.ts';
import { StepEvents } from './kv-events/step-events.ts';
import { EngineTime } from './time/engine-time.ts';
import type { WakingClock } from './time/waking-clock.ts';

/** A prompt, and the answer that it will get. */
export interface WorkerAsk {
  readonly prompt: Uint32Array;
  readonly answer: Uint32Array;
  readonly salt: CacheSalt;
  /** Absent = the rank with the shortest line. */
  readonly rank?: number;
  readonly priority?: number;
  readonly task?: number;
}

/** Hears what becomes of an ask. All of it comes later than the call that asked. */
export interface AskListener {
  /** So many tokens more have come out, at a moment of the engine's time. */
  tokens(count: number, atNs: Ns): void;
  completed(atNs: Ns): void;
  /** It could never be served. */
  rejected(atNs: Ns): void;
  /** A prefill worker has computed the prompt and holds it. */
  held?(atNs: Ns): void;
  /** A decode worker has room for the prompt. */
  reserved?(missingTokens: number, atNs: Ns): void;
  /** Its client went and the engine has let go of it. */
  dropped?(atNs: Ns): void;
}

/** A request that the worker has. */
export interface WorkerRequest {
  readonly rank: number;
  /** When it came, in engine time. */
  readonly arrivedNs: Ns;
  /** Prompt tokens that were cached as it came in. */
  readonly cachedTokens: number;
  /** When it came in; before 0 while it waits. */
  readonly admittedNs: Ns;
  /** Nobody wants the rest; without effect when it is over. */
  cancel(): void;
  /** The copy of a held prompt is made. */
  release(): void;
  /** The reserved blocks are filled. */
  activate(): void;
}

export interface WorkerOptions extends HostedOptions {
  readonly clock: WakingClock;
  /** Engine seconds in a second of the clock. */
  readonly speed: number;
  /** Laid over the hashes in its KV events. */
  readonly hashSalt: bigint;
  /** Takes the KV events of a step of one rank. */
  readonly publish: (rank: number, events: readonly WireEvent[]) => void;
}

interface Entry {
  readonly listener: AskListener;
  readonly request: Request;
}

/** One engine worker in real time: the simulator's own, with tokens for its symbolic blocks. */
export class MockWorker {
  readonly engine: HostedEngine;
  readonly contents: BlockContents;
  readonly time: EngineTime;
  readonly #driver: EngineDriver;
  readonly #events: readonly StepEvents[];
  readonly #publish: WorkerOptions['publish'];
  /** Requests of the engine, by their numbers. */
  readonly #entries = new Map<number, Entry>();

  constructor(options: WorkerOptions) {
    const { clock, speed, hashSalt, publish, config } = options;
    this.contents = new BlockContents(config.engine.block_size);
    this.engine = new HostedEngine(options, this.#listener());
    this.time = new EngineTime(speed, clock.nowNs());
    this.#driver = new EngineDriver(this.engine, clock, this.time);
    this.#publish = publish;
    this.#events = Array.from(
      { length: this.engine.ranks },
      () => new StepEvents(this.contents, this.engine.blockSize, hashSalt),
    );
  }

  /** Requests that it has. */
  get requests(): number {
    return this.#entries.size;
  }

  /** Serves a request whole, or computes its prompt alone, as the role of the worker is. */
  submit(ask: WorkerAsk, listener: AskListener): WorkerRequest {
    return this.#take('submit', ask, listener);
  }

  /** Asks for room for a prompt that is computed elsewhere. */
  reserve(ask: WorkerAsk, listener: AskListener): WorkerRequest {
    return this.#take('reserve', ask, listener);
  }

  /** Forgets the prefix cache; false while any of it is in use. Events tell of it with the next step. */
  clearCache(): boolean {
    return this.#driver.act(() => {
      if (!this.engine.clearCache()) return false;
      for (const events of this.#events) events.cleared();
      return true;
    });
  }

  /** Engine time runs `rate` times as fast as the clock's from now on. */
  changeRate(rate: number): void {
    this.#driver.changeRate(rate);
  }

  /** Nothing happens here any more. */
  stop(): void {
    this.#driver.stop();
  }

  #take(how: 'submit' | 'reserve', ask: WorkerAsk, listener: AskListener): WorkerRequest {
    const { prompt, answer, salt, priority = 0, task = 0 } = ask;
    const tokens = new Uint32Array(prompt.length + answer.length);
    tokens.set(prompt);
    tokens.set(answer, prompt.length);
    return this.#driver.act((nowNs) => {
      const rank = ask.rank ?? this.#shortestLine(nowNs);
      const contents = this.contents.idsOf(tokens, salt);
      const lengths = { inputTokens: prompt.length, outputTokens: answer.length };
      const request = new Request(this.engine, this.#driver, rank, nowNs);
      const asked = { rank, ...lengths, contents, task, priority };
      const number = this.engine.open(asked);
      request.number = number;
      this.#entries.set(number, { listener, request });
      this.engine[how](number, nowNs);
      return request;
    });
  }

  /** vLLM's balance among its ranks: who waits counts four times as much as who runs. */
  #shortestLine(nowNs: Ns): number {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let rank = 0; rank < this.engine.ranks && this.engine.ranks > 1; rank++) {
      const { waiting, running } = this.engine.sample(rank, nowNs);
      const load = 4 * waiting + running;
      if (load >= least) continue;
      best = rank;
      least = load;
    }
    return best;
  }

  #listener(): EngineListener {
    const over = (number: number): AskListener | undefined => {
      const entry = this.#entries.get(number);
      if (entry === undefined) return undefined;
      this.#entries.delete(number);
      entry.request.leave();
      return entry.listener;
    };
    const of = (number: number): AskListener | undefined => this.#entries.get(number)?.listener;
    return {
      tokens: (number, count, atNs) => of(number)?.tokens(count, atNs),
      completed: (number, atNs) => over(number)?.completed(atNs),
      rejected: (number, atNs) => over(number)?.rejected(atNs),
      dropped: (number, atNs) => over(number)?.dropped?.(atNs),
      held: (number, atNs) => of(number)?.held?.(atNs),
      released: (number) => void over(number),
      reserved: (number, missing, atNs) => of(number)?.reserved?.(missing, atNs),
      stored: (rank, parent, contents) => this.#events[rank]!.stored(parent, contents),
      removed: (rank, contents) => this.#events[rank]!.removed(contents),
      blocksTold: () => this.#sendEvents(),
      forgotten: (content) => this.contents.forget(content),
    };
  }

  #sendEvents(): void {
    for (let rank = 0; rank < this.engine.ranks; rank++) {
      const events = this.#events[rank]!.take();
      if (events.length > 0) this.#publish(rank, events);
    }
  }
}

class Request implements WorkerRequest {
  number = -1;
  readonly rank: number;
  readonly arrivedNs: Ns;
  readonly #engine: HostedEngine;
  readonly #driver: EngineDriver;
  #cachedTokens = 0;
  #admittedNs: Ns = -1;
  #isOver = false;

  constructor(engine: HostedEngine, driver: EngineDriver, rank: number, arrivedNs: Ns) {
    this.#engine = engine;
    this.#driver = driver;
    this.rank = rank;
    this.arrivedNs = arrivedNs;
  }

  get cachedTokens(): number {
    return this.#isOver ? this.#cachedTokens : this.#engine.cachedTokens(this.number);
  }

  get admittedNs(): Ns {
    return this.#isOver ? this.#admittedNs : this.#engine.admittedNs(this.number);
  }

  /** Its number is another's from now on. */
  leave(): void {
    this.#cachedTokens = this.#engine.cachedTokens(this.number);
    this.#admittedNs = this.#engine.admittedNs(this.number);
    this.#isOver = true;
  }

  cancel(): void {
    this.#do((nowNs) => this.#engine.cancel(this.number, nowNs));
  }

  release(): void {
    this.#do((nowNs) => this.#engine.release(this.number, nowNs));
  }

  activate(): void {
    this.#do((nowNs) => this.#engine.activate(this.number, nowNs));
  }

  #do(what: (nowNs: Ns) => void): void {
    if (this.#isOver) return;
    this.#driver.act((nowNs) => {
      // Passes that have ended in the meantime may have been its last.
      if (!this.#isOver) what(nowNs);
    });
  }
}

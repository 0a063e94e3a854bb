import type { Ns } from '#core/base/time.ts';
import { type EngineListener, HostedEngine, type HostedOptions } from '#sim/public.ts';
import { BlockContents } from './block-contents.ts';
import { EngineDriver } from './engine-driver.ts';
import type { WireEvent } from './kv-events/encode-batch.ts';
import { StepEvents } from './kv-events/step-events.ts';
import type { RankView } from './metrics/engine-view.ts';
import { RankStats, type RequestRecord } from './metrics/rank-stats.ts';
import { EngineTime } from './time/engine-time.ts';
import type { WakingClock } from './time/waking-clock.ts';
import type { AskListener, WorkerAsk } from './worker-ask.ts';
import { WorkerRequest } from './worker-request.ts';

export interface WorkerOptions extends HostedOptions {
  readonly clock: WakingClock;
  /** Engine seconds in a second of the clock. */
  readonly speed: number;
  /** Laid over the hashes in its KV events. */
  readonly hashSalt: bigint;
  /** Takes the KV events of a step of one rank. */
  readonly publish: (rank: number, events: readonly WireEvent[]) => void;
}

/** What is known of a request of the engine. */
interface Entry {
  readonly ask: WorkerAsk;
  readonly listener: AskListener;
  readonly request: WorkerRequest;
  readonly record: RequestRecord;
}

/** One engine worker in real time: the simulator's own, with tokens for its symbolic blocks. */
export class MockWorker {
  readonly engine: HostedEngine;
  readonly contents: BlockContents;
  readonly #time: EngineTime;
  readonly #driver: EngineDriver;
  readonly #events: readonly StepEvents[];
  readonly #stats: readonly RankStats[];
  /** Tokens of each rank that have been counted as those of a step. */
  readonly #counted: number[];
  readonly #publish: WorkerOptions['publish'];
  /** By the number of the engine. */
  readonly #entries = new Map<number, Entry>();

  constructor(options: WorkerOptions) {
    const { clock, speed, hashSalt, publish, config } = options;
    this.contents = new BlockContents(config.engine.block_size);
    this.engine = new HostedEngine(options, this.#listener());
    this.#time = new EngineTime(speed, clock.nowNs());
    this.#driver = new EngineDriver(this.engine, clock, this.#time);
    this.#publish = publish;
    const { ranks, blockSize, maxModelLen } = this.engine;
    const each = <Part>(make: () => Part): Part[] => Array.from({ length: ranks }, make);
    this.#events = each(() => new StepEvents(this.contents, blockSize, hashSalt));
    this.#stats = each(() => new RankStats(maxModelLen));
    this.#counted = each(() => 0);
  }

  /** Requests that it has. */
  get requests(): number {
    return this.#entries.size;
  }

  /** What its metrics are made of, a rank each. */
  views(): readonly RankView[] {
    return this.#driver.look((nowNs) =>
      this.#stats.map((stats, rank) => ({
        stats,
        sample: this.engine.sample(rank, nowNs),
        tally: this.engine.tallies[rank]!,
      })),
    );
  }

  /** What `asks` asks for comes at one moment, so that the same pass may have it all. */
  together(asks: () => void): void {
    this.#driver.act(asks);
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
      const number = this.engine.open({ rank, ...lengths, contents, task, priority });
      const request = new WorkerRequest(this.engine, this.#driver, rank, number);
      const record: RequestRecord = {
        rank,
        promptTokens: prompt.length,
        maxTokens: ask.maxTokens,
        arrivedNs: this.#time.clockNs(nowNs),
        admittedNs: -1,
        firstTokenNs: -1,
        lastTokenNs: -1,
        generated: 0,
        cachedTokens: 0,
        copiedTokens: 0,
      };
      this.#entries.set(number, { ask, listener, request, record });
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
    const of = (number: number): AskListener | undefined => this.#entries.get(number)?.listener;
    return {
      tokens: (number, count, atNs) => this.#tokens(number, count, atNs),
      completed: (number, atNs) => this.#completed(number, atNs),
      rejected: (number, atNs) => this.#over(number).listener.rejected(atNs),
      dropped: (number, atNs) => this.#over(number).listener.dropped?.(atNs),
      held: (number, atNs) => this.#held(number, atNs),
      released: (number, atNs) => this.#over(number).listener.completed(atNs),
      reserved: (number, missing, atNs) => {
        const { ask, record } = this.#entries.get(number)!;
        record.copiedTokens = Math.min(missing, ask.prompt.length);
        of(number)?.reserved?.(missing, atNs);
      },
      stored: (rank, parent, contents) => this.#events[rank]!.stored(parent, contents),
      removed: (rank, contents) => this.#events[rank]!.removed(contents),
      blocksTold: () => this.#stepEnded(),
      forgotten: (content) => this.contents.forget(content),
    };
  }

  #tokens(number: number, count: number, atNs: Ns): void {
    const { record, request, listener } = this.#entries.get(number)!;
    if (record.generated === 0) this.#admitted(record, request);
    this.#stats[record.rank]!.tokens(record, count, this.#time.clockNs(atNs));
    listener.tokens(count, atNs);
  }

  /** What is known of a request when its first token comes. */
  #admitted(record: RequestRecord, request: WorkerRequest): void {
    const admittedNs = this.#time.clockNs(request.admittedNs);
    record.admittedNs = Math.max(record.arrivedNs, admittedNs);
    const { promptTokens, copiedTokens } = record;
    record.cachedTokens = Math.min(request.cachedTokens, promptTokens - copiedTokens);
  }

  /** A prompt alone is computed: its one token is out, and for the statistics it has ended. */
  #held(number: number, atNs: Ns): void {
    const { ask, record, listener } = this.#entries.get(number)!;
    if (ask.answer.length > 0) this.#tokens(number, 1, atNs);
    if (record.generated > 0) this.#stats[record.rank]!.completed(record, ask.finishReason);
    listener.held?.(atNs);
  }

  #completed(number: number, atNs: Ns): void {
    const { ask, record, listener } = this.#over(number);
    if (record.generated > 0) this.#stats[record.rank]!.completed(record, ask.finishReason);
    listener.completed(atNs);
  }

  #over(number: number): Entry {
    const entry = this.#entries.get(number)!;
    this.#entries.delete(number);
    entry.request.leave();
    return entry;
  }

  /** Publishes and counts what a step has done, before anybody hears of its tokens. */
  #stepEnded(): void {
    const { tallies, ranks } = this.engine;
    for (let rank = 0; rank < ranks; rank++) {
      const { prefillTokens, outputTokens } = tallies[rank]!;
      const fresh = prefillTokens + outputTokens - this.#counted[rank]!;
      if (fresh > 0) this.#stats[rank]!.stepTokens.observe(fresh);
      this.#counted[rank] = prefillTokens + outputTokens;
      const events = this.#events[rank]!.take();
      if (events.length > 0) this.#publish(rank, events);
    }
  }
}

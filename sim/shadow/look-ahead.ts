import { assert } from '#core/base/assert.ts';
import type { Ns } from '#core/base/time.ts';
import type { EngineListener } from '../engine/hosted/engine-listener.ts';
import { HostedEngine } from '../engine/hosted/hosted-engine.ts';
import { Task } from '../workload/request-table.ts';
import type { EngineModel } from './engine-model.ts';

/** A request that a worker has, between two passes. */
export interface ActiveRequest {
  readonly rank: number;
  readonly inputTokens: number;
  /** Output tokens that have come out. */
  readonly generated: number;
  /** Output tokens that are expected in all. */
  readonly outputTokens: number;
  /** Names of the whole blocks of its prompt. */
  readonly contents: Uint32Array;
  /** Leading tokens of it that are computed, or cached from others. */
  readonly computedTokens: number;
  readonly task: number;
  readonly priority: number;
}

/** A request that may come while another is under way. */
export interface LaterRequest {
  readonly atNs: Ns;
  readonly rank: number;
  /** What is to be computed of its prompt. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly task: number;
  readonly priority: number;
}

/** When the tokens of a request come out, if nobody else arrives. */
export interface Outlook {
  readonly firstTokenNs: Ns;
  readonly lastTokenNs: Ns;
}

/** A look ahead that takes more steps is given up: each is a pass, or a leap over many. */
const MOST_STEPS = 200_000;

const DEAF: EngineListener = {
  tokens: () => {},
  completed: () => {},
  rejected: () => {},
  dropped: () => {},
  held: () => {},
  released: () => {},
  reserved: () => {},
  stored: () => {},
  removed: () => {},
  blocksTold: () => {},
  forgotten: () => {},
};

/**
 * Flies a worker on from the moment `fromNs` between two passes, with the requests that it has and those
 * of `later`, in the order of time, until the last of the former has all its tokens; undefined where it
 * can never be served.
 *
 * Nothing of the worker is copied. A second one is put into the same state: it is a decode worker, to
 * which running requests are handed over with what they know but for the last token, and a pass gives
 * them that; a prompt of which something is computed or cached finds it in the cache. What is lost of
 * the state: of a prompt in the midst of being computed the tokens beyond its last whole block, which
 * count as context no more; the order in which blocks would be evicted; what SGLang has learnt of how
 * long answers are.
 */
export function lookAhead(
  model: EngineModel,
  active: readonly ActiveRequest[],
  fromNs: Ns,
  later: Iterable<LaterRequest> = [],
): Outlook | undefined {
  const wanted = active.at(-1)!;
  assert(wanted.generated === 0, 'looked ahead to a first token that has come');
  const flight = new Flight(model);
  flight.fillCache(active.filter(waits));
  const beganNs = flight.putRunning(active.filter((one) => !waits(one)));
  const numbers = active.filter(waits).map((one) => flight.submit(one, beganNs));
  const number = numbers.at(-1)!;
  const shiftNs = fromNs - beganNs;
  const endedNs = flight.until(number, beganNs, later, shiftNs);
  if (endedNs === undefined) return undefined;
  return {
    firstTokenNs: flight.engine.firstTokenNs(number) + shiftNs,
    lastTokenNs: endedNs + shiftNs,
  };
}

function waits({ generated }: ActiveRequest): boolean {
  return generated === 0;
}

/** A worker in a time of its own, from 0. */
class Flight {
  readonly engine: HostedEngine;
  readonly #maxNumSeqs: number;
  /** Requests that are over. */
  readonly #completed = new Set<number>();
  readonly #rejected = new Set<number>();

  constructor({ config, timing }: EngineModel) {
    this.#maxNumSeqs = config.engine.max_num_seqs;
    this.engine = new HostedEngine(
      { config, timing, seed: config.seed, role: 'decode', stepping: 'leap', tellsBlocks: false },
      {
        ...DEAF,
        reserved: (request, _missing, atNs) => this.engine.activate(request, atNs),
        completed: (request) => this.#completed.add(request),
        rejected: (request) => this.#rejected.add(request),
      },
    );
  }

  /** What prompts will find computed is handed over for nobody: it is cached, and takes no time. */
  fillCache(prompts: readonly ActiveRequest[]): void {
    const { engine } = this;
    for (const { rank, contents, computedTokens } of prompts) {
      const blocks = Math.floor(computedTokens / engine.blockSize);
      if (blocks === 0) continue;
      const inputTokens = blocks * engine.blockSize;
      const cached = contents.subarray(0, blocks);
      engine.reserve(engine.open({ rank, inputTokens, outputTokens: 0, contents: cached }), 0);
    }
    engine.startPass(0);
  }

  /** Requests decode as they do; the moment at which they are between two passes again. */
  putRunning(running: readonly ActiveRequest[]): Ns {
    const { engine } = this;
    if (running.length === 0) return 0;
    // One token more, so that what follows finds them in the midst of it. Where no place is left, nobody
    // can come in with the first pass either.
    const rank = this.#rankWithRoom(running);
    const ahead = rank < 0 ? 0 : 1;
    for (const one of running) {
      const left = Math.max(1, one.outputTokens - one.generated) + ahead;
      const inputTokens = one.inputTokens + one.generated - ahead;
      const { contents } = one;
      engine.reserve(engine.open({ rank: one.rank, inputTokens, outputTokens: left, contents }), 0);
    }
    if (ahead === 0) return 0;
    // Who ends with this pass keeps it from being leapt over.
    const contents = new Uint32Array(0);
    engine.reserve(engine.open({ rank, inputTokens: 1, outputTokens: 1, contents }), 0);
    engine.startPass(0);
    engine.completePass();
    return engine.passEndNs;
  }

  /** A request waits for its first pass, or for the next piece of its prompt. */
  submit(one: ActiveRequest, nowNs: Ns): number {
    const { rank, task, priority } = one;
    const { blockSize } = this.engine;
    const inputTokens = one.inputTokens - (one.computedTokens % blockSize);
    const contents = one.contents.subarray(0, Math.floor(inputTokens / blockSize));
    const outputTokens = task === Task.generate ? Math.max(1, one.outputTokens) : 0;
    const number = this.engine.open({ rank, inputTokens, outputTokens, contents, task, priority });
    this.engine.submit(number, nowNs);
    return number;
  }

  /** When a request has its last token; undefined when it gets none. Others come `shiftNs` earlier. */
  until(number: number, fromNs: Ns, later: Iterable<LaterRequest>, shiftNs: Ns): Ns | undefined {
    const { engine } = this;
    const others = later[Symbol.iterator]();
    let next = others.next();
    let nowNs = fromNs;
    // Numbers are given again: those that are over by now say nothing of it.
    this.#completed.clear();
    this.#rejected.clear();
    for (let step = 0; step < MOST_STEPS && engine.startPass(nowNs); step++) {
      for (; !next.done && next.value.atNs - shiftNs < engine.passEndNs; next = others.next()) {
        this.#comes(next.value, Math.max(nowNs, next.value.atNs - shiftNs));
      }
      engine.completePass();
      nowNs = engine.passEndNs;
      if (this.#completed.has(number)) return nowNs;
      if (this.#rejected.has(number)) return undefined;
    }
    return undefined;
  }

  /** What its prompt holds matters to nobody. */
  #comes({ rank, inputTokens, outputTokens, task, priority }: LaterRequest, atNs: Ns): void {
    const contents = new Uint32Array(0);
    const asked = { rank, inputTokens, outputTokens, contents, task, priority };
    this.engine.submit(this.engine.open(asked), atNs);
  }

  /** A rank on which one more request may run, −1 = none. */
  #rankWithRoom(running: readonly ActiveRequest[]): number {
    for (let rank = 0; rank < this.engine.ranks; rank++) {
      if (running.filter((one) => one.rank === rank).length < this.#maxNumSeqs) return rank;
    }
    return -1;
  }
}

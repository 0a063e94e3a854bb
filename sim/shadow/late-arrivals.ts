import type { Ns } from '#core/base/time.ts';
import { Task } from '../workload/request-table.ts';
import type { LaterRequest } from './look-ahead.ts';

/** A request that has come. */
export interface LateArrival {
  readonly atNs: Ns;
  readonly rank: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly task: number;
  readonly priority: number;
}

/** So many are remembered. */
const LENGTH = 64;
/** And come again so often: of what few have shown, a burst must not become a flood. */
const ROUNDS = 4;

/** The last requests that have come to a worker, and the same as requests to come. */
export class LateArrivals {
  /** The last one at the end. */
  readonly #arrivals: LateArrival[] = [];

  /** The next request has come. */
  add(arrival: LateArrival): void {
    if (this.#arrivals.length > LENGTH) this.#arrivals.shift();
    this.#arrivals.push(arrival);
  }

  /**
   * What came before the last request comes again behind it, the latest first, as long after it as it
   * was before; and all of that a few times over, when enough are known.
   */
  *again(): Generator<LaterRequest> {
    const last = this.#arrivals.at(-1);
    if (last === undefined) return;
    const before = this.#arrivals.slice(0, -1).reverse();
    const spanNs = last.atNs - (before.at(-1)?.atNs ?? last.atNs);
    const rounds = before.length === LENGTH ? ROUNDS : 1;
    for (let round = 0; round < rounds; round++) {
      for (const {
        atNs,
        rank,
        inputTokens,
        cachedTokens,
        outputTokens,
        task,
        priority,
      } of before) {
        yield {
          atNs: last.atNs + round * spanNs + (last.atNs - atNs),
          ...{ rank, task, priority },
          // What is cached of it costs nothing but context.
          inputTokens: Math.max(1, inputTokens - cachedTokens),
          outputTokens: task === Task.generate ? outputTokens : 0,
        };
      }
    }
  }
}

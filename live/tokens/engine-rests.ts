import { NS_PER_S, type Ns } from '#core/base/time.ts';

/** How long an engine rests after its first failure; twice as long after each further one. */
const FIRST_REST_NS = 2 * NS_PER_S;
const LONGEST_REST_NS = 60 * NS_PER_S;

/**
 * Which engines are not asked for a while, because they did not answer. One long prompt may be too much
 * for a healthy engine, so the first rest is short; one that hangs is asked ever more rarely.
 */
export class EngineRests {
  readonly #resting = new Map<string, { readonly restNs: Ns; readonly untilNs: Ns }>();

  isResting(engine: string, nowNs: Ns): boolean {
    return nowNs < (this.#resting.get(engine)?.untilNs ?? 0);
  }

  answered(engine: string): void {
    this.#resting.delete(engine);
  }

  /**
   * Questions that were under way together, and failed together, are one failure. An engine that has not
   * been asked since its rest is over for long may be gone, and is forgotten.
   */
  failed(engine: string, nowNs: Ns): void {
    if (this.isResting(engine, nowNs)) return;
    for (const [other, { untilNs }] of this.#resting) {
      if (nowNs - untilNs > LONGEST_REST_NS) this.#resting.delete(other);
    }
    const before = this.#resting.get(engine)?.restNs;
    const restNs = before === undefined ? FIRST_REST_NS : Math.min(2 * before, LONGEST_REST_NS);
    this.#resting.set(engine, { restNs, untilNs: nowNs + restNs });
  }
}

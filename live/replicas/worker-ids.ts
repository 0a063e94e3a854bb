import { workerIdOf } from '../events/dynamo/worker-targets.ts';
import type { EngineRoster } from '../routing/engine-roster.ts';
import type { EngineEndpoint } from '../routing/route-ask.ts';

/**
 * Engines by the numbers that routers call them by. A number must be the same everywhere, which the
 * order is not in which engines came: it is the engine's `worker_id`, or follows from its name.
 */
export class WorkerIds {
  readonly #roster: EngineRoster;
  readonly #ofNames = new Map<string, bigint>();
  /** The engine that had a number last. */
  readonly #names = new Map<bigint, string>();

  constructor(roster: EngineRoster) {
    this.#roster = roster;
  }

  /** The number of an engine. */
  of({ name, workerId }: Pick<EngineEndpoint, 'name' | 'workerId'>): bigint {
    if (workerId !== undefined) return BigInt(workerId);
    const known = this.#ofNames.get(name) ?? workerIdOf(name);
    this.#ofNames.set(name, known);
    return known;
  }

  /** The target of a worker's rank; undefined where no such engine is there. */
  targetOf(worker: bigint, rank: number): number | undefined {
    const engine = this.#find(worker);
    return engine === undefined || rank >= engine.dpSize ? undefined : engine.target + rank;
  }

  #find(worker: bigint): EngineEndpoint | undefined {
    const last = this.#names.get(worker);
    const known = last === undefined ? undefined : this.#roster.find(last);
    if (known !== undefined && this.of(known) === worker) return known;
    const found = this.#roster.engines.find((engine) => this.of(engine) === worker);
    if (found !== undefined) this.#names.set(worker, found.name);
    return found;
  }
}

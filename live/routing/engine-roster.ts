import { assertDefined } from '#core/base/assert.ts';
import { RowAllocator } from '#core/base/columns.ts';
import type { EngineBackend, EngineRole } from '#core/config/serve/engine-list.ts';
import type { EngineEndpoint, WorkerPin } from './route-ask.ts';

/** An engine that joins. */
export interface JoiningEngine {
  readonly name: string;
  readonly backend: EngineBackend;
  readonly url: string;
  readonly role: EngineRole;
  readonly dpSize: number;
  /** Its id for other routers, as digits; one that follows from its name when absent. */
  readonly workerId?: string;
}

/** Engines that are away and known: of autoscaled ones, every new one has a new name. */
const MOST_AWAY = 1024;

/**
 * The engines that are there, by name, by number and by target. A name keeps its number and its
 * targets while it is away, as long as it comes back with as many ranks, and before so many others
 * have left that it is forgotten: what it had then goes to others.
 */
export class EngineRoster {
  readonly #mostAway: number;
  readonly #present = new Map<string, EngineEndpoint>();
  /** Every engine that is there or known to be away, as it was last. */
  readonly #known = new Map<string, EngineEndpoint>();
  /** What has left, in that order: engines, and what they were before they had other ranks. */
  readonly #away = new Set<EngineEndpoint>();
  readonly #workers = new RowAllocator();
  readonly #ofTarget: (EngineEndpoint | undefined)[] = [];
  /** First targets of those that nobody has, by how many lie behind each other. */
  readonly #freeTargets = new Map<number, number[]>();
  #targets = 0;

  constructor(mostAway = MOST_AWAY) {
    this.#mostAway = mostAway;
  }

  /** The engines that are there, in the order in which they came first. */
  get engines(): readonly EngineEndpoint[] {
    return [...this.#known.values()].filter(({ name }) => this.#present.has(name));
  }

  has(name: string): boolean {
    return this.#present.has(name);
  }

  /** Gives the engine its number and its targets. */
  join(engine: JoiningEngine): EngineEndpoint {
    const before = this.#known.get(engine.name);
    const keeps = before?.dpSize === engine.dpSize;
    if (keeps) this.#away.delete(before);
    const target = keeps ? before.target : this.#takeTargets(engine.dpSize);
    const worker = before?.worker ?? this.#workers.take();
    const endpoint = { ...engine, worker, target };
    this.#known.set(engine.name, endpoint);
    this.#present.set(engine.name, endpoint);
    for (let rank = 0; rank < engine.dpSize; rank++) this.#ofTarget[target + rank] = endpoint;
    return endpoint;
  }

  /** The engine that leaves, as it was; undefined where none of that name is there. */
  leave(name: string): EngineEndpoint | undefined {
    const endpoint = this.#present.get(name);
    if (endpoint === undefined) return undefined;
    this.#present.delete(name);
    this.#away.add(endpoint);
    this.#forgetLongestAway();
    return endpoint;
  }

  /** The engine of a target that was ever given away. */
  ofTarget(target: number): EngineEndpoint {
    return assertDefined(this.#ofTarget[target], `target ${target} belongs to an engine`);
  }

  /** The engine of a target, where it is there. */
  presentOf(target: number): EngineEndpoint | undefined {
    const engine = this.#ofTarget[target];
    return engine !== undefined && this.#present.get(engine.name) === engine ? engine : undefined;
  }

  /** The engine that a request names, by name or number; undefined where there is none. */
  find(worker: WorkerPin['worker']): EngineEndpoint | undefined {
    const name = String(worker);
    const named = this.#present.get(name);
    if (named !== undefined || !/^\d{1,9}$/.test(name)) return named;
    const number = Number(worker);
    return this.engines.find((engine) => engine.worker === number);
  }

  #takeTargets(count: number): number {
    const free = this.#freeTargets.get(count)?.pop();
    if (free !== undefined) return free;
    this.#targets += count;
    return this.#targets - count;
  }

  #forgetLongestAway(): void {
    for (const gone of this.#away) {
      if (this.#away.size <= this.#mostAway) return;
      this.#away.delete(gone);
      this.#freeTargets.set(gone.dpSize, [
        ...(this.#freeTargets.get(gone.dpSize) ?? []),
        gone.target,
      ]);
      // One that came back with other ranks is known on, with the number that it had.
      if (this.#known.get(gone.name) !== gone) continue;
      this.#known.delete(gone.name);
      this.#workers.give(gone.worker);
    }
  }
}

import { assertDefined } from '#core/base/assert.ts';
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

/**
 * The engines that are there, by name, by number and by target. A name keeps its number and its
 * targets while it is away, as long as it comes back with as many ranks.
 */
export class EngineRoster {
  readonly #present = new Map<string, EngineEndpoint>();
  /** Every engine that was ever there, as it was last. */
  readonly #ever = new Map<string, EngineEndpoint>();
  readonly #ofTarget: (EngineEndpoint | undefined)[] = [];
  #targets = 0;

  /** The engines that are there, in the order in which they came first. */
  get engines(): readonly EngineEndpoint[] {
    return [...this.#ever.values()].filter(({ name }) => this.#present.has(name));
  }

  has(name: string): boolean {
    return this.#present.has(name);
  }

  /** Gives the engine its number and its targets. */
  join(engine: JoiningEngine): EngineEndpoint {
    const before = this.#ever.get(engine.name);
    const keeps = before?.dpSize === engine.dpSize;
    const target = keeps ? before.target : this.#targets;
    if (!keeps) this.#targets += engine.dpSize;
    const endpoint = { ...engine, worker: before?.worker ?? this.#ever.size, target };
    this.#ever.set(engine.name, endpoint);
    this.#present.set(engine.name, endpoint);
    for (let rank = 0; rank < engine.dpSize; rank++) this.#ofTarget[target + rank] = endpoint;
    return endpoint;
  }

  /** The engine that leaves, as it was; undefined where none of that name is there. */
  leave(name: string): EngineEndpoint | undefined {
    const endpoint = this.#present.get(name);
    this.#present.delete(name);
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
}

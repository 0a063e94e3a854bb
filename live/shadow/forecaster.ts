import { NS_PER_HOUR, type Ns } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { type EngineModel, openEngineModel, ShadowWorker, Task } from '#sim/public.ts';
import { LengthGuess } from './length-guess.ts';
import type { EndedFact, Forecast, Hindsight, SentFact } from './shadow-facts.ts';

/** A request that an engine has. */
interface Underway {
  readonly worker: ShadowWorker;
  readonly fact: SentFact;
}

/**
 * The engines once more, as workers of the tunnel that are told what the engines are sent and what has
 * ended there; what they say will become of a request is its forecast.
 */
export class Forecaster {
  readonly #model: EngineModel;
  /** By engine, with when something was sent there last. */
  readonly #workers = new Map<string, { readonly worker: ShadowWorker; usedNs: Ns }>();
  readonly #underway = new Map<number, Underway>();
  readonly #guess = new LengthGuess();

  /** `config`: the run of the shadow; its `engine` section says what each engine is. */
  constructor(config: ResolvedConfig) {
    this.#model = openEngineModel(config);
  }

  /** Requests that have not ended. */
  get requests(): number {
    return this.#underway.size;
  }

  /** What was sent as a request that has not ended. */
  sentAs(id: number): SentFact | undefined {
    return this.#underway.get(id)?.fact;
  }

  /** Engines that something was sent to lately. */
  get engines(): number {
    return this.#workers.size;
  }

  /** A request was sent; what will become of it. Facts come in the order of time. */
  sent(fact: SentFact): Forecast | undefined {
    const { id, inputTokens, hashes, knownBlocks, task, priority, atNs } = fact;
    const worker = this.#workerOf(fact.engine, atNs);
    this.#underway.set(id, { worker, fact });
    const outputTokens = this.#guess.of(fact.outputHint, fact.mostOutputTokens);
    const mostOutputTokens = fact.mostOutputTokens || Number.POSITIVE_INFINITY;
    // An engine that joined later may have more ranks than those that the model was made for.
    const rank = fact.rank % worker.ranks;
    const lengths = { inputTokens, outputTokens, mostOutputTokens };
    worker.submit(id, { rank, ...lengths, hashes, knownBlocks, task, priority }, atNs);
    if (!fact.wantsForecast || task !== Task.generate) return undefined;
    const outlook = worker.outlook(true);
    if (outlook === undefined) return undefined;
    const beforeNs = fact.queuedNs + this.#model.frontendNs - atNs;
    return { id, ttftNs: outlook.firstTokenNs + beforeNs, e2eNs: outlook.lastTokenNs + beforeNs };
  }

  /** A request has ended; where its answer is whole, what the model makes of it in hindsight. */
  ended({ id, atNs, generated, isWhole }: EndedFact): Hindsight | undefined {
    const underway = this.#underway.get(id);
    if (underway === undefined) return undefined;
    this.#underway.delete(id);
    const { worker, fact } = underway;
    const reachedNs = worker.end(id, generated, atNs);
    if (!isWhole || generated === 0) return undefined;
    this.#guess.learn(fact.mostOutputTokens, generated);
    if (reachedNs === undefined) return undefined;
    const arrivedNs = fact.atNs - fact.queuedNs;
    return { e2eNs: reachedNs + this.#model.frontendNs - arrivedNs, cameNs: atNs - arrivedNs };
  }

  #workerOf(engine: string, atNs: Ns): ShadowWorker {
    const known = this.#workers.get(engine);
    if (known !== undefined) {
      known.usedNs = atNs;
      return known.worker;
    }
    this.#dismissIdle(atNs);
    const worker = new ShadowWorker(this.#model);
    this.#workers.set(engine, { worker, usedNs: atNs });
    return worker;
  }

  /** Engines that are replaced have other names: those that nothing was sent to for long are forgotten. */
  #dismissIdle(nowNs: Ns): void {
    for (const [name, { worker, usedNs }] of this.#workers) {
      if (worker.requests === 0 && nowNs - usedNs > NS_PER_HOUR) this.#workers.delete(name);
    }
  }
}

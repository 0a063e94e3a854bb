import type { ResolvedConfig } from '#core/config/schema.ts';
import { type EngineModel, openEngineModel, ShadowWorker, Task } from '#sim/public.ts';
import { LengthGuess } from './length-guess.ts';
import type { EndedFact, Forecast, SentFact, ShadowFact } from './shadow-facts.ts';

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
  readonly #workers = new Map<string, ShadowWorker>();
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

  /** Takes the next fact, in the order of time; a request that was sent may have a forecast. */
  take(fact: ShadowFact): Forecast | undefined {
    if (fact.kind === 'sent') return this.#sent(fact);
    this.#ended(fact);
    return undefined;
  }

  /** What was sent as a request that has not ended. */
  sentAs(id: number): SentFact | undefined {
    return this.#underway.get(id)?.fact;
  }

  #sent(fact: SentFact): Forecast | undefined {
    const { id, rank, inputTokens, hashes, knownBlocks, task, priority, atNs } = fact;
    const worker = this.#workerOf(fact.engine);
    this.#underway.set(id, { worker, fact });
    const outputTokens = this.#guess.of(fact.outputHint, fact.mostOutputTokens);
    const mostOutputTokens = fact.mostOutputTokens || Number.POSITIVE_INFINITY;
    const lengths = { inputTokens, outputTokens, mostOutputTokens };
    worker.submit(id, { rank, ...lengths, hashes, knownBlocks, task, priority }, atNs);
    if (!fact.wantsForecast || task !== Task.generate) return undefined;
    const outlook = worker.outlook(true);
    if (outlook === undefined) return undefined;
    const beforeNs = fact.queuedNs + this.#model.frontendNs - atNs;
    return { id, ttftNs: outlook.firstTokenNs + beforeNs, e2eNs: outlook.lastTokenNs + beforeNs };
  }

  #ended({ id, atNs, generated, isWhole }: EndedFact): void {
    const underway = this.#underway.get(id);
    if (underway === undefined) return;
    this.#underway.delete(id);
    underway.worker.end(id, atNs);
    if (isWhole && generated > 0) this.#guess.learn(underway.fact.mostOutputTokens, generated);
  }

  #workerOf(engine: string): ShadowWorker {
    const known = this.#workers.get(engine);
    if (known !== undefined) return known;
    const worker = new ShadowWorker(this.#model);
    this.#workers.set(engine, worker);
    return worker;
  }
}

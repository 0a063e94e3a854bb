import type { Dispatcher, EngineEndpoint, Placement, RouteAsk } from '#live/routing/route-ask.ts';
import { RouteRefused } from '#live/routing/route-ask.ts';

/** What a placement has been told. */
export interface PlacementTale {
  readonly engine: string;
  readonly leg: Placement['leg'];
  firstTokens: number;
  progress: number;
  ended: number;
}

/** A dispatcher that takes engines in turn, and counts what placements are told. */
export class CountingDispatcher implements Dispatcher {
  readonly asks: RouteAsk[] = [];
  readonly tales: PlacementTale[] = [];
  readonly #engines: readonly EngineEndpoint[];
  #turn = 0;

  constructor(engines: readonly EngineEndpoint[]) {
    this.#engines = engines;
  }

  /** Placements that have not ended. */
  get open(): number {
    return this.tales.filter(({ ended }) => ended === 0).length;
  }

  /** Placements that were told more than once that they have ended. */
  get endedTwice(): number {
    return this.tales.filter(({ ended }) => ended > 1).length;
  }

  async route(ask: RouteAsk, signal: AbortSignal): Promise<Placement> {
    this.asks.push(ask);
    signal.throwIfAborted();
    const isDisaggregated = this.#engines.some(({ role }) => role === 'prefill');
    return this.#place(
      ask,
      isDisaggregated ? 'prefill' : 'aggregated',
      isDisaggregated ? 'prefill' : 'whole',
    );
  }

  #place(ask: RouteAsk, role: EngineEndpoint['role'], leg: Placement['leg']): Placement {
    const { allowedWorkers, excludedWorkers = [] } = ask;
    const isAble = (engine: EngineEndpoint): boolean =>
      engine.role === role &&
      !excludedWorkers.includes(engine.name) &&
      (allowedWorkers?.includes(engine.name) ?? true);
    const inTurn = [...this.#engines.slice(this.#turn), ...this.#engines.slice(0, this.#turn)];
    const engine = inTurn.find(isAble);
    if (engine !== undefined) this.#turn = this.#engines.indexOf(engine) + 1;
    if (engine === undefined)
      throw new RouteRefused('no_endpoints', 503, 'no engine can take the request');
    const tale: PlacementTale = { engine: engine.name, leg, firstTokens: 0, progress: 0, ended: 0 };
    this.tales.push(tale);
    return {
      engine,
      rank: 0,
      overlapBlocks: 0,
      queuedNs: 0,
      leg,
      firstToken: () => void tale.firstTokens++,
      progress: (tokens) => {
        tale.progress = tokens;
      },
      ended: () => void tale.ended++,
      handOver: async () => this.#place(ask, 'decode', 'decode'),
      fallBack: async () => this.#place(ask, 'decode', 'whole'),
    };
  }
}

import { assertDefined } from '#core/base/assert.ts';
import { REMOTE_PREFILL, ROUTED } from '#core/router/decisions.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RouteOverrides } from '#core/router/route-terms.ts';
import type { Clock } from '../clock.ts';
import { awaitDecision, type FoundDecision } from './await-decision.ts';
import type { EngineRoster, JoiningEngine } from './engine-roster.ts';
import { fillQuery } from './fill-query.ts';
import type { Journey } from './journey.ts';
import type { JourneyTable } from './journey-table.ts';
import type { LiveBlocks } from './live-blocks.ts';
import { type LegContext, type LegWitness, LivePlacement } from './live-placement.ts';
import type { PlacementWatch } from './placement-watch.ts';
import { refusalOf } from './refusal.ts';
import type { Dispatcher, EngineEndpoint, Placement, RouteAsk } from './route-ask.ts';
import { RouteCounts } from './route-counts.ts';
import type { RouterPool } from './router-pool.ts';

/** What is known of an engine besides where it is. */
export type EngineTraits = Omit<TargetAttributes, 'worker' | 'rank'>;

/** A leg that an engine was found for; its request is booked in the pool's router. */
export interface BegunLeg {
  readonly engine: EngineEndpoint;
  readonly rank: number;
  readonly journey: Journey;
  readonly pool: RouterPool;
}

/** The parts of a live router, see `open-live-router.ts`. */
export interface LiveRouterParts {
  /** One pool of engines that serve whole requests, or one that prefills and one that decodes. */
  readonly pools: readonly RouterPool[];
  readonly roster: EngineRoster;
  readonly blocks: LiveBlocks;
  readonly journeys: JourneyTable;
  readonly clock: Clock;
  readonly keepsJournal: boolean;
  /** Looks on while requests are sent. */
  readonly watch?: PlacementWatch;
}

/** The prompt is on the decode worker already: it is no prefill, and its blocks are the request's own. */
const HANDED_OVER: RouteOverrides = { trackPrefillTokens: false, assumeKvReuse: false };
/** The decode worker computes the prompt after all. */
const COMPUTED_HERE: RouteOverrides = {
  overlapScoreCredit: 1,
  trackPrefillTokens: true,
  assumeKvReuse: true,
};

/** Nothing is known of what a prompt would meet in the prefill pool, and it is not asked. */
const NO_OUTLOOK = {
  mayBypass: 0,
  prefillTokens: -1,
  prefillRequests: -1,
  prefillCachedTokens: -1,
  prefillRejected: 0,
};

/** How one leg of a request is asked for. */
interface LegAsk {
  readonly leg: Placement['leg'];
  readonly overrides?: RouteOverrides;
}

/**
 * Finds engines for requests by `core/router`, and tells it what becomes of them. Nothing is decided
 * here: a request becomes a fact, the decision that follows from it a placement.
 */
export class LiveRouter implements Dispatcher {
  /** Who is told what engines hold. */
  readonly blocks: LiveBlocks;
  readonly roster: EngineRoster;
  readonly pools: readonly RouterPool[];
  readonly journeys: JourneyTable;
  readonly counts = new RouteCounts();
  /** Who wants to know where legs begin, and what becomes of them. */
  onLeg: ((leg: BegunLeg) => LegWitness | undefined) | undefined;
  readonly #parts: LiveRouterParts;

  constructor(parts: LiveRouterParts) {
    this.#parts = parts;
    this.blocks = parts.blocks;
    this.roster = parts.roster;
    this.pools = parts.pools;
    this.journeys = parts.journeys;
    parts.blocks.serve(parts.pools);
  }

  async route(ask: RouteAsk, signal: AbortSignal): Promise<Placement> {
    signal.throwIfAborted();
    const journey = this.journeys.open(ask);
    try {
      const { prefill, decode } = this.#disaggregated ?? {};
      if (prefill === undefined || decode === undefined) {
        const [pool] = this.pools;
        return await this.#askFor(journey, pool!, { leg: 'whole' }, signal);
      }
      if (decode.options.disaggregation !== undefined) {
        const bypass = await this.#askWherePrefilled(journey, prefill, decode, signal);
        if (bypass !== undefined) return bypass;
      }
      return await this.#askFor(journey, prefill, { leg: 'prefill' }, signal);
    } finally {
      journey.release();
    }
  }

  /** An engine joins; one of that name must not be there. */
  addEngine(engine: JoiningEngine, traits: EngineTraits = {}): EngineEndpoint {
    const endpoint = this.roster.join(engine);
    const pool = this.#poolOf(endpoint);
    for (let rank = 0; rank < endpoint.dpSize; rank++) {
      const target = endpoint.target + rank;
      pool.tell((router, nowNs) => {
        router.describeTarget(target, { worker: endpoint.worker, rank, ...traits }, nowNs);
        router.addTarget(target, nowNs);
      });
    }
    return endpoint;
  }

  /** An engine is gone with all that it holds; what it still serves is no load any more. */
  removeEngine(name: string): void {
    const endpoint = this.roster.leave(name);
    if (endpoint === undefined) return;
    const pool = this.#poolOf(endpoint);
    for (let rank = 0; rank < endpoint.dpSize; rank++) {
      const target = endpoint.target + rank;
      this.blocks.forget(target);
      pool.tell((router, nowNs) => router.removeTarget(target, nowNs));
    }
  }

  /** Whether requests may be sent to an engine, as `source` says. */
  setAvailable(engine: EngineEndpoint, available: boolean, source: string): void {
    for (let rank = 0; rank < engine.dpSize; rank++) {
      this.blocks.setAvailable(engine.target + rank, available, source);
    }
  }

  /** Requests that were sent to an engine that is there and have not ended, on all of its ranks. */
  activeRequests(engine: EngineEndpoint): number {
    const { activeRequests } = this.#poolOf(engine).router.sequences;
    const ranks = Array.from({ length: engine.dpSize }, (_, rank) => engine.target + rank);
    return ranks.reduce((sum, target) => sum + activeRequests[target]!, 0);
  }

  /** A rank tells of its load, −1 for what it does not say; see `Router.loadReported`. */
  loadReported(target: number, prefillTokens: number, decodeBlocks: number, used: number): void {
    const engine = this.roster.presentOf(target);
    if (engine === undefined) return;
    this.#poolOf(engine).tell((router, nowNs) =>
      router.loadReported(target, prefillTokens, decodeBlocks, used, nowNs),
    );
  }

  /** Nothing wakes the routers any more. */
  stop(): void {
    for (const pool of this.pools) pool.stop();
  }

  /** Where prompts are computed apart from answers, and by whom. */
  get #disaggregated(): { readonly prefill: RouterPool; readonly decode: RouterPool } | undefined {
    const [prefill, decode] = this.pools;
    return prefill && decode && { prefill, decode };
  }

  #poolOf({ role }: EngineEndpoint): RouterPool {
    return assertDefined(
      this.pools.find((pool) => pool.role === role),
      `there is a pool of role ${role}`,
    );
  }

  /** The decode engine that computes the prompt too; undefined = the prefill pool is to. */
  async #askWherePrefilled(
    journey: Journey,
    prefill: RouterPool,
    decode: RouterPool,
    signal: AbortSignal,
  ): Promise<Placement | undefined> {
    const { query } = journey;
    fillQuery(journey, prefill, this.roster, {});
    prefill.look(query);
    query.mayBypass = 1;
    try {
      const found = await this.#decisionOf(journey, decode, {}, signal);
      if (found.decision.outcome === REMOTE_PREFILL) return undefined;
      return this.#placed(journey, decode, found, 'whole');
    } finally {
      Object.assign(query, NO_OUTLOOK);
    }
  }

  async #askFor(
    journey: Journey,
    pool: RouterPool,
    { leg, overrides = {} }: LegAsk,
    signal: AbortSignal,
  ): Promise<Placement> {
    const found = await this.#decisionOf(journey, pool, overrides, signal);
    return this.#placed(journey, pool, found, leg);
  }

  /** What the router of the pool decides; its books are free again where this throws. */
  #decisionOf(
    journey: Journey,
    pool: RouterPool,
    overrides: RouteOverrides,
    signal: AbortSignal,
  ): Promise<FoundDecision> {
    signal.throwIfAborted();
    fillQuery(journey, pool, this.roster, overrides);
    return awaitDecision(journey, pool, { clock: this.#parts.clock, counts: this.counts }, signal);
  }

  #placed(
    journey: Journey,
    pool: RouterPool,
    found: FoundDecision,
    leg: Placement['leg'],
  ): Placement {
    const { decision, queuedNs } = found;
    const { outcome, target, overlapBlocks } = decision;
    if (outcome !== ROUTED) {
      journey.booked.delete(pool);
      this.counts.refused(outcome);
      throw refusalOf(outcome, pool.lastRejection);
    }
    this.counts.routed(journey.query, decision);
    const engine = this.roster.ofTarget(target);
    const how = { overlapBlocks, queuedNs };
    const rank = target - engine.target;
    const { clock, watch } = this.#parts;
    const sent = { ask: journey.ask, engine, rank, ...how, atNs: clock.nowNs() };
    const context = {
      ...this.#contextOf(journey, pool),
      watch: watch?.sent(sent),
      witness: this.onLeg?.({ engine, rank, journey, pool }),
    };
    return new LivePlacement(engine, target, leg, how, context);
  }

  #contextOf(journey: Journey, pool: RouterPool): Omit<LegContext, 'watch' | 'witness'> {
    const decode = this.#disaggregated?.decode;
    const asks = decode?.options.disaggregation !== undefined;
    return {
      journey,
      pool,
      learner: asks ? decode : undefined,
      keepsJournal: this.#parts.keepsJournal,
      handOver: (one, signal) =>
        this.#askFor(
          one,
          decode!,
          { leg: 'decode', ...(asks && { overrides: HANDED_OVER }) },
          signal,
        ),
      fallBack: (one, signal) =>
        this.#askFor(
          one,
          decode!,
          { leg: 'whole', ...(!asks && { overrides: COMPUTED_HERE }) },
          signal,
        ),
    };
  }
}
